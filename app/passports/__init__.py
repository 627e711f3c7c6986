"""The quality passport of an offer: what is known of its material, and where it may go."""
