"""Bank returns: read from text, fixed width, sheets and pain.002, and judged against the batch that was sent."""
