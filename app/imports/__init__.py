"""Tables that firms send in: offers, requirements and weighbridge tickets, row by row."""
