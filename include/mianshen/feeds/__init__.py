"""Departments' files: recognised by contract, read without guessing, judged by Great Expectations."""
