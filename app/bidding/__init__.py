"""Call rounds with sealed bids, and direct offers with counter-offers."""
