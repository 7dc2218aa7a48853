"""A library that nobody asks is not imported; whoever asks for it still gets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mianshen.feeds.postponed import hollow, modules_of, postponed

JUDGED = """
import sys, tempfile
from datetime import datetime, timezone
from pathlib import Path
import pandas as pd
from mianshen.feeds.expectations import UNASKED, judge_counts
frame = pd.DataFrame({"check_code": ["KEY_TWICE"], "is_gate": [True], "failures": [0]})
moment = datetime(2026, 11, 5, tzinfo=timezone.utc)
with tempfile.TemporaryDirectory() as folder:
    judge_counts(frame, name="settlement_checks", folder=Path(folder), run_name="r", run_at=moment)
assert not [name for name in sys.modules if name.startswith(UNASKED)]
from mianshen.feeds.expectations import EXPECTATIONS, SOURCES
kept = [name for name in sys.modules if name.startswith(f"{EXPECTATIONS}.expect_")]
assert len(kept) == 8, kept
kept = sorted(name for name in sys.modules if name.startswith(f"{SOURCES}.") and name.endswith("_datasource"))
assert kept == [f"{SOURCES}.invalid_datasource", f"{SOURCES}.pandas_datasource"], kept
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as divergence
assert divergence.stats.entropy([0.5, 0.5], [0.5, 0.5]) == 0
assert divergence.alt.Chart.__name__ == "Chart"
import scipy.stats
assert scipy.stats.entropy is divergence.stats.entropy
assert not [name for name in sys.modules if name.startswith("pyspark")]
import pyspark
print("judged")
"""


def test_judging_leaves_out_what_only_distributions_need_and_they_still_work() -> None:
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", JUDGED], check=True, stdout=subprocess.PIPE)
    assert ended.stdout.endswith(b"judged\n"), "a library that ends the process is not even looked at"


def test_a_stand_in_is_gone_when_the_imports_are_done_and_a_module_that_is_there_stays() -> None:
    sys.modules.pop("wave", None)
    with postponed("wave", "subprocess"):
        import wave as standing

        assert sys.modules["subprocess"] is subprocess
    import wave

    assert wave is not standing
    assert standing.open is wave.open


def test_of_a_hollow_module_nothing_can_be_made_and_afterwards_it_is_imported_itself() -> None:
    sys.modules.pop("colorsys", None)
    with hollow("colorsys", "subprocess"):
        from colorsys import rgb_to_hsv as left_out

        assert sys.modules["subprocess"] is subprocess
    with pytest.raises(TypeError, match=r"colorsys\.rgb_to_hsv was left out"):
        left_out(1, 1, 1)
    from colorsys import rgb_to_hsv

    assert rgb_to_hsv(0, 0, 0) == (0, 0, 0)


def test_modules_are_named_without_importing_their_package() -> None:
    sys.modules.pop("wsgiref", None)
    found = modules_of("wsgiref", "simple_*")
    assert found == ["wsgiref.simple_server"]
    assert "wsgiref" not in sys.modules
    assert modules_of("no_such_package", "*") == []
