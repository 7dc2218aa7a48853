"""A threshold's table of cases: a fen below it, at it and a fen above it, each an example of its own."""

from __future__ import annotations

from collections.abc import Iterator

from mianshen.core.money import show_yuan
from mianshen.core.plan import EventKind
from mianshen.policy.shapes import Row


def cases_of(table: Row) -> Iterator[Row]:
    """Every line of the table as a row of `examples`: what stood before, the claim with the line's amount, what comes out."""
    claim = table["claim"]
    amount = "borne_yuan" if claim["kind"] == EventKind.CARE else "fee_yuan"
    for case in table["cases"]:
        brought = show_yuan(case["yuan"])
        name = f"{table['name']}:{brought}元，救助{show_yuan(case['relief_yuan'])}元"
        values = {
            "name": name,
            "requirement": table["requirement"],
            "article": table["article"],
            "arithmetic": case["arithmetic"],
            "on": table["on"],
            "overlays": table["overlays"],
            "identities": table["identities"],
            "claims": (*table["before"], Row({**claim, amount: case["yuan"]}, {}, claim.spot)),
            "refused": (),
            "locked": (),
            "expect": _expected(table, case),
        }
        yield Row(values, {}, case.spot)


def _expected(table: Row, case: Row) -> Row:
    """The sum of the named benefit, or of all benefits where none is named."""
    code, fen = table["benefit"], case["relief_yuan"]
    values = {
        "order": None,
        "orders_yuan": None,
        "relief_yuan": None if code else fen,
        "benefits_yuan": {code: fen} if code else None,
        "claims": None,
    }
    return Row(values, {}, case.at("relief_yuan"))
