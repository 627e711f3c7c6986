"""The exact flow of whatever can be divided: solved, proved and split where nothing joins it."""
