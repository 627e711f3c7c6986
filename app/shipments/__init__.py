"""Trucks: vehicles, gate slots, consignment notes, weighbridge tickets, discrepancies."""
