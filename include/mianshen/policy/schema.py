"""The JSON schema of every policy page, made from the shapes that the loader reads with."""

from __future__ import annotations

from typing import Any

from mianshen.policy import (
    layout,
    layout_bank,
    layout_benefits,
    layout_eligibility,
    layout_examples,
    layout_experts,
    layout_extracts,
    layout_files,
    layout_forms,
    layout_grids,
    layout_means,
    layout_messages,
    layout_portrait,
    layout_process,
    layout_recovery,
    layout_release,
    layout_returns,
    layout_staffing,
)
from mianshen.policy.shapes import Record

PAGES: dict[str, Record] = {
    "policy": layout.POLICY,
    "tier": layout_benefits.TIER,
    "categories": layout.CATEGORIES,
    "departments": layout.DEPARTMENTS,
    "lists": layout.LISTS,
    "routing": layout.ROUTING,
    "funds": layout.FUNDS,
    "time_limits": layout.TIME_LIMITS,
    "contract": layout_files.CONTRACT,
    "bank": layout_bank.BANK,
    "returns": layout_returns.RETURNS,
    "process": layout_process.PROCESSES,
    "recovery": layout_recovery.RECOVERY,
    "means": layout_means.MEANS,
    "experts": layout_experts.EXPERTS,
    "staffing": layout_staffing.STAFFING,
    "grids": layout_grids.GRIDS,
    "forms": layout_forms.FORMS,
    "messages": layout_messages.MESSAGES,
    "overlay": layout.OVERLAY,
    "workdays": layout_files.WORKDAYS,
    "rechecks": layout_process.RECHECKS,
    "reviews": layout_files.REVIEWS,
    "supervision": layout_files.SUPERVISION,
    "radar": layout_files.RADAR,
    "extracts": layout_extracts.EXTRACTS,
    "release": layout_release.RELEASE,
    "county_release": layout_release.COUNTY_RELEASE,
    "portrait": layout_portrait.PORTRAIT,
    "examples": layout_examples.EXAMPLES,
    "eligibility": layout_eligibility.ELIGIBILITY,
    "eligibility_examples": layout_eligibility.ELIGIBILITY_EXAMPLES,
}
"""Every kind of page by name."""


def schema_of_pages() -> dict[str, Any]:
    """JSON schema of every kind of page, under $defs."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mianshen policy pages",
        "$defs": {name: record.schema() for name, record in PAGES.items()},
    }
