"""What laboratories found in a lot, and how far it may be relied on."""
