"""The gap to the target: its curve of support, what would narrow it, and trying that out."""
