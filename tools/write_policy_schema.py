"""Writes include/policies/policy.schema.json from the shapes that the loader reads with; a test compares the two."""

from __future__ import annotations

import json
from pathlib import Path

from mianshen.policy.schema import schema_of_pages

TARGET = Path(__file__).parents[1] / "include" / "policies" / "policy.schema.json"


def main() -> None:
    """Writes the file."""
    TARGET.write_text(json.dumps(schema_of_pages(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(TARGET)


if __name__ == "__main__":
    main()
