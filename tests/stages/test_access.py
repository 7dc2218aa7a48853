"""People log in to a county's PostgreSQL, each with his role, and try to cross: nobody gets anywhere, until one wall is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from tests.postgres import new_database
from tests.proofs import scenario
from tests.stages.access_attempts import ATTEMPTS, COUNTY_CODE, MADE, PEOPLE, Attempt
from tests.stages.money_county import County, Line

from mianshen.cli import approval
from mianshen.cli.access import known_file
from mianshen.core.errors import MianshenError
from mianshen.documents import pdf
from mianshen.stages import apply as apply_stage
from mianshen.stages import approve, supervise
from mianshen.vault import register
from mianshen.vault.tables import create_supervision
from mianshen.warehouse.access import Login, add_login, deviations, logins, remove_login
from mianshen.warehouse.access import apply as raise_walls
from mianshen.warehouse.approvals import items_of
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.connect import VAULT, open_database
from mianshen.warehouse.publish import publish
from mianshen.warehouse.upgrade import ledger_upgrade


@dataclass
class Office:
    """A county on PostgreSQL, its walls and its people."""

    county: County
    admin: Engine
    url: str
    engines: dict[str, Engine]

    def as_somebody(self, login: str) -> Engine:
        """An engine of the login's own."""
        if login not in self.engines:
            self.engines[login] = create_engine(self.url.replace("//postgres:", f"//{login}:", 1))
        return self.engines[login]


@pytest.fixture(scope="module")
def office(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The first month is worked on before there are walls, in `public`; the second one behind them, as the pipeline."""
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    url = new_database(postgres, "walled")
    with server.connect() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "can_print", lambda: False)
        connection.execute(text("create role mianshen login"))
        connection.execute(text("alter database walled owner to mianshen"))
        own = url.replace("//postgres:", "//mianshen:", 1)
        county = scenario.prepare(tmp_path_factory.mktemp("walled") / "home", own, own)
        create_supervision(open_database(own))
        publish(county.job.lake, own, county_code=COUNTY_CODE, month="2026-10")
        county.job.ledger.dispose()
        admin = create_engine(url)
        access, declared = known_file()
        with admin.begin() as walls:
            raise_walls(walls, access, declared)
            for login, (role, department) in PEOPLE.items():
                add_login(walls, access, Login(login, role, COUNTY_CODE if department else "", department))
        scenario.work(county.job)
        county.later(days=40)
        supervise.run(county.job)
        publish(county.job.lake, own, county_code=COUNTY_CODE, month="2026-10")
        with admin.begin() as made:
            made.execute(text("set session_replication_role = replica"))
            for statement in MADE.values():
                made.execute(text(statement))
            made.execute(text("set session_replication_role = origin"))
        found = Office(county, admin, url, {})
        yield found
        county.job.ledger.dispose()
        for engine in (admin, *found.engines.values()):
            engine.dispose()
        for statement in ("drop database walled with (force)", *(f"drop role {one}" for one in (*PEOPLE, "mianshen"))):
            connection.execute(text(statement))
    server.dispose()


def gets_through(connection: Connection, attempt: Attempt) -> bool:
    """Whether the attempt gave or touched a row, or made something."""
    try:
        ended = None
        for statement in attempt.tries.split("; "):
            ended = connection.execute(text(statement))
    except ProgrammingError as refusal:
        known = ("permission denied", "must be owner", "violates row-level security policy")
        assert any(one in str(refusal) for one in known), refusal
        return False
    assert ended is not None
    return ended.first() is not None if ended.returns_rows else ended.rowcount != 0


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: f"{one.who}: {one.tries}"[:90])
def test_nobody_crosses_a_wall_that_stands(office: Office, attempt: Attempt) -> None:
    with office.as_somebody(attempt.who).connect() as connection:
        assert not gets_through(connection, attempt)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: f"{one.who}: {one.tries}"[:90])
def test_the_same_gets_through_where_that_wall_is_gone(office: Office, attempt: Attempt) -> None:
    """The wall comes down in a transaction in which the login tries again; then it stands as before."""
    with office.admin.connect() as connection:
        for statement in attempt.wall:
            connection.execute(text(statement))
        connection.execute(text(f"set session authorization {attempt.who}"))
        assert gets_through(connection, attempt)
        connection.rollback()


def test_at_least_forty_attempts_of_every_role() -> None:
    assert len(ATTEMPTS) >= 40
    assert {one.who for one in ATTEMPTS} == set(PEOPLE)


def test_each_sees_what_is_his(office: Office) -> None:
    seen = {
        "li_analyst": "select sum(amount_fen) from mart.out_award_line",
        "wang_civil": "select sum(amount_fen) from ledger.approval_item",
        "zhao_disabled": "select sum(amount_fen) from ledger.payment_line",
        "qian_payer": "select sum(amount_fen) from office.payable_line",
        "sun_finance": "select sum(amount_fen) from ledger.payment",
        "zhou_audit": "select sum(amount_fen) from ledger.award_posting",
        "wu_supervisor": "select count(*) from vault.lookup_log",
        "zheng_engineer": "select count(*) from ledger.run",
    }
    for login, query in seen.items():
        with office.as_somebody(login).connect() as connection:
            assert connection.execute(text(query)).scalar_one(), login
    own = "select count(*), count(*) filter (where department_code = 'civil_affairs') from ledger.approval_item"
    with office.as_somebody("wang_civil").connect() as connection:
        items, mine = connection.execute(text(own)).one()
    with office.admin.connect() as connection:
        assert (items, mine) == (mine, connection.execute(text(own)).one()[1])
        assert connection.execute(text(own)).one()[0] > mine > 0


def test_somebody_without_a_role_does_not_come_in(office: Office) -> None:
    with office.admin.begin() as connection:
        connection.execute(text("create role stranger login"))
    try:
        with pytest.raises(OperationalError, match="permission denied for database"):
            office.as_somebody("stranger").connect()
    finally:
        with office.admin.begin() as connection:
            connection.execute(text("drop role stranger"))


def test_the_pipeline_paid_a_month_behind_the_walls(office: Office) -> None:
    with office.county.job.ledger.connect() as connection:
        assert connection.execute(text("select session_user, current_schema()")).one() == ("mianshen", "ledger")
        assert verify(rows_of(connection)).problem == "ok"
        batches = connection.execute(text("select state from payment_batch where payment_batch_id <> 'DRAFT'")).scalars().all()
    assert batches == ["sent", "sent"]
    with office.admin.connect() as connection:
        left = connection.execute(text("select count(*) from pg_class where relnamespace = 'public'::regnamespace")).scalar_one()
    assert left == 0


def test_a_department_signs_by_its_own_login(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it inserts is recorded as its answer, by the login that PostgreSQL knew, at the moment of the insert."""
    county = office.county
    county.assess([*scenario.SECOND, Line("戊", "e77", 4_000_000)])
    apply_stage.run(county.job)
    approve.run(county.job)
    view = approve.open_batch_view(county.job, "civil_affairs")
    assert view is not None
    answer = "insert into office.answer (approval_batch_id, chosen, returns) values (:batch, '未定', :returns)"
    number = view.items[0].item_no
    with office.as_somebody("wang_civil").begin() as connection:
        mine = connection.execute(text("select approval_batch_id from ledger.approval_batch")).scalars().all()
        assert view.batch_id in mine
        connection.execute(text(answer), {"batch": view.batch_id, "returns": f"{number}=PAPERS_WANTED"})
    with office.admin.begin() as connection:  # the county's day is a made-up one, the database's clock is not
        said = text(
            "update office.answer set signed_at = :at where signed_by = 'wang_civil' and signed_at > now() - interval '1 hour'"
        )
        assert connection.execute(said, {"at": county.job.as_of}).rowcount == 1
    monkeypatch.setattr(approval, "job_of", lambda *_names, **_said: county.job)
    for _ in range(2):
        approval.collect_signed(pack=county.job.pack.name)
    with county.job.ledger.connect() as connection:
        items = {row["item_no"]: row for row in items_of(connection, view.batch_id)}
        assert verify(rows_of(connection)).problem == "ok"
    assert (items[number]["outcome"], items[number]["decided_by"]) == ("return", "wang_civil")


def test_a_second_run_changes_nothing_and_a_deviation_is_named(office: Office) -> None:
    access, declared = known_file()
    with office.admin.connect() as connection:
        assert deviations(connection, access, declared) == []
        changed = {
            "grant select on vault.person to public": "+ SELECT vault.person public",
            "revoke select (town) on ledger.approval_item from mianshen_approver": "- SELECT ledger.approval_item.town",
            "alter table ledger.application no force row level security": "+ rows of ledger.application walled None",
            "alter policy approver_select on ledger.payment_line using (true)": "+ policy ledger.payment_line approver_select",
            "grant mianshen_pipeline to feng_clerk": "+ member mianshen_pipeline feng_clerk",
            "grant create on schema public to public": "+ schema CREATE public public",
            "alter view office.payable_line set (security_barrier = false)": "+ view office.payable_line {security_barrier=f",
        }
        for statement in changed:
            connection.execute(text(statement))
        found = deviations(connection, access, declared)
        assert [line for line in changed.values() if not any(one.startswith(line) for one in found)] == []
        raise_walls(connection, access, declared)
        assert deviations(connection, access, declared) == []
        connection.rollback()


def test_a_login_is_given_and_taken(office: Office) -> None:
    access = known_file()[0]
    with office.admin.begin() as connection:
        add_login(connection, access, Login("chen", "analyst", "", ""))
        add_login(connection, access, Login("chen", "analyst", "", ""))
        assert Login("chen", "analyst", "", "") in logins(connection, access)
        for wrong in (
            Login("chen", "payer", "", ""),
            Login("he", "approver", "", ""),
            Login("he", "analyst", COUNTY_CODE, "union"),
            Login("he; drop table", "analyst", "", ""),
            Login("mianshen", "analyst", "", ""),
            Login("he", "king", "", ""),
        ):
            with pytest.raises(MianshenError, match="ACCESS_"):
                add_login(connection, access, wrong)
    with office.as_somebody("chen").connect() as connection:
        assert connection.execute(text("select 1 from mart.out_award_line")).first()
    with office.admin.begin() as connection:
        remove_login(connection, access, "chen")
    office.engines.pop("chen").dispose()
    with pytest.raises(OperationalError, match="not permitted to log in"):
        office.as_somebody("chen").connect()
    with office.admin.begin() as connection:
        with pytest.raises(MianshenError, match="ACCESS_LOGIN"):
            remove_login(connection, access, "chen")
        connection.execute(text("drop role chen"))


def test_the_register_and_the_ledger_may_stand_in_databases_of_their_own(postgres: str) -> None:
    """Walls are made where the tables stand; the product then finds them, and makes nothing anew beside them."""
    access, declared = known_file()
    for name, make in (("lone_register", _make_register), ("lone_ledger", ledger_upgrade)):
        url = new_database(postgres, name)
        make(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            raise_walls(connection, access, declared)
            assert deviations(connection, access, declared) == []
        make(url)
        with engine.connect() as connection:
            left = "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
            assert connection.execute(text(left)).scalar_one() == 0
        engine.dispose()


def _make_register(url: str) -> None:
    engine = open_database(url, schema=VAULT)
    register.create(engine)
    engine.dispose()
