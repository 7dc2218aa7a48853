"""The portrait report of every shipped county before anything came: it says what it has not, and reads as a page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from lxml import html as lxml_html
from tests.ledgers import new_ledger

from mianshen.cli.init import prepare
from mianshen.core.days import ZONE, Month
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.stages import report
from mianshen.stages.frame import Job, make_job

AS_OF = datetime(2026, 11, 5, 17, tzinfo=ZONE)
PACKS = ("510118_xinjin", "360702_zhanggong", "320902_tinghu", "420281_daye", "360981_fengcheng")


def job_of(root: Path, pack: str) -> Job:
    """The county's October in a home where nothing came so far."""
    home = Home(root / "home")
    home.make()
    new_ledger(home.ledger_url)
    prepare(home, packs=(pack,), go_live=None)
    return make_job(pack, month=Month(2026, 10), as_of=AS_OF, home=home, entropy=bytes)


@pytest.mark.parametrize("pack", PACKS)
def test_a_county_without_data_says_what_it_has_not(tmp_path: Path, pack: str) -> None:
    job = job_of(tmp_path, pack)
    done = report.run(job)
    page = lxml_html.fromstring(report.read_report(job).decode())
    text = page.text_content()
    assert job.pack.county_name_zh in text and "2026年10月" in text and done.run_id and done.run_id in text
    assert ("示例标准" in text) is job.pack.plan.is_illustrative
    assert "没有就医结算数据" in text and "还没有收到数据" in text
    assert ("当月还没有核算" in text) is job.pack.pays_relief
    assert page.xpath("//table[@data-table='categories']") == [] and done.counts["hidden"] == 0


def test_a_report_that_was_not_made_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(MianshenError, match="HOME_MISSING"):
        report.read_report(job_of(tmp_path, PACKS[0]))
