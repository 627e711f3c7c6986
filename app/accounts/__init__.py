"""People: accounts, sign-in, roles within a company."""
