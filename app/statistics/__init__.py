"""Figures of the market by month, county and material, and what of them may be published."""
