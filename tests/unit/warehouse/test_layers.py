"""Few people's new rows lie above the files of earlier runs: what a reader sees is what a table written whole would show."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random

import duckdb
import pandas as pd
import pytest
from sqlalchemy import create_engine, select

from mianshen.core.errors import MianshenError
from mianshen.warehouse.carrying import TOUCHED, Former, carry_over, write_carried
from mianshen.warehouse.connect import compute, open_database
from mianshen.warehouse.lake import Lake, RunSpec, require_whole, show
from mianshen.warehouse.layers import MANIFEST, OWN, Layering
from mianshen.warehouse.ledger import METADATA, RUN
from mianshen.warehouse.publish import mart_name, publish
from mianshen.warehouse.publish_files import publish_files

COUNTY, MONTH = "100999", "2026-10"
TABLE = "out.closing_notice"
ALWAYS = Layering(fewest_rows=0, most_layers=4, most_hidden_ppm=1_000_000)
Rows = dict[str, list[tuple[int, int]]]
"""Person to (benefit year, fen)."""


def lake_at(root: Path, layering: Layering = ALWAYS) -> Lake:
    root.mkdir(exist_ok=True)
    engine = open_database(f"sqlite:///{root / 'ledger.db'}")
    METADATA.create_all(engine)
    return Lake(root / "lake", engine, layering)


def spec(number: int) -> RunSpec:
    return RunSpec("probe", COUNTY, MONTH, f"2026-11-{number:02d}T09:00:00+08:00", ("a",), "plan", "code")


def listed(con: duckdb.DuckDBPyConnection, table: str, rows: Rows) -> None:
    con.execute("create schema if not exists out")
    columns = "person_key varchar, benefit_year integer, visits bigint, base_fen bigint, notice_zh varchar"
    con.execute(f"create or replace table {table} ({columns})")
    for person, known in rows.items():
        for year, fen in known:
            con.execute(f"insert into {table} values (?, ?, 1, ?, '结案')", [person, year, fen])


def write(lake: Lake, number: int, rows: Rows, touched: set[str] | None) -> str:
    """A run of everybody's rows, or of the touched people's beside those of the run before it."""
    con = compute()
    con.execute("create schema out")
    con.execute(
        f"create table {TOUCHED} as select unnest($people::varchar[]) as person_key, ['x'] as causes",
        {"people": sorted(touched or ())},
    )
    listed(con, TABLE, {one: known for one, known in rows.items() if touched is None or one in touched})
    with lake.writing(spec(number)) as run:
        run.write(con, TOUCHED, f"select * from {TOUCHED} order by person_key")
        if touched is None:
            run.write(con, TABLE, f"select * from {TABLE} order by person_key, benefit_year")
        else:
            former = Former(lake.current_run_id(TABLE, county_code=COUNTY) or "", "", None)
            carry_over(con, lake, former, (TABLE,))
            assert write_carried(run, con, lake, former, (TABLE,)) == {TABLE: sum(map(len, rows.values()))}
        return lake.commit(run)


def shown(lake: Lake, run_id: str | None = None) -> Rows:
    con = compute()
    files = lake.current(TABLE, county_code=COUNTY) if run_id is None else lake.files(TABLE, run_ids=(run_id,))
    show(con, TABLE, files)
    found: Rows = {}
    for person, year, fen in con.execute(f"select person_key, benefit_year, base_fen from {TABLE} order by all").fetchall():
        found.setdefault(person, []).append((year, fen))
    return found


def entry(lake: Lake, run_id: str) -> dict[str, dict[str, object]]:
    with lake.engine.connect() as connection:
        return dict(json.loads(connection.execute(select(RUN.c.tables).where(RUN.c.run_id == run_id)).scalar_one()))


def later(chance: Random, rows: Rows) -> tuple[Rows, set[str]]:
    """The rows after news of some people: other rows, none any more, or people who are new."""
    after = dict(rows)
    touched = set(chance.sample(sorted(rows), min(len(rows), chance.randrange(4)))) | {f"N{chance.randrange(99)}"}
    for one in touched:
        after.pop(one, None)
        if known := [(year, chance.randrange(1, 9_999)) for year in range(2024, 2024 + chance.randrange(3))]:
            after[one] = known
    return after, touched


def a_history(lake: Lake, seed: int, rounds: int = 7) -> list[tuple[str, Rows]]:
    chance = Random(f"layers {seed}")
    rows: Rows = {f"P{one}": [(2025, one + 1), (2026, 2 * one + 1)] for one in range(12)}
    known = [(write(lake, 1, rows, None), rows)]
    for number in range(2, 2 + rounds):
        rows, touched = later(chance, rows)
        known.append((write(lake, number, rows, touched), rows))
    return known


@pytest.mark.parametrize("seed", range(4))
def test_every_run_shows_its_own_rows_however_many_came_after_it(tmp_path: Path, seed: int) -> None:
    lake = lake_at(tmp_path)
    known = a_history(lake, seed)
    for run_id, rows in known:
        assert shown(lake, run_id) == rows
        require_whole(lake, run_id, entry(lake, run_id), tables=(TABLE,))
        assert entry(lake, run_id)[TABLE]["rows"] == sum(map(len, rows.values()))
    layers = [entry(lake, run_id)[TABLE].get("layers", 1) for run_id, _ in known]
    assert layers[:4] == [1, 2, 3, 4] and max(layers) == 4 and layers[4] == 1, "after so many the table is written whole again"


def test_a_run_writes_the_touched_peoples_rows_alone_and_the_same_bytes_again(tmp_path: Path) -> None:
    made = []
    for home in ("one", "other"):
        lake = lake_at(tmp_path / home)
        known = a_history(lake, 1, rounds=2)
        made.append({str(path.relative_to(lake.root)): path.read_bytes() for path in lake.root.rglob("*") if path.is_file()})
        (layer,) = [path for path in lake.root.rglob(OWN) if known[-1][0] in str(path)]
        own = {one for (one,) in duckdb.execute(f"select person_key from read_parquet('{layer}')").fetchall()}
        assert own < set(known[-1][1]) and len(own) <= 4
    assert made[0] == made[1]


def test_a_lake_that_was_moved_still_finds_its_layers(tmp_path: Path) -> None:
    lake = lake_at(tmp_path / "old")
    rows = a_history(lake, 2, rounds=2)[-1][1]
    lake.engine.dispose()
    shutil.move(tmp_path / "old", tmp_path / "it's new")
    assert shown(lake_at(tmp_path / "it's new")) == rows


@pytest.mark.parametrize("damaged", ["lowest", "people", OWN, MANIFEST])
def test_a_file_that_differs_anywhere_beneath_is_found(tmp_path: Path, damaged: str) -> None:
    lake = lake_at(tmp_path)
    known = a_history(lake, 3, rounds=2)
    run_id = known[-1][0]
    files = {
        "lowest": lake.files(TABLE, run_ids=(known[0][0],))[0],
        "people": lake.files(TOUCHED, run_ids=(known[1][0],))[0],
        OWN: str(Path(lake.files(TABLE, run_ids=(run_id,))[0]).with_name(OWN)),
        MANIFEST: lake.files(TABLE, run_ids=(run_id,))[0],
    }
    path = Path(files[damaged])
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(MianshenError, match="RUN_DAMAGED"):
        require_whole(lake, run_id, entry(lake, run_id), tables=(TABLE,))
    path.unlink()
    with pytest.raises(MianshenError, match="RUN_DAMAGED"):
        require_whole(lake, run_id, entry(lake, run_id), tables=(TABLE,))


@pytest.mark.parametrize("layering", [Layering(), Layering(fewest_rows=0, most_hidden_ppm=1)], ids=["small", "much is hidden"])
def test_a_small_table_and_one_of_which_much_no_longer_stands_are_written_whole(tmp_path: Path, layering: Layering) -> None:
    lake = lake_at(tmp_path, layering)
    before = {"P1": [(2026, 1)], "P2": [(2026, 2)]}
    write(lake, 1, before, None)
    run_id = write(lake, 2, {**before, "P1": [(2026, 9)]}, {"P1"})
    (path,) = lake.current(TABLE, county_code=COUNTY)
    assert path.endswith("part-0.parquet") and "layers" not in entry(lake, run_id)[TABLE]
    assert shown(lake) == {"P1": [(2026, 9)], "P2": [(2026, 2)]}


def test_a_run_that_stops_before_its_row_leaves_the_former_one_and_comes_again(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    rows = {"P1": [(2026, 1)], "P2": [(2026, 2)]}
    write(lake, 1, rows, None)
    commit = lake.commit

    def stopped(*_given: object, **_more: object) -> str:
        raise RuntimeError("stop")

    lake.commit = stopped  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="stop"):
        write(lake, 2, {"P1": [(2026, 1)]}, {"P2"})
    lake.commit = commit  # type: ignore[method-assign]
    assert shown(lake) == rows and not list(lake.root.rglob(f".tmp-{spec(2).run_id}"))
    write(lake, 2, {"P1": [(2026, 1)]}, {"P2"})
    assert shown(lake) == {"P1": [(2026, 1)]}


def test_copies_of_the_table_hold_what_stands_and_its_folder_is_taken_for_no_table(tmp_path: Path) -> None:
    lake = lake_at(tmp_path / "home")
    run_id, rows = a_history(lake, 2, rounds=3)[-1]
    wanted = sorted((person, year, fen) for person, known in rows.items() for year, fen in known)
    url = f"sqlite:///{tmp_path / 'mart.db'}"
    assert publish(lake, url, county_code=COUNTY, month=MONTH)[TABLE] == len(wanted)
    publish_files(lake, tmp_path / "files", county_code=COUNTY, month=MONTH)
    engine = create_engine(url)
    copies = [
        pd.read_sql_table(mart_name(TABLE), engine),
        pd.read_parquet(tmp_path / "files" / mart_name(TABLE) / f"{COUNTY}_{MONTH}.parquet"),
    ]
    engine.dispose()
    for copied in copies:
        assert sorted(zip(copied["person_key"], copied["benefit_year"], copied["base_fen"], strict=True)) == wanted
    (manifest,) = lake.current(TABLE, county_code=COUNTY)
    assert run_id in manifest and not list(Path(manifest).parent.glob("*.parquet"))
    with pytest.raises(duckdb.Error):
        duckdb.execute(f"select * from read_parquet('{manifest}')")
