"""Gufei (固废通): the exchange for industrial solid waste, one folder per feature."""
