"""Deliveries: contracts, readers, normalisation, Great Expectations suites."""
