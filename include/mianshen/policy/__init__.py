"""The law as data: loads packs and computes one person exactly. Knows no table library."""
