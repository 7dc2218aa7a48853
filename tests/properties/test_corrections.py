"""Only the touched are assessed after late news of every kind, and everybody has what an assessment of all would give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import duckdb
import pytest
from tests.conftest import Shard
from tests.properties.relief_cases import County, Person, county_of, focused_county
from tests.properties.relief_sides import LINE, ORDER, TODAY, VERDICT, facts
from tests.sql.given import fetched

from mianshen.core.plan import Plan
from mianshen.policy.arrange import Decided
from mianshen.warehouse import build
from mianshen.warehouse.assessing import DECIDED, RESULTS, assess_claims
from mianshen.warehouse.carrying import FACTS, TOUCHED, WHOLE, only
from mianshen.warehouse.sql_files import sql_text

SHOWN = {"award_line": ("person_key", *LINE), "assessment": ("person_key", *VERDICT), "order_tried": ORDER}
NEWS = ("claim_gone", "claim_new", "claim_changed", "span_gone", "span_moved", "span_doubted", "decided", "nothing", "nothing")
PEOPLE = 14
SEEDS = tuple(range(6))
MUTANTS = (
    ("facts.person_digest", "hash('care', e)", "hash('care', e.event_id)"),
    ("facts.person_digest", "hash('identity', s)", "0"),
    ("facts.person_digest", "sum(cast(row_digest as hugeint))", "count(*)"),
    ("out.person_changed", "t.digest is distinct from n.digest or", "t.digest < n.digest or"),
    ("out.person_changed", "full join facts.person_digest as n", "inner join facts.person_digest as n"),
    ("out.person_changed", "facts.benefit_refused\n            except all", "facts.benefit_refused where false\n except all"),
    ("out.person_changed", "list_contains(cast($ruled_years as integer[]), benefit_year)", "false"),
)  # fmt: skip
"""Seeded faults: table, what stands, what stands in its place."""
Answers = dict[str, list[str]]


def drawn(seed: int) -> tuple[County, County]:
    """A county, and the same county after late news of some of its people; now and then by an amended policy."""
    chance = Random(f"late news {seed}")
    focus = chance.choice((None, None, "leap", "purse", "order", "identity"))
    county = county_of(chance, people=PEOPLE) if focus is None else focused_county(chance, focus, people=PEOPLE)
    people = tuple(late(chance, one, county.plan) for one in county.people)
    newcomer = replace(county.people[0], person_key="PX", claims=_renamed(county.people[0]))
    plan = amended(county.plan) if seed % 3 == 2 else county.plan
    return county, County(plan, (*people, newcomer))


def _renamed(person: Person) -> tuple[object, ...]:
    return tuple(replace(one, event_id=f"X{one.event_id}") for one in person.claims)


def amended(plan: Plan) -> Plan:
    """The policy with a first benefit that is no longer open at the end."""
    first = plan.benefits[0]
    rates = tuple(replace(one, caps=()) for one in first.rates)
    return replace(plan, benefits=(replace(first, rates=rates), *plan.benefits[1:]))


def late(chance: Random, person: Person, plan: Plan) -> Person:
    """The person after one piece of news, or none."""
    news = chance.choice(NEWS)
    claims, spans = list(person.claims), list(person.spans)
    if news.startswith("claim") and claims:
        place = chance.randrange(len(claims))
        if news == "claim_gone":
            claims.pop(place)
        elif news == "claim_new":
            claims.append(replace(claims[place], event_id=f"{claims[place].event_id}-late"))
        else:
            amounts = {name: fen and fen + 777 for name, fen in claims[place].amounts_fen.items()}
            claims[place] = replace(claims[place], amounts_fen=amounts)
    if news.startswith("span") and spans:
        place = chance.randrange(len(spans))
        if news == "span_gone":
            spans.pop(place)
        elif news == "span_doubted":
            spans[place] = replace(spans[place], is_provisional=not spans[place].is_provisional)
        else:
            other = chance.choice(plan.categories).code
            spans[place] = replace(spans[place], category_code=other)
    decided = person.decided
    if news == "decided" and plan.arrangements:
        year = chance.choice([one.benefit_year for one in claims] or [2026])
        decided = Decided(refused=frozenset({(plan.benefits[0].code, year)}), locked=decided.locked)
    return replace(person, claims=tuple(claims), spans=tuple(spans), decided=decided)


def years_of(county: County) -> list[int]:
    return sorted({claim.benefit_year for person in county.people for claim in person.claims})


def answers(connection: duckdb.DuckDBPyConnection) -> Answers:
    return {
        table: sorted(repr(one) for one in fetched(connection, f"select {', '.join(shown)} from out.{table}"))
        for table, shown in SHOWN.items()
    }


def of_everybody(county: County) -> Answers:
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        facts(connection, county)
        assess_claims(connection, [(county.plan, years_of(county))], on=TODAY)
        return answers(connection)


def of_the_touched(before: County, after: County) -> tuple[Answers, set[str]]:
    """What everybody has after the touched were assessed, and who they were."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        facts(connection, before)
        assess_claims(connection, [(before.plan, years_of(before))], on=TODAY)
        build.make_table(connection, "facts.person_digest", {})
        for table in (*FACTS, *DECIDED, "facts.person_digest"):
            connection.execute(f"alter table {table} rename to {table.split('.')[1]}_before")
        for name in RESULTS:
            connection.execute(f"alter table out.{name} rename to {name}_former")
        facts(connection, after)
        build.make_table(connection, "facts.person_digest", {})
        ruled = years_of(after) if after.plan != before.plan else []
        build.make_table(connection, "out.person_changed", {"ruled_years": ruled, "ended_years": []})
        with only(connection, "out.person_changed", tables=FACTS, keeps=True):
            build.make_table(connection, "out.known_change", {})
        build.make_table(connection, "out.person_touched", {})
        with only(connection):
            assess_claims(connection, [(after.plan, years_of(after))], on=TODAY, spans=f"facts.identity_span{WHOLE}")
        for name in RESULTS:
            kept = f"select * from out.{name}_former where person_key not in (select person_key from {TOUCHED})"
            connection.execute(f"insert into out.{name} by name {kept}")
        touched = {key for (key,) in connection.execute(f"select person_key from {TOUCHED}").fetchall()}
        return answers(connection), touched


@pytest.mark.parametrize("seed", SEEDS)
def test_the_touched_and_the_rest_have_what_all_would_have(seed: int) -> None:
    before, after = drawn(seed)
    found, touched = of_the_touched(before, after)
    assert found == of_everybody(after)
    same = {one.person_key for one in after.people if one in before.people}
    if after.plan == before.plan:
        assert touched.isdisjoint(same), "nobody of whom nothing is new"
    assert "PX" in touched


def test_every_seeded_fault_still_fits_the_text() -> None:
    """Whatever shard runs."""
    assert [(table, stands) for table, stands, _ in MUTANTS if stands not in sql_text(table)] == []


def mutated(table: str, stands: str, instead: str) -> Callable[[str], str]:
    return lambda name: sql_text(name).replace(stands, instead) if name == table else sql_text(name)


@pytest.mark.proof
def test_every_mutant_of_the_sql_is_caught(shard: Shard, monkeypatch: pytest.MonkeyPatch) -> None:
    for table, stands, instead in shard.take(MUTANTS):
        with monkeypatch.context() as patch:
            patch.setattr(build, "sql_text", mutated(table, stands, instead))
            assert any(is_noticed(seed) for seed in range(40)), f"{table} with {instead} goes unnoticed"


def is_noticed(seed: int) -> bool:
    before, after = drawn(seed)
    return of_the_touched(before, after)[0] != of_everybody(after)
