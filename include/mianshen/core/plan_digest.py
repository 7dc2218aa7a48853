"""The digest of a Plan: what it says, whatever the day for which it was taken and the pages from which it came."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.plan import Plan


def plan_digest(plan: Plan) -> str:
    """SHA-256 of the Plan's values; equal for Plans that give every claim the same, though pages beside them were edited."""
    said = asdict(replace(plan, in_force_on=date.min, policy_hash=""))
    return sha256_hex(canonical_json(json.loads(json.dumps(said, default=str))))
