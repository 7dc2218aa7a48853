"""A thousand ways to tamper with what is kept, each drawn from its number, each with what must be found and where."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from mianshen.warehouse.audit import row_digest

Row = dict[str, Any]


@dataclass(frozen=True)
class Harm:
    """What was done, and what the check must say."""

    what: str
    """For the reader of a failure."""
    chain_row: int | None = None
    """Number of the chain's first row that must be named."""
    problem: str = ""
    """What must be said of it."""
    difference: tuple[str, str, str] | None = None
    """Table, key and problem that must be named, alone."""


class Scene:
    """A copy of the ledger, its outbox and its seal, all guards taken off: the tamperer owns the machine."""

    def __init__(self, ledger: sqlite3.Connection, outbox: Path, evidence: Path, keys: Mapping[str, Sequence[str]]) -> None:
        self.ledger = ledger
        self.outbox = outbox
        self.evidence = evidence
        self.keys = keys
        ledger.row_factory = sqlite3.Row
        ledger.execute("pragma foreign_keys=off")
        ledger.execute("pragma ignore_check_constraints=on")
        for (name,) in ledger.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            ledger.execute(f'drop trigger "{name}"')

    def rows(self, table: str) -> list[Row]:
        order = ", ".join(f'"{name}"' for name in self.keys[table])
        return [dict(row) for row in self.ledger.execute(f'select * from "{table}" order by {order}')]

    def key(self, table: str, row: Row) -> str:
        return "|".join(str(row[name]) for name in self.keys[table])

    def put(self, table: str, row: Row, **change: Any) -> None:
        place = " and ".join(f'"{name}" = :key_{name}' for name in self.keys[table])
        said = ", ".join(f'"{name}" = :new_{name}' for name in change)
        bound = {f"key_{name}": row[name] for name in self.keys[table]} | {f"new_{name}": one for name, one in change.items()}
        self.ledger.execute(f'update "{table}" set {said} where {place}', bound)

    def remove(self, table: str, row: Row) -> None:
        place = " and ".join(f'"{name}" = :{name}' for name in self.keys[table])
        self.ledger.execute(f'delete from "{table}" where {place}', {name: row[name] for name in self.keys[table]})

    def add(self, table: str, row: Row) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        self.ledger.execute(f'insert into "{table}" ({names}) values ({", ".join(f":{name}" for name in row)})', row)


def other(value: Any, draw: Random) -> Any:
    """A value of the same kind that differs."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value + draw.choice((-1, 1, 100))
    place = draw.randrange(len(value)) if value else 0
    return value[:place] + ("0" if value[place : place + 1] != "0" else "1") + value[place + 1 :]


def chain_changed(scene: Scene, draw: Random) -> Harm:
    row = draw.choice(scene.rows("audit"))
    name = draw.choice([one for one in row if one not in ("audit_no", "previous")])
    scene.put("audit", row, **{name: other(row[name], draw)})
    return Harm(f"audit {row['audit_no']}.{name} changed", row["audit_no"], "changed")


def chain_row_forged(scene: Scene, draw: Random) -> Harm:
    """Changed, and its own digest made to fit: the follower does not."""
    row = draw.choice(scene.rows("audit")[:-1])
    forged = row | {"actor": other(row["actor"], draw)}
    scene.put("audit", row, actor=forged["actor"], digest=row_digest(forged))
    return Harm(f"audit {row['audit_no']} forged", row["audit_no"] + 1, "moved")


def chain_row_gone(scene: Scene, draw: Random) -> Harm:
    row = draw.choice(scene.rows("audit")[:-1])
    scene.remove("audit", row)
    return Harm(f"audit {row['audit_no']} gone", row["audit_no"], "moved")


def chain_tail_cut(scene: Scene, draw: Random) -> Harm:
    rows = scene.rows("audit")
    kept = draw.randrange(len(rows))
    for row in rows[kept:]:
        scene.remove("audit", row)
    return Harm(f"chain cut behind {kept}", kept + 1, "cut")


def chain_written_anew(scene: Scene, draw: Random) -> Harm:
    """From a changed row on every digest made to fit: only the printed head tells."""
    rows = scene.rows("audit")
    start = draw.randrange(len(rows))
    before = rows[start]["previous"]
    for place, row in enumerate(rows[start:]):
        fresh = row | {"previous": before} | ({"actor": other(row["actor"], draw)} if place == 0 else {})
        fresh["digest"] = before = row_digest(fresh)
        scene.put("audit", row, actor=fresh["actor"], previous=fresh["previous"], digest=fresh["digest"])
    return Harm(f"chain written anew from {start + 1}", len(rows), "other_head")


def chain_row_put_in(scene: Scene, draw: Random) -> Harm:
    rows = scene.rows("audit")
    place = draw.randrange(1, len(rows))
    for row in reversed(rows[place:]):
        scene.put("audit", row, audit_no=row["audit_no"] + 1)
    fresh = rows[place - 1] | {"audit_no": place + 1, "previous": rows[place - 1]["digest"]}
    scene.add("audit", fresh | {"digest": row_digest(fresh)})
    if place == len(rows) - 1:  # the forged row stands where the printed head was, and nothing behind it within the printed count
        return Harm(f"audit {place + 1} put in", place + 1, "other_head")
    return Harm(f"audit {place + 1} put in", place + 2, "moved")


def _filled(scene: Scene) -> list[str]:
    return [name for name in scene.keys if name not in ("audit", "alembic_version") and scene.rows(name)]


def row_changed(scene: Scene, draw: Random) -> Harm:
    table = draw.choice(_filled(scene))
    row = draw.choice(scene.rows(table))
    name = draw.choice([one for one in row if one not in scene.keys[table]] or list(row))
    if name in scene.keys[table]:
        return row_gone(scene, draw)
    scene.put(table, row, **{name: other(row[name], draw)})
    return Harm(f"{table}.{name}", difference=(table, scene.key(table, row), "changed"))


def row_gone(scene: Scene, draw: Random) -> Harm:
    table = draw.choice(_filled(scene))
    row = draw.choice(scene.rows(table))
    scene.remove(table, row)
    return Harm(f"{table} row gone", difference=(table, scene.key(table, row), "missing"))


def row_put_in(scene: Scene, draw: Random) -> Harm:
    table = draw.choice([one for one in _filled(scene) if one not in ("run", "payment_line")])
    row = draw.choice(scene.rows(table))
    fresh = row | {name: _unique(name, row[name]) for name in row}
    scene.add(table, fresh)
    return Harm(f"{table} row put in", difference=(table, scene.key(table, fresh), "added"))


def _unique(name: str, value: Any) -> Any:
    """A forged row differs in everything that may be unique."""
    if isinstance(value, str) and name not in ("state", "kind", "outcome", "how", "route", "event", "happening", "scope"):
        return f"{value}x"
    return value + 1_000 if isinstance(value, int) and name.endswith("_no") else value


def _files(scene: Scene) -> list[Path]:
    return sorted(path for path in scene.outbox.rglob("*") if path.is_file())


def _named(scene: Scene, path: Path, problem: str) -> tuple[str, str, str]:
    return ("file", path.relative_to(scene.outbox).as_posix(), problem)


def file_changed(scene: Scene, draw: Random) -> Harm:
    path = draw.choice([one for one in _files(scene) if one.stat().st_size])
    content = bytearray(path.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)
    return Harm(f"{path.name} changed", difference=_named(scene, path, "changed"))


def file_cut(scene: Scene, draw: Random) -> Harm:
    path = draw.choice([one for one in _files(scene) if one.stat().st_size])
    content = path.read_bytes()
    path.write_bytes(content[: draw.randrange(len(content))])
    return Harm(f"{path.name} cut", difference=_named(scene, path, "changed"))


def file_gone(scene: Scene, draw: Random) -> Harm:
    path = draw.choice(_files(scene))
    path.unlink()
    return Harm(f"{path.name} gone", difference=_named(scene, path, "missing"))


def file_put_in(scene: Scene, draw: Random) -> Harm:
    path = draw.choice(_files(scene))
    fresh = path.with_name(f"{draw.randrange(10**6)}_{path.name}")
    fresh.write_bytes(path.read_bytes())
    return Harm(f"{fresh.name} put in", difference=_named(scene, fresh, "added"))


def seal_changed(scene: Scene, draw: Random) -> Harm:
    """The seal made to fit a changed row: the chain names another one."""
    path = max(scene.evidence.iterdir())
    lines = path.read_text("utf-8").splitlines()
    place = draw.randrange(len(lines))
    table, key, digest = json.loads(lines[place])
    lines[place] = json.dumps([table, key, other(digest, draw)], separators=(",", ":"))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Harm(f"seal line {place}", difference=("seal", path.name, "SEAL_DIFFERS"))


HARMS: tuple[Callable[[Scene, Random], Harm], ...] = (
    chain_changed,
    chain_row_forged,
    chain_row_gone,
    chain_tail_cut,
    chain_written_anew,
    chain_row_put_in,
    row_changed,
    row_changed,
    row_changed,
    row_gone,
    row_put_in,
    file_changed,
    file_cut,
    file_gone,
    file_put_in,
    seal_changed,
)
"""Every way; changed rows of the ledger come thrice as often."""
