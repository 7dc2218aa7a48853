"""Everything that leaves as a file a person opens."""
