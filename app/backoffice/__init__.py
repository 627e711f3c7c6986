"""The operator's desk: what a team of three has to do today, in order."""
