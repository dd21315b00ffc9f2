"""The management API under /api/v1: resources in JSON, each route declared once, from which its
checks and its documentation come."""
