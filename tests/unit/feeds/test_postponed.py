"""A library that nobody asks is not imported; whoever asks for it still gets it."""

from __future__ import annotations

import subprocess
import sys

from mianshen.feeds.postponed import postponed

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
