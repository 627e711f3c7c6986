"""Trades: from a clearing's proposal to the word of both sides."""
