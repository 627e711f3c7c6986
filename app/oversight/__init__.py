"""The regulator's desk."""
