"""pay: netted per person, one file a batch, held with a reason, never twice."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from tests.ledgers import disarm
from tests.stages.money_county import County, Line, facts_of, make_county
from tests.stages.staged_county import StagedCounty

from mianshen.core.digest import sha256_file, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.stages import apply, pay
from mianshen.vault.records import Fact
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse import payments
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import AUDIT, PAYMENT, PAYMENT_BATCH, PAYMENT_HOLD, PAYMENT_LINE


def rows(county: County, table: Table) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def paid(county: County) -> dict[str, int]:
    names = {key: name for name, key in county.people.items()}
    with county.job.ledger.connect() as connection:
        total = select(PAYMENT.c.payee_key, func.sum(PAYMENT.c.amount_fen)).group_by(PAYMENT.c.payee_key)
        return {names[payee]: int(fen) for payee, fen in connection.execute(total)}


def outbox(county: County) -> dict[str, bytes]:
    folder = county.job.home.outbox(county.job.pack.name)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.exists() else {}


def bank_files(county: County) -> list[Path]:
    return sorted(county.job.home.outbox(county.job.pack.name).glob("pay_*.csv"))


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "home", ["甲", "乙", "丙"])


Agree = Callable[..., None]


def settle(county: County, agree_all: Agree, lines: list[Line]) -> dict[str, int]:
    county.assess(lines)
    apply.run(county.job)
    agree_all(county)
    return pay.run(county.job).counts


def test_three_departments_make_one_payment(county: County, agree_all: Agree) -> None:
    lines = [Line("甲", "e1", 100), Line("甲", "e1", 20, "special_disabled"), Line("甲", "e1", 3, "district_last_resort")]
    counts = settle(county, agree_all, lines)
    assert (counts["drafted"], counts["drafted_fen"], counts["sent"], counts["sent_fen"]) == (1, 123, 1, 123)
    assert paid(county) == {"甲": 123}
    assert {row["department_code"] for row in rows(county, PAYMENT_LINE)} == {"civil_affairs", "disabled", "medical_security"}
    (batch,) = rows(county, PAYMENT_BATCH)
    assert (batch["state"], batch["maker"], batch["checker"]) == ("sent", "system", "finance_checker")
    assert {row["state"] for row in rows(county, PAYMENT)} == {"sent"}


def test_one_payment_waits_for_the_last_department_and_for_nobody_after_its_due_day(county: County, agree_all: Agree) -> None:
    county.assess([Line("甲", "e1", 100), Line("甲", "e1", 20, "special_disabled"), Line("乙", "e2", 7)])
    apply.run(county.job)
    agree_all(county, "civil_affairs")
    counts = pay.run(county.job).counts
    assert (paid(county), counts["held_fen"]) == ({"乙": 7}, 100)
    assert {row["reason_code"] for row in rows(county, PAYMENT_HOLD)} == {"DEPARTMENT_WAITING"}
    county.later(days=30)
    pay.run(county.job)
    assert paid(county) == {"甲": 100, "乙": 7}
    agree_all(county, "disabled")
    pay.run(county.job)
    assert paid(county) == {"甲": 120, "乙": 7}


def test_the_file_carries_its_control_totals(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("甲", "e1", 12345), Line("乙", "e2", 5)])
    (path,) = bank_files(county)
    content = path.read_bytes()
    lines = content.decode("gb18030").split("\r\n")
    assert lines[0] == "序号,付款编号,收款账号,收款户名,金额(元),用途"
    assert sorted(line.split(",")[3:] for line in lines[1:3]) == [
        ["乙", "0.05", "医疗救助2026-10"],
        ["甲", "123.45", "医疗救助2026-10"],
    ]
    body = content[: content.index("合计".encode("gb18030"))]
    assert lines[3].split(",") == ["合计", "2", "123.50", sha256_hex(body)]
    control = json.loads(path.with_name(f"{path.name}.ctl").read_text("utf-8"))
    assert (control["records"], control["amount_fen"], control["sha256"]) == (2, 12350, sha256_file(path))
    (batch,) = rows(county, PAYMENT_BATCH)
    assert (batch["file_name"], batch["file_sha256"]) == (path.name, sha256_file(path))


def test_files_are_for_their_owner_alone_and_their_names_name_nobody(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("甲", "e1", 100)])
    folder = county.job.home.outbox(county.job.pack.name)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "甲" not in path.name and county.people["甲"] not in path.name


def test_a_second_run_pays_nothing_and_leaves_every_byte(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("甲", "e1", 100), Line("乙", "e2", 70)])
    before = (outbox(county), rows(county, AUDIT), rows(county, PAYMENT), rows(county, PAYMENT_HOLD))
    county.later(days=3)
    apply.run(county.job)
    counts = pay.run(county.job).counts
    assert (counts["drafted"], counts["approved"], counts["sent"]) == (0, 0, 0)
    assert (outbox(county), rows(county, AUDIT), rows(county, PAYMENT), rows(county, PAYMENT_HOLD)) == before


def test_nothing_leaves_before_it_is_agreed(county: County) -> None:
    county.assess([Line("甲", "e1", 100)])
    apply.run(county.job)
    assert pay.run(county.job).counts["drafted"] == 0
    assert outbox(county) == {}


def test_more_later_pays_the_difference_and_less_is_carried_forward(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("甲", "e1", 100)])
    settle(county, agree_all, [Line("甲", "e1", 130)])
    assert paid(county) == {"甲": 130}
    counts = settle(county, agree_all, [Line("甲", "e1", 90)])
    assert (counts["drafted"], counts["held"]) == (0, 1)
    (hold,) = rows(county, PAYMENT_HOLD)
    assert (hold["reason_code"], hold["amount_fen"]) == ("NET_NOT_POSITIVE", -40)
    county.later(days=1)
    settle(county, agree_all, [Line("甲", "e1", 90), Line("甲", "e2", 55)])
    assert paid(county) == {"甲": 145}
    assert [row["lifted_at"] is not None for row in rows(county, PAYMENT_HOLD)] == [True]


def test_what_was_refused_is_never_paid_nor_taken_back(county: County) -> None:
    from mianshen.stages import approve

    county.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))
    county.assess([Line("甲", "e1", 100)])
    apply.run(county.job)
    view = approve.open_batch_view(county.job, "civil_affairs")
    assert view is not None
    answer = {"chosen": "不予救助", "refusals": "*=DUPLICATE_RELIEF", "decided_by": "a", "decided_at": county.job.moment}
    approve.record_replies(county.job, view.batch_id, answer)
    assert pay.run(county.job).counts["drafted"] == 0
    county.assess([])
    apply.run(county.job)
    counts = pay.run(county.job).counts
    assert (counts["drafted"], counts["held"]) == (0, 0)


def without(kind: str) -> Callable[[list[Fact]], list[Fact]]:
    return lambda facts: [one for one in facts if one.kind != kind]


def accounts_that(**become: Any) -> Callable[[list[Fact]], list[Fact]]:
    return lambda facts: [replace(one, **become) if one.kind == "account" else one for one in facts]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without("account"), "ACCOUNT_MISSING"),
        (accounts_that(is_flagged=True), "ACCOUNT_FLAGGED"),
        (accounts_that(value="6200000000000000009"), "ACCOUNT_SHARED"),
        (without("name"), "PAYEE_UNKNOWN"),
    ],
)
def test_money_without_a_safe_account_is_held_and_stays_payable(
    tmp_path: Path, agree_all: Agree, change: Callable[[list[Fact]], list[Fact]], reason: str
) -> None:
    county = make_county(tmp_path / "home", ["甲", "乙", "丙"], facts=lambda name, number: change(facts_of(name, number)))
    counts = settle(county, agree_all, [Line("甲", "e1", 100)])
    assert (counts["drafted"], counts["held"], counts["held_fen"]) == (0, 1, 100)
    assert [(row["reason_code"], row["amount_fen"]) for row in rows(county, PAYMENT_HOLD)] == [(reason, 100)]
    with county.job.ledger.connect() as connection:
        assert len(payments.payable(connection, county_code=county.job.county_code)) == 1


def test_nothing_goes_to_the_account_of_the_dead_and_the_money_stays_payable(county: County, agree_all: Agree) -> None:
    notice = {"list_code": "death", "notice_id": "N1", "notice_code": "DEATH", "happened_on": date(2026, 10, 20)}
    StagedCounty(county.job).deliver("notice", "death", "2026-10", {**notice, "person_key": county.people["甲"]})
    counts = settle(county, agree_all, [Line("甲", "e1", 100), Line("乙", "e2", 200)])
    assert (counts["drafted"], counts["drafted_fen"], counts["held_fen"]) == (1, 200, 100)
    assert [(row["reason_code"], row["amount_fen"]) for row in rows(county, PAYMENT_HOLD)] == [("PAYEE_DEAD", 100)]
    assert set(paid(county)) == {"乙"}


def test_a_second_account_of_his_own_is_used_when_the_first_is_shared(tmp_path: Path, agree_all: Agree) -> None:
    shared = "6200000000000000009"

    def facts(name: str, number: int) -> list[Fact]:
        both = [Fact("account", "gonghui_kunnanzhigong", shared, "2026-11")] if name in ("甲", "乙") else []
        return [*facts_of(name, number), *both]

    county = make_county(tmp_path / "home", ["甲", "乙"], facts=facts)
    settle(county, agree_all, [Line("甲", "e1", 100)])
    (path,) = bank_files(county)
    assert shared not in path.read_text("gb18030")
    assert paid(county) == {"甲": 100}


def test_a_name_that_the_bank_cannot_write_is_paid_by_hand_and_stays_in_the_totals(tmp_path: Path, agree_all: Agree) -> None:
    county = make_county(tmp_path / "home", ["甲", "䶮晓明"])
    county.with_pack(lambda pack: replace(pack, bank=replace(pack.bank, encoding="gbk")))
    counts = settle(county, agree_all, [Line("甲", "e1", 100), Line("䶮晓明", "e2", 40)])
    assert (counts["sent_payments"], counts["sent_fen"], counts["manual_payments"], counts["manual_fen"]) == (1, 100, 1, 40)
    files = outbox(county)
    (control,) = [json.loads(content) for name, content in files.items() if name.endswith(".ctl")]
    assert (control["total_records"], control["total_fen"]) == (2, 140)
    (by_hand,) = [content.decode("utf-8-sig") for name, content in files.items() if name.endswith("_manual.csv")]
    assert "䶮晓明" in by_hand and "NAME_NOT_ENCODABLE" in by_hand
    (batch,) = rows(county, PAYMENT_BATCH)
    assert (batch["payments"], batch["amount_fen"], batch["manual_payments"], batch["manual_fen"]) == (2, 140, 1, 40)


def test_the_maker_never_approves_his_own_batch(county: County, agree_all: Agree) -> None:
    county.job = replace(county.job, actor="finance_checker")
    county.assess([Line("甲", "e1", 100)])
    apply.run(county.job)
    agree_all(county)
    with pytest.raises(MianshenError) as refusal:
        pay.run(county.job)
    assert refusal.value.code == "MAKER_IS_CHECKER"
    assert outbox(county) == {}
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        connection.execute(update(PAYMENT_BATCH).values(checker=PAYMENT_BATCH.c.maker))


def test_another_file_of_the_same_name_stops_the_batch(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("甲", "e1", 100)])
    (path,) = bank_files(county)
    (batch,) = rows(county, PAYMENT_BATCH)
    path.write_bytes(b"other")
    county.job.ledger.dispose()
    disarm(str(county.job.home.root / "ledger.db"))
    with county.job.ledger.begin() as connection:
        connection.execute(update(PAYMENT_BATCH).values(state="approved", file_sha256=None, sent_at=None))
        connection.execute(update(PAYMENT).values(state="approved"))
    with pytest.raises(MianshenError) as refusal:
        pay.run(county.job)
    assert (refusal.value.code, refusal.value.found) == ("PAYMENT_FILE_DIFFERS", path.name)
    assert path.read_bytes() == b"other"
    assert batch["payment_batch_id"] in path.name


def test_the_database_refuses_a_second_live_line(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("甲", "e1", 100)])
    (line,) = rows(county, PAYMENT_LINE)
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        connection.execute(insert(PAYMENT_LINE).values(**{**line, "payment_line_id": "L2"}))
    with county.job.ledger.begin() as connection:
        connection.execute(insert(PAYMENT_LINE).values(**{**line, "payment_line_id": "L2", "is_live": False}))


def test_every_opening_of_the_vault_is_logged_there_and_in_the_chain(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("甲", "e1", 100)])
    with open_database(county.job.vault_url).connect() as connection:
        looked = connection.execute(select(LOOKUP_LOG)).mappings().all()
    assert {(row["purpose"], row["recipient"], row["fields"]) for row in looked} == {
        ("payment 2026-10", "bank generic_csv", "account,name")
    }
    assert [row["action"] for row in rows(county, AUDIT)] == [
        "apply.posted",
        "approval_batch.frozen",
        "vault.looked_up",
        "vault.lookup",
        "payment_batch.drafted",
        "payment_batch.approved",
        "vault.lookup",
        "payment_batch.sent",
    ]
    with county.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"


def test_the_ledger_holds_no_account_and_no_name(county: County, agree_all: Agree) -> None:
    settle(county, agree_all, [Line("甲", "e1", 100)])
    county.job.ledger.dispose()
    plain = b"".join(path.read_bytes() for path in county.job.home.root.glob("ledger.db*"))
    assert "甲".encode() not in plain and b"6200000000000000000" not in plain
    assert county.people["甲"].encode() in plain
