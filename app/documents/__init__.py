"""Documents written from what happened: contracts, the ledger forms of 2021, the evidence file."""
