"""The lake: immutable Parquet run folders, published by one rename and one row in the ledger (docs/adr/0003).

A run writes lake/<schema>/<table>/county=/month=/<run_id>/part-0.parquet for each of its tables, further parts where the rows
of a table are more than are taken at once. Folders are written under a
temporary name, synced, renamed, and only then does the `run` row name them: readers find folders through that row alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Connection, Engine, Row, func, insert, select

from mianshen.core import digest
from mianshen.core.errors import MianshenError
from mianshen.core.paths import share
from mianshen.warehouse import layers
from mianshen.warehouse.lake_file import sync, write_rows
from mianshen.warehouse.layers import USUAL, Layer, Layering
from mianshen.warehouse.ledger import RUN
from mianshen.warehouse.sql_files import table_doc

SHARED_SCHEMAS = ("out", "release")
"""Result tables, which the owner's group may read; what they were made from is the owner's alone."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What decides a run's name."""

    stage: str
    """The stage that writes."""
    county_code: str
    """Whose data."""
    month: str
    """2026-10."""
    as_of: str
    """The run's moment, ISO with zone."""
    inputs: tuple[str, ...]
    """Content hashes or run ids that went in."""
    policy_hash: str
    """The plan's hash."""
    code_hash: str
    """Hash of the product's Python and SQL."""

    @property
    def run_id(self) -> str:
        """The folder's name; equal for equal inputs."""
        return digest.run_id(
            stage=self.stage,
            county=self.county_code,
            month=self.month,
            inputs=self.inputs,
            plan=self.policy_hash,
            code=self.code_hash,
            as_of=self.as_of,
        )


@dataclass(slots=True)
class LakeRun:
    """A run that is being written; nothing is visible before `Lake.commit`."""

    spec: RunSpec
    """What decides its name."""
    root: Path
    """The lake's root."""
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was written: {schema.table: {rows, parts, folder, sha256}}; the hash of several parts is that of their hashes. A table
    of layers has {layers} in place of {parts}, and its hash is that of their list."""
    totals: dict[str, int] = field(default_factory=lambda: {"rows_in": 0, "rows_out": 0, "fen_in": 0, "fen_out": 0})
    """Rows and fen in and out, recorded with the run."""

    def folder(self, table: str) -> Path:
        """Where the table's files will lie."""
        schema, name = table.split(".")
        return self.root / schema / name / f"county={self.spec.county_code}" / f"month={self.spec.month}" / self.spec.run_id

    def write(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        query: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        order: Sequence[str] = (),
    ) -> int:
        """Write the query's rows as the table's next part; returns their number.

        The query must order its rows, or its grain is given as `order`: then they are sorted only where they do not ascend so
        as they come.
        """
        known = self.tables.get(table)
        part = self._room(table, is_new=known is None) / _part(known["parts"] if known else 0)
        rows = write_rows(connection, query, dict(parameters or {}), part, order)
        folder = str(self.folder(table).relative_to(self.root))
        sha256 = digest.sha256_file(part)
        self.tables[table] = {
            "rows": rows + (known["rows"] if known else 0),
            "parts": 1 + (known["parts"] if known else 0),
            "folder": folder,
            "sha256": digest.sha256_hex(f"{known['sha256']}{sha256}".encode()) if known else sha256,
        }
        return rows

    def lay(
        self, connection: duckdb.DuckDBPyConnection, table: str, query: str, *, above: Sequence[Layer], people: str, standing: int
    ) -> int:
        """Write the query's rows, which it orders, above these layers; returns how many rows the table has then.

        They are all the rows of the people whom the table `people` lists, which this run wrote; `standing` rows of others stay.
        """
        room = self._room(table, is_new=True)
        rows = write_rows(connection, query, {}, room / layers.OWN, ())
        home, listed = str(self.folder(table).relative_to(self.root)), self.tables[people]
        own = Layer(
            (f"{home}/{layers.OWN}",),
            digest.sha256_file(room / layers.OWN),
            rows,
            tuple(f"{listed['folder']}/{_part(number)}" for number in range(listed["parts"])),
            listed["sha256"],
        )
        manifest = room / layers.MANIFEST
        manifest.write_bytes(layers.manifest_of([*above, own]))
        sync(manifest)
        sha256 = digest.sha256_file(manifest)
        self.tables[table] = {"rows": standing + rows, "layers": len(above) + 1, "folder": home, "sha256": sha256}
        return standing + rows

    def _room(self, table: str, *, is_new: bool) -> Path:
        """The folder in which the table's files are written, emptied for a new table."""
        room = self.folder(table).with_name(f".tmp-{self.spec.run_id}")
        if is_new:
            shutil.rmtree(room, ignore_errors=True)
            room.mkdir(parents=True)
        return room


class Lake:
    """Reads and publishes runs; `layering` says when few new rows go above those of an earlier run."""

    def __init__(self, root: Path, engine: Engine, layering: Layering = USUAL) -> None:
        self.root = root
        self.engine = engine
        self.layering = layering

    @contextmanager
    def writing(self, spec: RunSpec) -> Iterator[LakeRun]:
        """A run to write into; its temporary folders are swept when it was not committed."""
        run = LakeRun(spec=spec, root=self.root)
        try:
            yield run
        finally:
            for table in run.tables:
                shutil.rmtree(run.folder(table).with_name(f".tmp-{spec.run_id}"), ignore_errors=True)

    def commit(self, run: LakeRun, *, also: Callable[[Connection], None] | None = None) -> str:
        """Publish the run: rename its folders, then insert its row and do `also` in one ledger transaction.

        Returns the run id. A run that stands already is left as it is and `also` is not done again.
        """
        with self.engine.begin() as connection:
            if self._stands(connection, run.spec.run_id):
                return run.spec.run_id
            for table in run.tables:
                _publish(run.folder(table))
                if table.split(".")[0] in SHARED_SCHEMAS:
                    share(run.folder(table), below=self.root)
            last = connection.execute(select(func.coalesce(func.max(RUN.c.run_no), 0))).scalar_one()
            connection.execute(insert(RUN).values(run_no=last + 1, **_row(run)))
            if also is not None:
                also(connection)
        return run.spec.run_id

    def current(self, table: str, *, county_code: str, month: str | None = None) -> list[str]:
        """Files of the newest committed run that wrote this table for the county (and month, when given)."""
        found = self._newest(table, county_code, month)
        return [] if found is None else self._parts(json.loads(found.tables)[table])

    def current_run_id(self, table: str, *, county_code: str, month: str | None = None) -> str | None:
        """The newest committed run that wrote this table for the county (and month, when given); None when none did."""
        found = self._newest(table, county_code, month)
        return None if found is None else str(found.run_id)

    def _newest(self, table: str, county_code: str, month: str | None) -> Row[Any, Any] | None:
        query = select(RUN.c.run_id, RUN.c.tables).where(RUN.c.county_code == county_code, RUN.c.tables.contains(f'"{table}"'))
        if month is not None:
            query = query.where(RUN.c.month == month)
        with self.engine.connect() as connection:
            return connection.execute(query.order_by(RUN.c.run_no.desc()).limit(1)).first()

    def history(self, table: str, *, county_code: str) -> list[str]:
        """Files of every committed run that wrote this table for the county, in run order."""
        query = select(RUN.c.tables).where(RUN.c.county_code == county_code, RUN.c.tables.contains(f'"{table}"'))
        with self.engine.connect() as connection:
            found = [json.loads(tables) for tables in connection.execute(query.order_by(RUN.c.run_no)).scalars()]
        return [path for tables in found for path in self._parts(tables[table])]

    def files(self, table: str, *, run_ids: Iterable[str]) -> list[str]:
        """Files that these committed runs wrote for the table, in run order."""
        wanted = set(run_ids)
        with self.engine.connect() as connection:
            rows = connection.execute(select(RUN.c.run_id, RUN.c.tables).order_by(RUN.c.run_no)).all()
        found = [json.loads(tables) for run_id, tables in rows if run_id in wanted]
        return [path for tables in found if table in tables for path in self._parts(tables[table])]

    def layers(self, table: str, *, run_id: str) -> tuple[tuple[Layer, ...], int]:
        """The layers of a committed run's table, the lowest first, and how many of their rows stand."""
        with self.engine.connect() as connection:
            written = json.loads(connection.execute(select(RUN.c.tables).where(RUN.c.run_id == run_id)).scalar_one())[table]
        paths = self._parts(written)
        if "layers" in written:
            return layers.read_layers(paths[0]), int(written["rows"])
        files = [str(Path(one).relative_to(self.root)) for one in paths]
        return (Layer(tuple(files), written["sha256"], written["rows"]),), int(written["rows"])

    def _parts(self, written: Mapping[str, Any]) -> list[str]:
        if "layers" in written:
            return [str(self.root / written["folder"] / layers.MANIFEST)]
        return [str(self.root / written["folder"] / _part(number)) for number in range(written.get("parts", 1))]

    @staticmethod
    def _stands(connection: Connection, run_id: str) -> bool:
        return connection.execute(select(RUN.c.run_no).where(RUN.c.run_id == run_id)).first() is not None


def show(connection: duckdb.DuckDBPyConnection, table: str, files: Iterable[str], *, named: str | None = None) -> None:
    """Make the files readable as schema.table with every column of its .yml, null where files lack one; empty without files.

    The files are those that the lake names; of layers those rows are seen that stand. `named` is what the view is called when
    that is not the table's own name.
    """
    schema, name = (named or table).split(".")
    connection.execute(f"create schema if not exists {schema}")
    columns = ", ".join(f'cast(null as {one.type}) as "{one.name}"' for one in table_doc(table).columns)
    body = f"select {columns} where false"
    paths = list(files)
    whole = [one for one in paths if not layers.is_manifest(one)]
    sources = [f"select * from {layers.stored(whole)}"] if whole else []  # noqa: S608 - our own paths, quoted
    sources += [query for one in paths if layers.is_manifest(one) for query in layers.selects(one)]
    body = " union all by name ".join((body, *sources))
    connection.execute(f"create or replace view {schema}.{name} as {body}")


def require_whole(lake: Lake, run_id: str, written: Mapping[str, Mapping[str, Any]], *, tables: Iterable[str]) -> None:
    """Pass when the files of a run's tables are those that were written; else MianshenError RUN_DAMAGED with the first table."""
    for table in tables:
        if table not in written:
            raise MianshenError("RUN_UNKNOWN", found=table, where=f"run {run_id[:12]}")
        paths = lake.files(table, run_ids=(run_id,))
        is_laid = "layers" in written[table]
        whole = layers.sha256_of(paths[0], root=lake.root) if is_laid else layers.chained(map(Path, paths))
        if whole != written[table]["sha256"]:
            raise MianshenError("RUN_DAMAGED", found=whole[:12], where=f"{table} run {run_id[:12]}")


def _part(number: int) -> str:
    return f"part-{number}.parquet"


def _row(run: LakeRun) -> dict[str, Any]:
    spec = run.spec
    return {
        "run_id": spec.run_id,
        "stage": spec.stage,
        "county_code": spec.county_code,
        "month": spec.month,
        "as_of": spec.as_of,
        "tables": digest.canonical_json(run.tables).decode(),
        "inputs": digest.canonical_json(sorted(spec.inputs)).decode(),
        "policy_hash": spec.policy_hash,
        "code_hash": spec.code_hash,
        **run.totals,
    }


def _publish(folder: Path) -> None:
    temporary = folder.with_name(f".tmp-{folder.name}")
    shutil.rmtree(folder, ignore_errors=True)  # left by a run that died before its row: no reader knows it
    temporary.rename(folder)
    sync(folder.parent)
