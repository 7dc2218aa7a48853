"""At the window: each planted person is found and told the right thing to the fen; every look is logged before anything opens."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.stages import window_county as planted
from tests.stages.window_county import NAMES, RELIEF_FEN, WHY, Planted, make_planted

from mianshen.core import clocks
from mianshen.core.cases import Happening
from mianshen.core.codes import reason
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.core.window import SEARCHES_AN_HOUR, Answers, Purpose, Sought
from mianshen.stages import handle
from mianshen.stages.disclose import window
from mianshen.stages.disclose.window import ASKED, Why
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import AUDIT, CASE, PAYMENT_LINE, WINDOW_QUERY
from mianshen.warehouse.window_queries import SEARCHED, record_query


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return make_planted(tmp_path_factory.mktemp("window") / "home")


_KNOWN: dict[str, Answers] = {}


def answers(made: Planted, name: str) -> Answers:
    if name not in _KNOWN:
        job = replace(made.county.job, actor="reader")
        _KNOWN[name] = window.open_answers(job, made.people[name], WHY).answers
    return _KNOWN[name]


def codes(found: Answers) -> list[str]:
    return [one.code for one in found.nothing if one.code != "NOT_DELIVERED"]


def test_what_is_this_money_from_the_bill_to_the_account(made: Planted) -> None:
    (paid,) = answers(made, planted.PAID).money
    assert (paid.code, paid.amount_fen) == ("PAID", RELIEF_FEN)
    text = json.dumps(paid.facts, ensure_ascii=False)
    for said in (
        "495.00 元",
        "748.50 元",
        "本局救助",
        "兜底救助",
        "第六条",
        "第九条",
        "虚构县医保局",
        "费用 S01",
        "****0000",
        "1,243.50 元",
    ):
        assert said in text, said
    assert any("990.00 × 50% = 495.00" in one for one in paid.sentences)
    assert any("2,495.00 × 30% = 748.50" in one for one in paid.sentences)
    assert paid.on == made.county.job.as_of.date().replace(day=7).isoformat(), "the day on which it left"


def test_what_the_window_paid_is_subtracted_and_said(made: Planted) -> None:
    (paid,) = answers(made, planted.WINDOW).money
    assert paid.amount_fen == RELIEF_FEN - 10_000
    assert "应得 495.00 元,医院窗口已付 100.00 元,已扣除" in json.dumps(paid.facts, ensure_ascii=False)


WHY_NOT = [
    (planted.BELOW, "BELOW_DEDUCTIBLE"),
    (planted.UNLISTED, "NO_CATEGORY"),
    (planted.ACCIDENT, "ACCIDENT_PENDING"),
    (planted.UNKNOWN, "PAYER_UNKNOWN"),
    (planted.REFUND, "REFUND_STRUCK"),
    (planted.LATE, "IDENTITY_PROVISIONAL"),
    (planted.WAITING, "DEPARTMENT_WAITING"),
    (planted.REFUSED, "INCOME_ABOVE_LINE"),
    (planted.CUT, "PAPERS_WANTED"),
    (planted.BOUNCED, "RETURNED"),
    (planted.NO_CARD, "ACCOUNT_MISSING"),
    (planted.UNENROLLED, "ENROLMENT_UNTRACED"),
]


@pytest.mark.parametrize(("name", "code"), WHY_NOT)
def test_why_nothing_is_answered_with_its_reason_and_remedy(made: Planted, name: str, code: str) -> None:
    found = answers(made, name)
    assert code in codes(found), codes(found)
    one = next(one for one in found.nothing if one.code == code)
    assert one.said_zh.startswith(reason(code).zh) and one.remedy_zh == reason(code).remedy_zh
    assert made.certno(name) not in repr(found) and name not in repr(found), "an answer names nobody"


def test_a_paid_person_is_told_nothing_else_but_what_is_not_here_yet(made: Planted) -> None:
    found = answers(made, planted.PAID)
    assert codes(found) == []
    assert [one.on for one in found.nothing] == ["2026-11-01"], "November's bills have not come"
    assert dict(found.totals)["已到账 paid"] == RELIEF_FEN


def test_below_the_deductible_says_how_much_is_missing(made: Planted) -> None:
    (one,) = [one for one in answers(made, planted.BELOW).nothing if one.code == "BELOW_DEDUCTIBLE"]
    assert any("再多 500.02 元" in said for said in one.sentences), "30 % of two fen above 1,000 round to one"
    assert one.has(50_000) and not one.has(50_001)


def test_on_no_list_says_which_lists_of_the_month_are_here(made: Planted) -> None:
    (one,) = [one for one in answers(made, planted.UNLISTED).nothing if one.code == "NO_CATEGORY"]
    assert dict(one.facts)["2026-10 名单"] == "结算数据已到;名单到 1/2 份,未到:困难职工名单"


def test_who_waits_is_told_for_whom_and_until_when(made: Planted) -> None:
    (one,) = [one for one in answers(made, planted.WAITING).nothing if one.code == "DEPARTMENT_WAITING"]
    assert one.amount_fen == RELIEF_FEN and "虚构县医保局" in one.said_zh
    assert one.due_on and f"{int(one.due_on[8:])}日" in one.said_zh


def test_an_accident_has_the_day_by_which_the_finding_is_due(made: Planted) -> None:
    (one,) = [one for one in answers(made, planted.ACCIDENT).nothing if one.code == "ACCIDENT_PENDING"]
    assert one.due_on > "2026-11-06"


def test_the_hospital_that_advanced_it_is_named_as_payee_and_its_account_is_not_shown(made: Planted) -> None:
    (one,) = answers(made, planted.HOSPITAL).money
    assert (one.code, one.amount_fen) == ("PAID_TO_ANOTHER", RELIEF_FEN)
    assert dict(one.facts)["收款人"] == "垫付医疗机构" and "8888" not in repr(one)


def test_every_payment_is_told_to_the_fen(made: Planted) -> None:
    """What is told of all people adds up to what the ledger paid, and no person is told another's money."""
    with made.county.job.ledger.connect() as connection:
        ledger = sum(connection.execute(select(PAYMENT_LINE.c.amount_fen)).scalars())
    assert ledger == sum(one.amount_fen or 0 for name in NAMES for one in answers(made, name).money)


@pytest.mark.parametrize(
    ("sought", "typed", "expected"),
    [
        (Sought.CERTNO, "{certno}", [planted.PAID]),
        (Sought.NAME, planted.PAID, [planted.PAID]),
        (Sought.NAME, planted.UNLISTED, [planted.UNLISTED]),
        (Sought.NAME, planted.SHARED_NAME, [planted.FIRST, planted.SECOND]),
        (Sought.AMOUNT, "1,143.50", [planted.WINDOW]),
        (Sought.AMOUNT, "1143.51", []),
        (Sought.NAME, "无此人", []),
    ],
)
def test_people_are_found_by_number_name_and_amount(made: Planted, sought: Sought, typed: str, expected: list[str]) -> None:
    job = replace(made.county.job, actor=f"finder {sought} {typed}")
    found = window.search(job, sought, typed.format(certno=made.certno(planted.PAID)), WHY)
    assert sorted(one.person_key for one in found) == sorted(made.people[name] for name in expected)
    assert all("*" in one.name and "********" in one.certno for one in found)


def test_two_of_one_name_are_told_apart_by_number_and_town(made: Planted) -> None:
    job = replace(made.county.job, actor="apart")
    found = window.search(job, Sought.NAME, planted.SHARED_NAME, WHY)
    assert {one.town for one in found} == {"东镇", "西乡"} and len({one.certno for one in found}) == 2
    assert len({one.name for one in found}) == 1


def test_a_stranger_is_told_what_is_here(made: Planted) -> None:
    found = window.nobody(made.county.job)
    assert [one.code for one in found.nothing] == ["PERSON_NOT_FOUND", "NOT_DELIVERED"]
    assert dict(found.months)["2026-10"].startswith("结算数据已到") and dict(found.months)["2026-09"].startswith("结算数据未到")


def test_a_look_is_logged_with_its_purpose_and_what_was_typed_is_not(made: Planted) -> None:
    job = replace(made.county.job, actor="logged")
    why = Why(Purpose.PHONE, "来电问十月的钱")
    window.search(job, Sought.CERTNO, made.certno(planted.BELOW), why)
    window.search(job, Sought.NAME, "无此人", why)
    window.open_answers(job, made.people[planted.BELOW], why, in_full=True)
    window.print_record(job, made.people[planted.BELOW], why)
    with job.ledger.connect() as connection:
        acts = connection.execute(select(WINDOW_QUERY.c.act, WINDOW_QUERY.c.sought).where(WINDOW_QUERY.c.actor == "logged")).all()
        details = (
            connection.execute(select(AUDIT.c.detail).where(AUDIT.c.actor == "logged", AUDIT.c.action == ASKED)).scalars().all()
        )
        assert verify(rows_of(connection)).problem == "ok"
    assert [tuple(one) for one in acts] == [("searched", "certno"), ("searched", "name"), ("named", None), ("printed", None)]
    assert len(details) == 4 and all("来电问十月的钱" in one for one in details)
    with open_database(job.vault_url).connect() as connection:
        looked = connection.execute(
            select(LOOKUP_LOG.c.persons, LOOKUP_LOG.c.purpose).where(LOOKUP_LOG.c.actor == "logged")
        ).all()
    assert [one.persons for one in looked] == [1, 0, 1, 1], "that of nobody too"
    assert all(why.text in one.purpose for one in looked)
    for text in (*details, *(one.purpose for one in looked)):
        assert made.certno(planted.BELOW) not in text and planted.BELOW not in text and "无此人" not in text


def test_the_name_is_shown_in_full_only_when_it_is_asked_for(made: Planted) -> None:
    job = replace(made.county.job, actor="namer")
    masked = window.open_answers(job, made.people[planted.PAID], WHY).found
    full = window.open_answers(job, made.people[planted.PAID], WHY, in_full=True).found
    assert (masked.name, full.name) == ("欧**清", planted.PAID)
    assert full.certno == made.certno(planted.PAID) != masked.certno


@pytest.mark.parametrize(
    ("sought", "typed"), [(Sought.CERTNO, "10099919500101001"), (Sought.NAME, "王"), (Sought.AMOUNT, "12.345")]
)
def test_what_cannot_be_looked_for_is_refused_and_opens_nothing(made: Planted, sought: Sought, typed: str) -> None:
    job = replace(made.county.job, actor="unclear")
    with pytest.raises(MianshenError, match="SEARCH_UNCLEAR"):
        window.search(job, sought, typed, WHY)
    with job.ledger.connect() as connection:
        assert connection.execute(select(WINDOW_QUERY).where(WINDOW_QUERY.c.actor == "unclear")).first() is None


@pytest.mark.parametrize("note", ["找王未超", "他的号是 100999195001010012", "电话13800000001"])
def test_a_note_with_a_name_or_a_number_is_refused(made: Planted, note: str) -> None:
    job = replace(made.county.job, actor="noter")
    with pytest.raises(MianshenError, match="SEARCH_NOTE_PERSONAL"):
        window.search(job, Sought.NAME, planted.BELOW, Why(Purpose.LETTER, note))


def test_a_list_of_numbers_cannot_be_tried(made: Planted) -> None:
    job = replace(made.county.job, actor="prober")
    window.search(job, Sought.NAME, "无此人", WHY)
    with job.ledger.begin() as connection:
        for _ in range(SEARCHES_AN_HOUR - 1):
            said = {"purpose": WHY.purpose, "sought": Sought.NAME, "county_code": job.county_code, "actor": job.actor}
            record_query(connection, SEARCHED, at=job.as_of, **said)
    with pytest.raises(MianshenError, match="SEARCH_TOO_OFTEN"):
        window.search(job, Sought.NAME, planted.PAID, WHY)
    window.search(replace(job, actor="another"), Sought.NAME, "无此人", WHY)
    later = replace(job, as_of=job.as_of.replace(hour=job.as_of.hour + 1, second=1))
    assert window.search(later, Sought.NAME, planted.PAID, WHY)


def test_the_record_is_a_paper_with_the_arithmetic_and_the_remedies(made: Planted, tmp_path: Path) -> None:
    job = replace(made.county.job, actor="printer")
    printed = window.print_record(job, made.people[planted.REFUSED], WHY)
    assert printed.made.path.read_text("utf-8") == printed.html
    for said in (
        planted.REFUSED,
        "核算依据单",
        "行政复议",
        reason("INCOME_ABOVE_LINE").zh,
        "1,243.50",
        "printer",
        "也无需带任何材料",
    ):
        assert said in printed.html, said
    assert made.certno(planted.REFUSED) not in printed.html


def test_a_recheck_is_asked_for_at_the_window_runs_by_its_clock_and_ends_with_an_answer(made: Planted) -> None:
    """Asked twice it stands once; whoever took it in does not decide it; after its answer the person may ask again."""
    job, person = replace(made.county.job, actor="window_clerk"), made.people[planted.REFUSED]
    key, is_new = handle.ask_recheck(job, person)
    assert is_new and handle.ask_recheck(job, person) == (key, False)
    (asked,) = window.open_answers(job, person, WHY).rechecks
    limit = job.pack.time_limit("recheck_days")
    expected = clocks.due(limit, start=job.as_of, calendar=job.pack.calendar).on.isoformat()
    assert (asked.case_id, asked.stands_zh, asked.due_on) == (key, "复核", expected)

    def step(code: str, outcome: str, actor: str) -> None:
        handle.act(job, key, Act(Happening.DECIDED, code, actor, "bureau", job.as_of, outcome_code=outcome))

    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        step("recheck", "changed", "window_clerk")
    for code, outcome in (("recheck", "changed"), ("mend", "mended"), ("tell", "told")):
        step(code, outcome, f"officer_{code}")
    (answered,) = window.open_answers(job, person, WHY).rechecks
    assert (answered.stands_zh, answered.is_open, answered.due_on) == ("已书面答复", False, "")
    again, is_new = handle.ask_recheck(job, person)
    assert is_new and again != key
    assert not window.open_answers(job, made.people[planted.BELOW], WHY).rechecks, "nobody else's"
    with job.ledger.connect() as connection:
        subjects = set(connection.execute(select(CASE.c.subject_id).where(CASE.c.case_id.in_((key, again)))).scalars())
    assert len(subjects) == 2 and person not in subjects, "a case's subject is read by more people than a key"


def test_nobody_of_that_name_suggests_who_reads_alike_by_a_rule_and_says_so_in_the_log(made: Planted) -> None:
    job = replace(made.county.job, actor="listener")
    for typed in ("王为超", "汪未超"):
        (found,) = window.search(job, Sought.NAME, typed, WHY)
        assert (found.person_key, found.rule) == (made.people[planted.BELOW], "NAME_SOUNDS_ALIKE")
    (exact,) = window.search(job, Sought.NAME, planted.BELOW, WHY)
    assert exact.rule == "", "who bears the name is found, and nobody beside"
    assert window.search(job, Sought.NAME, "汪为超", WHY) == [], "two characters are no slip of one"
    assert window.search(job, Sought.NAME, "王未朝阳", WHY) == []
    engine = open_database(job.vault_url)
    with engine.connect() as vault:
        said = vault.execute(select(LOOKUP_LOG.c.purpose).where(LOOKUP_LOG.c.actor == "listener")).scalars().all()
    engine.dispose()
    assert any("NAME_SOUNDS_ALIKE" in one for one in said) and not all("NAME_SOUNDS_ALIKE" in one for one in said)
    assert not [one for one in said for name in ("王为超", "汪未超", planted.BELOW) if name in one]
