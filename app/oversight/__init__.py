"""The regulator's desk: what stands between today and the target, and what would change it."""
