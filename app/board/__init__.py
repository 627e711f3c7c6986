"""The first pages: what the public sees of the market, and what waits for a firm's people."""
