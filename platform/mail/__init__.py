"""One ledger for every message: what is written once, and what became of it for each address."""
