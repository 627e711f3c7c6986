"""Spreadsheets in: offers, requirements and tickets, row by row checked."""
