"""Below floor 4 nothing reads a clock or draws at random: day, moment and entropy are arguments. There is no allow-list."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.architecture.sources import PRODUCT, at, dotted, imported_modules, imported_names, product_files, strings, tree_of

BANNED_MODULES = {"time", "random", "secrets", "uuid"}
BANNED_NAMES = re.compile(
    r"^(os\.(urandom|getrandom|times)"
    r"|sqlalchemy\.(sql\.)?(func|functions)\.(now|random|current_\w+|local(time|timestamp)|gen_random_uuid|uuid\w*|statement_timestamp"
    r"|transaction_timestamp|clock_timestamp|sysdate|getdate))$"
)
BANNED_ATTRIBUTES = {"now", "utcnow", "today", "st_mtime", "st_ctime", "st_atime", "st_mtime_ns", "st_ctime_ns", "st_atime_ns"}
SEEDED = {"default_rng", "Generator", "PCG64", "PCG64DXSM", "Philox", "SeedSequence"}
CLOCK_IN_SQL = re.compile(
    r"\b(now|today|get_current_timestamp|get_current_time|transaction_timestamp|clock_timestamp|getdate|sysdate|random|rand"
    r"|gen_random_uuid|uuid|uuidv4|uuidv7|nextval|setseed)\s*\("
    r"|\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b"
    r"|\btablesample\b|\busing\s+sample\b",
    re.IGNORECASE,
)
SQL_WORDS = re.compile(r"\b(select|insert|update|values|from|where|default)\b", re.IGNORECASE)


def readings(source: str | Path) -> list[str]:
    """Every place that reads a clock or draws at random."""
    tree = tree_of(source)
    known = imported_names(tree)
    found = [at(source, node, f"imports {name}") for node, name in imported_modules(tree) if name.split(".")[0] in BANNED_MODULES]
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)) and (breach := _name_breach(node, known)):
            found.append(at(source, node, breach))
        if isinstance(node, ast.Call) and (breach := _call_breach(node, known)):
            found.append(at(source, node, breach))
    found += [
        at(source, node, f"SQL that reads the clock or draws at random: {hit[0]}")
        for node, text in strings(tree)
        if SQL_WORDS.search(text) and (hit := CLOCK_IN_SQL.search(text))
    ]
    return found + _unseeded_faker(source, tree)


def _name_breach(node: ast.Attribute | ast.Name, known: dict[str, str]) -> str:
    name = dotted(node, known)
    if BANNED_NAMES.match(name):
        return f"uses {name}"
    if isinstance(node, ast.Attribute) and node.attr in BANNED_ATTRIBUTES:
        return f"reads .{node.attr}"
    if name.startswith("numpy.random.") and name.split(".")[2] not in SEEDED:
        return f"uses {name}, numpy's shared state"
    return ""


def _call_breach(node: ast.Call, known: dict[str, str]) -> str:
    name = dotted(node.func, known)
    if name.startswith("numpy.random.") and name.split(".")[2] in SEEDED and not node.args and not node.keywords:
        return f"calls {name} without a seed"
    return "calls hash(), which differs from process to process" if name == "hash" else ""


def _unseeded_faker(source: str | Path, tree: ast.Module) -> list[str]:
    if not any(name.split(".")[0] == "faker" for _, name in imported_modules(tree)):
        return []
    seeds = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in {"seed_instance", "seed"}]
    return [] if seeds else [at(source, tree, "uses Faker without seed_instance")]


def test_nothing_below_floor_four_reads_a_clock_or_draws_at_random() -> None:
    below = [path for path in product_files() if (PRODUCT / "cli") not in path.parents]
    assert len(below) > 20
    assert [line for path in below for line in readings(path)] == []


@pytest.mark.parametrize(
    "snippet",
    [
        "from datetime import datetime\ndatetime.now()",
        "import datetime as dt\ndt.datetime.now(dt.timezone.utc)",
        "from datetime import date as day\nday.today()",
        "import pandas as pd\npd.Timestamp.now(tz='Asia/Shanghai')",
        "import time\ntime.time()",
        "from time import monotonic",
        "import random",
        "from secrets import token_bytes",
        "from uuid import uuid4",
        "import os\nos.urandom(16)",
        "from os import urandom as draw\ndraw(16)",
        "import numpy as np\nnp.random.default_rng()",
        "import numpy as np\nnp.random.normal(0, 1)",
        "from numpy.random import default_rng\ndefault_rng()",
        "from sqlalchemy import func\nfunc.now()",
        "from pathlib import Path\nPath('x').stat().st_mtime",
        "key = hash('person')",
        "connection.execute('select now()')",
        "connection.execute(f'insert into t values ({1}, current_timestamp)')",
        "connection.execute('select * from t using sample 10')",
        "from faker import Faker\nFaker('zh_CN').name()",
    ],
)
def test_a_reading_is_found(snippet: str) -> None:
    assert readings(snippet)


@pytest.mark.parametrize(
    "snippet",
    [
        "from datetime import datetime, date\ndatetime.combine(date(2026, 1, 1), datetime.min.time())",
        "def due(*, today):\n    return today",
        "import numpy as np\nnp.random.default_rng(seed)",
        "from faker import Faker\nfake = Faker('zh_CN')\nfake.seed_instance(7)",
        "connection.execute('select as_of from run where moment < $now')",
        "text = 'the person is random() in prose'",
        "from datetime import time\ntime(9)",
    ],
)
def test_arguments_are_allowed(snippet: str) -> None:
    assert readings(snippet) == []
