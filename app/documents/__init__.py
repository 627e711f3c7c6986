"""Documents written from what happened: contracts, the ledger forms of the 2021 guide, evidence."""
