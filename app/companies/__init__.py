"""Firms and their sites: applying, being approved, standing somewhere."""
