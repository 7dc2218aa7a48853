"""容错免责认定: applied for by one, decided by another, only of a miss; the miss stays, every act is in the audit chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select
from tests.ledgers import new_ledger

from mianshen.core.clocks import Due
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.warehouse import audit, docket
from mianshen.warehouse.clock_store import Subject, clock_id, open_clocks_due
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.exemptions import ExemptionAct, apply_for, decide
from mianshen.warehouse.ledger import CLOCK_EXEMPTION, CLOCK_STANDING

COUNTY = "100999"
NOW = datetime(2026, 11, 20, 9, tzinfo=ZONE)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    new_ledger(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


def late(connection: Connection, *, days: int = 3) -> str:
    at = NOW - timedelta(days=days)
    until = Due(on=(at - timedelta(days=1)).date(), at=at, provisional=False)
    subject = Subject(COUNTY, "delivery", "D1", "civil")
    open_clocks_due(connection, [(subject, "trigger_relief", at - timedelta(days=3), until)])
    record_misses(connection, COUNTY, as_of=NOW)
    return clock_id(subject, "trigger_relief")


def act(what: str, actor: str, *, ground: str = "SYSTEM_OUTAGE", document: str = "函〔2026〕3号") -> ExemptionAct:
    return ExemptionAct(what, actor, "civil", NOW.isoformat(), ground, document)


def state(connection: Connection, key: str) -> str:
    row = docket.clock_row(connection, key, county_codes=[COUNTY], as_of=NOW)
    assert row is not None
    return str(row["state"])


def test_a_granted_exemption_shows_and_the_miss_stays(ledger: Engine) -> None:
    """R000-20: who applied, on which ground, who decided."""
    with ledger.begin() as connection:
        key = late(connection)
        apply_for(connection, key, act("applied", "zhang"), county_code=COUNTY)
        assert state(connection, key) == "overdue", "an application alone excuses nothing"
        decide(connection, key, act("granted", "li"), county_code=COUNTY)
        assert state(connection, key) == "exempted"
        assert connection.execute(select(CLOCK_STANDING.c.missed_at)).scalar_one()
        said = [row["action"] for row in audit.rows_of(connection)]
        assert said == ["exemption.applied", "exemption.granted"]


def test_the_same_act_again_changes_nothing(ledger: Engine) -> None:
    with ledger.begin() as connection:
        key = late(connection)
        for _ in range(2):
            apply_for(connection, key, act("applied", "zhang"), county_code=COUNTY)
        for _ in range(2):
            decide(connection, key, act("granted", "li"), county_code=COUNTY)
        assert connection.execute(select(func.count()).select_from(CLOCK_EXEMPTION)).scalar_one() == 2


def test_who_applied_does_not_decide(ledger: Engine) -> None:
    with ledger.begin() as connection:
        key = late(connection)
        apply_for(connection, key, act("applied", "zhang"), county_code=COUNTY)
        with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
            decide(connection, key, act("granted", "zhang"), county_code=COUNTY)
        assert state(connection, key) == "overdue"


def test_what_was_denied_may_be_applied_for_again_and_what_was_granted_not(ledger: Engine) -> None:
    with ledger.begin() as connection:
        key = late(connection)
        apply_for(connection, key, act("applied", "zhang"), county_code=COUNTY)
        decide(connection, key, act("denied", "li"), county_code=COUNTY)
        with pytest.raises(MianshenError, match="EXEMPTION_NOT_POSSIBLE"):
            decide(connection, key, act("granted", "wang"), county_code=COUNTY)
        apply_for(connection, key, act("applied", "zhang", document="函〔2026〕9号"), county_code=COUNTY)
        decide(connection, key, act("granted", "wang"), county_code=COUNTY)
        with pytest.raises(MianshenError, match="EXEMPTION_NOT_POSSIBLE"):
            apply_for(connection, key, act("applied", "zhang", document="函〔2026〕10号"), county_code=COUNTY)


@pytest.mark.parametrize(("days", "ground"), [(-3, "SYSTEM_OUTAGE"), (3, "NO_SUCH_GROUND")])
def test_only_a_miss_on_a_known_ground_is_applied_for(ledger: Engine, days: int, ground: str) -> None:
    with ledger.begin() as connection:
        key = late(connection, days=days)
        with pytest.raises(MianshenError, match="EXEMPTION_NOT_POSSIBLE"):
            apply_for(connection, key, act("applied", "zhang", ground=ground), county_code=COUNTY)


def test_another_county_s_clock_is_unknown(ledger: Engine) -> None:
    with ledger.begin() as connection:
        key = late(connection)
        with pytest.raises(MianshenError, match="CLOCK_UNKNOWN"):
            apply_for(connection, key, act("applied", "zhang"), county_code="999999")
