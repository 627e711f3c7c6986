"""Clearing runs: freeze the book, solve it apart, record proposals and reasons."""
