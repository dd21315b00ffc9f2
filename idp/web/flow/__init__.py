"""The pages of a journey: one route, one guard, a page a stage."""
