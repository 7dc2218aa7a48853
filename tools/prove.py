"""Runs every shard of every enumeration, resumably, and writes docs/reference/proofs.md with the commit.

A test that enumerates asks for the fixture `shard` and carries the marker `proof`. `make check` runs the shard that the commit
picks, this runs all. What a shard ended with is kept in build/proofs/<commit>/, so that a stopped run goes on where it was.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "proofs.md"
SHARDS = int(os.environ.get("MIANSHEN_SHARDS", "8"))
WORKERS = int(os.environ.get("MIANSHEN_TEST_WORKERS", "2"))
"""Shards that run at once."""
NO_TESTS = 5
"""pytest's exit code when it found no test."""


@dataclass(frozen=True, slots=True)
class Proved:
    """What one shard ended with."""

    number: int
    """From 1."""
    code: int
    """pytest's exit code."""
    closing: str
    """pytest's closing line."""
    seconds: float
    """How long it took."""
    counted: tuple[tuple[str, int, int], ...]
    """(test, cases in all, cases of this shard)."""


def main() -> int:
    """0 when every shard passed; the page is written only then."""
    commit = _git("rev-parse", "HEAD")
    changed = [line for line in _git("status", "--porcelain").splitlines() if line.strip() and not line.endswith(PAGE.name)]
    if changed:
        print(f"make prove: {len(changed)} files differ from commit {commit[:12]}. Commit them first: a proof names a commit.")
        return 2
    folder = ROOT / "build" / "proofs" / commit
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=WORKERS) as workers:
        proved = list(workers.map(lambda number: _shard(number, folder), range(1, SHARDS + 1)))
    failed = [one for one in proved if one.code != 0]
    for one in failed:
        print(f"shard {one.number}/{SHARDS} failed: {one.closing}")
    if failed:
        return 1
    PAGE.write_text(page(commit, proved), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}: {len(_by_test(proved))} enumerations, {SHARDS} shards")
    return 0


def _shard(number: int, folder: Path) -> Proved:
    """The shard's outcome: kept from an earlier run when it passed, else run now."""
    kept = folder / f"{number}-of-{SHARDS}.json"
    if kept.exists():
        body = json.loads(kept.read_text("utf-8"))
        print(f"shard {number}/{SHARDS}: kept, {body['closing']}", flush=True)
        return Proved(number, 0, body["closing"], body["seconds"], tuple(tuple(row) for row in body["counted"]))
    log = folder / f"{number}-of-{SHARDS}.log"
    log.unlink(missing_ok=True)
    print(f"shard {number}/{SHARDS}: running", flush=True)
    began = time.monotonic()
    environment = os.environ | {"MIANSHEN_SHARD": f"{number}/{SHARDS}", "MIANSHEN_PROOF_LOG": str(log)}
    command = [sys.executable, "-m", "pytest", "-m", "proof", "-p", "no:cacheprovider", "tests"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    print(ended.stdout, flush=True)
    closing = (ended.stdout.strip().splitlines() or ["no output"])[-1].strip("= ")
    counted = _counted(log)
    proved = Proved(number, ended.returncode, closing, round(time.monotonic() - began, 1), counted)
    if ended.returncode == NO_TESTS:
        print("make prove: found no test with the marker `proof`")
    if proved.code == 0:
        body = {"closing": closing, "seconds": proved.seconds, "counted": counted}
        kept.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    return proved


def _counted(log: Path) -> tuple[tuple[str, int, int], ...]:
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return tuple((one["test"], one["cases"], one["taken"]) for one in map(json.loads, lines))


def _by_test(proved: list[Proved]) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in proved:
        for test, cases, taken in one.counted:
            found[test].append((cases, taken))
    return dict(sorted(found.items()))


def page(commit: str, proved: list[Proved]) -> str:
    """The page of proofs: each enumeration with its cases, all of them taken."""
    rows = []
    for test, counts in _by_test(proved).items():
        cases, taken = counts[0][0], sum(one[1] for one in counts)
        if any(one[0] != cases for one in counts) or taken != cases:
            raise ValueError(f"{test}: {taken} of {cases} cases were taken; an enumeration must be the same in every shard")
        rows.append(f"| `{test}` | {cases} |")
    seconds = sum(one.seconds for one in proved)
    lines = [
        "<!-- written by make prove; do not edit -->",
        "",
        "# 全量验证 Proofs",
        "",
        "`make check` runs one shard of each enumeration; this page says that all of them passed.",
        "",
        f"Commit `{commit}`, {len(proved)} shards, {seconds:.0f} s.",
        "",
        "| enumeration | cases, all passed |",
        "| --- | --- |",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.rstrip("\n")


if __name__ == "__main__":
    sys.exit(main())
