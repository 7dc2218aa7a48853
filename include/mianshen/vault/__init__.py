"""Keys, custody of landed bytes, and the register that knows which person stands behind a person_key."""
