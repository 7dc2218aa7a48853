"""What CI runs, step by step: every step runs even when an earlier one failed; a summary closes the run.

The quick steps use one core each and run side by side, each with its output in one piece; then the tests use all cores.

`python tools/check.py` runs all steps, `python tools/check.py types floors` some. The exit code is 1 when any step failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
RESULTS = ROOT / "build" / "check"
WORKERS = os.environ.get("MIANSHEN_TEST_WORKERS", "2")
PARALLEL = ("-n", WORKERS, "--dist", "loadfile")
TEST_STEPS = ("architecture", "tests")
SILENT = "NOT RUN"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the check."""

    name: str
    """What it is called in the summary and on the command line."""
    title: str
    """What it looks at."""
    command: tuple[str, ...]
    """What runs, from the repository's root."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended."""

    step: Step
    """The step."""
    word: str
    """ok, FAILED or NOT RUN."""
    seconds: float
    """How long it took."""
    note: str = ""
    """Test counts, or why it did not run."""


def steps() -> tuple[Step, ...]:
    """Every step in order: what is quick and local first."""
    return (
        Step("style", "ruff check", ("ruff", "check", ".")),
        Step("format", "ruff format", ("ruff", "format", "--check", ".")),
        Step("types", "mypy --strict", ("mypy",)),
        Step("floors", "import contracts", ("lint-imports",)),
        Step("sql", "sqlfluff over include/sql", ("sqlfluff", "lint", "--disable-progress-bar", "include/sql")),
        Step("yaml", "yamllint", ("yamllint", "--strict", ".")),
        Step("policies", "the law's cases", ("mianshen", "policy", "test")),
        Step("architecture", "walls, thin DAGs, SQL floors, docs, deployment", _pytest("architecture", "tests/architecture")),
        Step("tests", "everything else", _pytest("tests", "tests", "--ignore=tests/architecture")),
    )


def _pytest(name: str, *where: str) -> tuple[str, ...]:
    report = f"--junitxml={RESULTS / name}.xml"
    return ("pytest", *where, *PARALLEL, "-rfEs", "-p", "no:cacheprovider", "--hypothesis-profile=repeatable", report)


def run(wanted: Sequence[Step]) -> list[Outcome]:
    """How the steps ended: first the quick ones, then the tests."""
    quick = [step for step in wanted if step.name not in TEST_STEPS]
    with ThreadPoolExecutor(max_workers=int(WORKERS)) as workers:
        outcomes = list(workers.map(run_aside, quick))
    return outcomes + [run_tests(step) for step in wanted if step.name in TEST_STEPS]


def run_aside(step: Step) -> Outcome:
    """The step's outcome; its output goes to the terminal when it ended."""
    program, *arguments = step.command
    began = time.monotonic()
    ended = subprocess.run(
        [BIN / program, *arguments],
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(f"\n=== {step.name}: {step.title} ===\n{ended.stdout}", end="", flush=True)
    return Outcome(step, "ok" if ended.returncode == 0 else "FAILED", time.monotonic() - began)


def run_tests(step: Step) -> Outcome:
    """The step's outcome with its counts; its output goes to the terminal as it comes."""
    print(f"\n=== {step.name}: {step.title} ===", flush=True)
    program, *arguments = step.command
    began = time.monotonic()
    ended = subprocess.run([BIN / program, *arguments], cwd=ROOT, env=_environment(), check=False)
    note = ", ".join(f"{number} {word}" for word, number in counts(step.name).items())
    return Outcome(step, "ok" if ended.returncode == 0 else "FAILED", time.monotonic() - began, note)


def _environment() -> Mapping[str, str]:
    return os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def counts(name: str) -> dict[str, int]:
    """passed, failed and skipped tests of a test step's last run; empty when it left no result."""
    path = RESULTS / f"{name}.xml"
    if not path.exists():
        return {}
    suite = ElementTree.parse(path).getroot().find("testsuite")  # noqa: S314  pytest wrote it a moment ago
    if suite is None:
        return {}
    seen = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    failed = seen["failures"] + seen["errors"]
    return {"passed": seen["tests"] - failed - seen["skipped"], "failed": failed, "skipped": seen["skipped"]}


def realdata_outcome() -> Outcome:
    """How the third-party sample fared: it runs inside the tests when MIANSHEN_REALDATA names its folder."""
    step = Step("realdata", "the third-party sample", ())
    folder = os.environ.get("MIANSHEN_REALDATA")
    if not folder:
        return Outcome(step, SILENT, 0.0, "MIANSHEN_REALDATA is not set; make realdata MIANSHEN_REALDATA=DIR runs it")
    return Outcome(step, "in tests", 0.0, f"MIANSHEN_REALDATA={folder}")


def summary(outcomes: list[Outcome], seconds: float) -> str:
    """The closing summary; its last line counts the tests."""
    lines = ["", "=== summary ==="]
    for one in outcomes:
        lines.append(f"{one.word:<8}  {one.step.name:<13} {one.step.title:<48} {one.seconds:6.1f} s  {one.note}".rstrip())
    lines.append(f"{seconds:.0f} s in all")
    ran = [counts(one.step.name) for one in outcomes if one.step.name in TEST_STEPS]
    totals = {word: sum(one.get(word, 0) for one in ran) for word in ("passed", "failed", "skipped")}
    lines.append(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return "\n".join(lines)


def main(wanted: list[str]) -> int:
    """The exit code of the steps named, or of all."""
    known = {step.name: step for step in steps()}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"tools/check.py: found {unknown} as steps. Choose among: {', '.join(known)}")
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    for old in RESULTS.glob("*.xml"):
        old.unlink()
    began = time.monotonic()
    outcomes = run([known[name] for name in (wanted or known)])
    print(summary([*outcomes, realdata_outcome()], time.monotonic() - began))
    return 1 if any(one.word == "FAILED" for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
