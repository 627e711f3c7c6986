"""Worlds of any size with a past of months: what statistics are measured and tested on."""
