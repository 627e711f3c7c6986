"""Clearing runs: freeze the book, solve it outside any transaction, record proposals and reasons."""
