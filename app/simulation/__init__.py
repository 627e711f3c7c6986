"""Lazy users driving the product's real verbs through a clock that is moved by hand."""
