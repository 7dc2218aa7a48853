"""Forms of a pack: every form has its wording, a county's own page stands in its place, words nobody fills in are refused."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.forms import FIELDS, FormCode
from mianshen.policy.packs import POLICIES, load_pack

ON = date(2026, 11, 3)
OWN = """forms:
  - code: paid
    name_zh: 到账通知
    name_en: Paid
    paragraphs: ["{county}付了{amount}元"]
    source: example
    article: 附则
    status: illustrative
"""


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    root = tmp_path / "policies"
    for name in ("_example", "national"):
        shutil.copytree(POLICIES / name, root / name)
    return root


def test_every_form_has_a_wording_and_every_sentence_can_be_filled_in() -> None:
    forms = load_pack("_example", on=ON).forms
    assert [one.code for one in forms] == list(FormCode)
    for form in forms:
        words = dict.fromkeys(FIELDS[form.code], "词")
        assert all("{" not in said.format_map(words) for said in (*form.paragraphs, *form.remedies))


def test_a_refusal_always_says_what_can_be_done() -> None:
    remedies = "".join(load_pack("_example", on=ON).form(FormCode.REFUSED).remedies)
    assert "复核" in remedies and "行政复议" in remedies


def test_a_countys_own_form_stands_in_the_national_ones_place_and_moves_no_policy_hash(policies: Path) -> None:
    before = load_pack("_example", on=ON, root=policies)
    (policies / "_example" / "forms.yaml").write_text(OWN, encoding="utf-8")
    after = load_pack("_example", on=ON, root=policies)
    assert after.form(FormCode.PAID).name_zh == "到账通知"
    assert after.form(FormCode.REFUSED) == before.form(FormCode.REFUSED)
    assert after.plan.policy_hash == before.plan.policy_hash, "wording never changes an amount"


@pytest.mark.parametrize("said", ["{balance}元", "{amount:>9}元", "{amount元", "{}元", "{amount.real}元"])
def test_a_sentence_that_cannot_be_filled_in_is_refused_with_its_line(policies: Path, said: str) -> None:
    (policies / "_example" / "forms.yaml").write_text(OWN.replace("{amount}元", said), encoding="utf-8")
    with pytest.raises(MianshenError, match=r"_example/forms.yaml:5"):
        load_pack("_example", on=ON, root=policies)
