"""Keys, the register of persons, custody of landed bytes, redaction."""
