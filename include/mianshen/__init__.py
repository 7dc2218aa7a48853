"""mianshen (免申): medical relief paid to families who never have to ask for it. See docs/explanation/house.md."""
