"""What firms put on the market: offers of waste and requirements for it."""
