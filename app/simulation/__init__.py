"""Lazy users driving the real verbs through a frozen clock."""
