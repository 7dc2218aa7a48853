"""The lake, the ledger, and the Plan compiled to SQL."""
