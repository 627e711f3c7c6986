"""Months that are over, made from a plan and written in bulk: deals, trucks, declarations.

The demo market and generated worlds have their past from here. Everything is synthetic.
"""
