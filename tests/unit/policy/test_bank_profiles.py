"""Bank profiles: what does not fit together is refused with file and line, before a payment is written by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mianshen.core.bank import BankForm
from mianshen.core.errors import MianshenError
from mianshen.policy.packs import POLICIES, load_bank_profile

FOLDER = POLICIES / "national" / "bank"


def test_every_form_has_a_page_and_every_page_says_that_no_bank_published_it() -> None:
    pages = [load_bank_profile(path.stem) for path in sorted(FOLDER.glob("*.yaml"))]
    assert {one.form for one in pages} == set(BankForm)
    assert [one.code for one in pages] == [path.stem for path in sorted(FOLDER.glob("*.yaml"))]
    assert all(one.is_illustrative for one in pages)


@pytest.mark.parametrize(
    ("page", "old", "new", "said"),
    [
        ("fixed_gbk", "encoding: gbk", "encoding: latin-1", "写不出汉字"),
        ("fixed_gbk", "{field: name, width: 20}", "{field: name}", "width"),
        ("fixed_gbk", "{field: name, width: 20}", "{field: name, width: 0}", "width"),
        ("fixed_gbk", "{field: account, width: 22}", "{field: account, width: 22, align: right, pad: '0'}", "补 0"),
        ("fixed_gbk", "{field: account, width: 22}", "{field: month, width: 22}", "缺少 account"),
        ("fixed_gbk", "table: bank_mark", "table: no_table", "tables"),
        ("fixed_gbk", "of: account", "of: always", "数据栏"),
        ("fixed_gbk", "'{count}', '{amount}'", "'{kount}', '{amount}'", "{kount}"),
        ("fixed_gbk", "head: [H, '{batch}'", "head: [H, '{digest}'", "{digest}"),
        ("fixed_gbk", "most_lines: 20000", "most_lines: 0", "most_lines"),
        ("fixed_gbk", "form: fixed", "form: fixt", "fixt"),
        ("generic_csv", "{field: name, heading: 收款户名}", "{field: name}", "heading"),
        ("yikatong_xlsx", "text: 医疗救助", "width: 9", "text"),
        ("yikatong_xlsx", "encoding: utf-8", "encoding: gbk", "utf-8"),
        ("yikatong_xlsx", "'{count}笔'", "'{digest}'", "{digest}"),
        ("pain001", "most_lines: 100000", "has_header: true", "pain001"),
        ("pain001", "payer:", "head: [H]\npayer:", "head"),
    ],
)
def test_a_page_that_does_not_fit_together_is_refused_at_its_line(
    tmp_path: Path, page: str, old: str, new: str, said: str
) -> None:
    text = (FOLDER / f"{page}.yaml").read_text("utf-8")
    assert text.count(old) >= 1
    target = tmp_path / "national" / "bank" / f"{page}.yaml"
    target.parent.mkdir(parents=True)
    target.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(MianshenError) as refusal:
        load_bank_profile(page, root=tmp_path)
    assert refusal.value.code == "POLICY_DAMAGED"
    assert f"national/bank/{page}.yaml:" in refusal.value.message()
    assert said in refusal.value.message()


def test_pain001_must_say_who_pays(tmp_path: Path) -> None:
    text = (FOLDER / "pain001.yaml").read_text("utf-8")
    start, end = text.index("payer:"), text.index("source:")
    target = tmp_path / "national" / "bank" / "pain001.yaml"
    target.parent.mkdir(parents=True)
    target.write_text(text[:start] + text[end:], "utf-8")
    with pytest.raises(MianshenError, match="payer"):
        load_bank_profile("pain001", root=tmp_path)


def test_the_longest_beginning_decides_the_banks_code() -> None:
    columns = [one for one in load_bank_profile("fixed_gbk").columns if one.table is not None]
    (table,) = [one.table for one in columns if one.table is not None]
    longer = type(table)(table.of, {"62": "2", **table.by_prefix}, "0")
    assert [longer.code_of(one) for one in ("6228480", "6299", "9")] == ["1", "2", "0"]
