"""What requests cost, measured on a server of their own."""
