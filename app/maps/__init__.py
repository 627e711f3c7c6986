"""The map of the figures: its page, the shapes of the counties, and what is drawn on them."""
