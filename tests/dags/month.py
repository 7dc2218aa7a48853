"""One month of a small county, worked on without Airflow: what the DAGs' outputs are held against."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, select
from tests.end_to_end.counties import IN_TIME, Files, House, make_house, refusing_one, write_files

from mianshen.stages import deidentify, receive

CANARIES = 4
"""People planted in the files: their numbers, names, accounts and phones are looked for wherever they must not be."""
PAPERS = ("lake", "outbox", "reports")
"""Rooms whose bytes must be equal; custody and the vault hold sealed bytes, data docs carry Great Expectations' own moments."""


def small_files(root: Path) -> Files:
    """The year's files of a county of two thousand; a few people in it can be told from everybody else in the world."""
    return write_files(root, insured=2_000, canaries=CANARIES)


def known_vault(files: Files, root: Path) -> Path:
    """A vault in which everybody has a key already: keys are random, and both ways must meet the same ones."""
    house = make_house(root)
    house.receive(files.folder)
    receive.run(house.job(IN_TIME))
    deidentify.run(house.job(IN_TIME))
    return house.home.vault


def worked_on(files: Files, vault: Path, root: Path) -> House:
    """The month without Airflow."""
    house = make_house(root, vault=vault)
    house.receive(files.folder)
    house.carry(IN_TIME, clerk=refusing_one)
    return house


def papers(house: House) -> dict[str, str]:
    """Every file of the rooms, by name, with its digest."""
    root = house.home.root
    found = (path for room in PAPERS for path in sorted((root / room).rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def ledger(house: House) -> dict[str, list[Any]]:
    """Every row of the ledger, by table."""
    engine, tables = house.job(IN_TIME).ledger, MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {name: sorted(map(str, connection.execute(select(table)))) for name, table in tables.tables.items()}
