"""Reference data: wastes, counties, targets and published figures, with dates and sources."""
