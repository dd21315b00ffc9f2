"""The flow: which page is due, decided from facts alone. Pure; imports nothing but the standard
library."""
