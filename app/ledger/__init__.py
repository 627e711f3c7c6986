"""The tonne ledger: every kilogram of every lot, by double entry."""
