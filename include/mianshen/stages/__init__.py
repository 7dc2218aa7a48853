"""A batch's life, one module a stage."""
