"""A threshold's table becomes one example a line, with its own place and sentence; what is missing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.policy.examples import Example, load_examples, run_example

TABLE = """thresholds:
  - name: 困难职工兜底救助，起付线1000元
    article: 第九条
    on: 2026-06-30
    identities: [{category: WORKER, since: 2025-01-01}]
    claim: {id: s2, settled_on: 2026-03-10}
    cases:
      - {yuan: 1000, relief_yuan: 0, arithmetic: 1000 - 1000 = 0}
      - {yuan: "1000.10", relief_yuan: "0.03", arithmetic: 0.10 x 30% = 0.03}
"""


def written(folder: Path, text: str) -> tuple[Example, ...]:
    target = folder / "made" / "tests"
    target.mkdir(parents=True)
    (target / "t.yaml").write_text(text, "utf-8")
    return tuple(
        Example("_example", one.name, one.article, None, one.where, one.row) for one in load_examples("made", root=folder)
    )


def test_each_line_is_an_example_with_its_place_and_amounts(tmp_path: Path) -> None:
    found = written(tmp_path, TABLE)
    assert [one.name.rpartition(":")[2] for one in found] == ["1,000.00元，救助0.00元", "1,000.10元，救助0.03元"]
    assert [one.where.rpartition(":")[2] for one in found] == ["8", "9"]
    assert [run_example(one) for one in found] == [(), ()]


def test_a_line_that_is_wrong_differs_and_shows_its_arithmetic(tmp_path: Path) -> None:
    (_, wrong) = written(tmp_path, TABLE.replace('relief_yuan: "0.03"', 'relief_yuan: "0.04"'))
    (difference,) = run_example(wrong)
    assert "0.04" in difference and difference.endswith("(0.10 x 30% = 0.03)")


def test_what_stood_before_counts_and_one_benefit_is_told(tmp_path: Path) -> None:
    before = "    before: [{id: s1, settled_on: 2026-02-10, borne_yuan: 500}]\n    benefit: last_resort\n    claim:"
    (_, above) = written(tmp_path, TABLE.replace("    claim:", before).replace('"0.03"', '"150.03"'))
    assert run_example(above) == ()


def test_a_page_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MianshenError) as refused:
        written(tmp_path / "one", "{}\n")
    assert refused.value.code == "POLICY_DAMAGED" and "thresholds" in refused.value.found
    with pytest.raises(MianshenError) as unknown:
        written(tmp_path / "other", TABLE.replace("cases:", "case:"))
    assert "cases" in unknown.value.found
