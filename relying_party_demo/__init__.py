"""The Atrezzo portal: a demo relying party. It knows its identity provider through discovery
only."""
