"""The demonstration market: synthetic firms that list, clear and confirm."""
