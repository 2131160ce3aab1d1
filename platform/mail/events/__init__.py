"""What SES tells afterwards: received, kept as it came, read, and applied to the ledger."""
