"""Great Expectations over a staged batch: suite from the contract, verdict, data docs. It sees keyed rows only.

The library is imported inside the function that uses it, without what no contract asks (charts and distributions, other
sources than a data frame, other expectations than those below): its import takes seconds of processor time.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mianshen.core.contract import Contract
from mianshen.feeds.expected import ACCEPTED, Expected, Rule, expected_of, gap_column
from mianshen.feeds.postponed import absent, hollow, modules_of, postponed
from mianshen.feeds.quality_pages import SITE, label, write_pages

if TYPE_CHECKING:
    import pandas as pd

UNASKED = ("altair", "scipy.stats", "jsonschema", "requests")
"""What one expectation alone needs, that of a distribution or of a schema, and what asks a service that nobody uses here."""
UNWANTED = ("pyspark", "boto3", "botocore", "psycopg2")
"""What the library looks for and no batch here needs; the import of the first ends the process where nobody started a script."""
SOURCES, FRAMES = "great_expectations.datasource.fluent", ("pandas_datasource", "invalid_datasource")
"""Where the library keeps its sources, and those that a batch here takes; each other makes dozens of classes when imported."""
EXPECTATIONS = "great_expectations.expectations.core"
"""Where it keeps its expectations."""
SERVICES = ("great_expectations.core.http", f"{SOURCES}.fabric")
"""Its ways to services that nobody uses here."""
PANDAS_ROWS = 500_000
"""Above this many rows the batch is judged on a table of checks that SQL has counted."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What Great Expectations says of a batch."""

    expectations: int
    """How many were judged."""
    failed: tuple[str, ...]
    """Gates that failed: expectation and columns."""
    noted: tuple[str, ...]
    """Expectations that failed without stopping anything."""
    docs: Path
    """The data docs' index page."""


def judge_rows(frame: pd.DataFrame, *, contracts: Sequence[Contract], folder: Path, run_name: str, run_at: datetime) -> Quality:
    """Judge the rows of a feed's batch: staging.<feed>_judged with the flag `is_accepted`, without lists."""
    made = frame.assign(
        **{gap_column(index): _gap(frame, rule.total, rule.parts) for index, rule in enumerate(contracts[0].sum_rules)}
    )
    return _judge(made, expected_of(contracts), name=contracts[0].feed.value, folder=folder, run_name=run_name, run_at=run_at)


def judge_counts(frame: pd.DataFrame, *, name: str, folder: Path, run_name: str, run_at: datetime) -> Quality:
    """Judge a table of checks (check_code, is_gate, failures) in place of the rows that SQL has counted."""
    expected = [
        Expected(Rule.BETWEEN, ("failures",), {"least": 0, "most": 0, "only": code}, is_gate=bool(is_gate))
        for code, is_gate in zip(frame["check_code"], frame["is_gate"], strict=True)
    ]
    return _judge(frame, expected, name=name, folder=folder, run_name=run_name, run_at=run_at)


def _gap(frame: pd.DataFrame, total: str, parts: Sequence[str]) -> pd.Series[int]:
    """What the parts are more than their total; none where no total is, which another expectation names.

    Whole numbers that may be missing would be compared one by one, in ten times the time.
    """
    gap = -frame[total]
    for part in parts:
        if part in frame.columns:
            gap = gap + frame[part].fillna(0)
    return gap.fillna(0).astype("int64")


def _judge(
    frame: pd.DataFrame, expected: Sequence[Expected], *, name: str, folder: Path, run_name: str, run_at: datetime
) -> Quality:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _run(frame, expected, name=name, folder=folder, run_name=run_name, run_at=run_at)


def _run(
    frame: pd.DataFrame, expected: Sequence[Expected], *, name: str, folder: Path, run_name: str, run_at: datetime
) -> Quality:
    with postponed(*UNASKED), absent(*UNWANTED), hollow(*_left_out()):
        import great_expectations as gx
        from great_expectations.checkpoint.actions import UpdateDataDocsAction
        from great_expectations.core.run_identifier import RunIdentifier
        from great_expectations.data_context.types.base import ProgressBarsConfig

    folder.mkdir(parents=True, exist_ok=True)
    context = gx.get_context(mode="file", project_root_dir=folder)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_or_update_pandas("staging")
    batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("batch")
    suite = context.suites.add_or_update(gx.ExpectationSuite(name, expectations=[_expectation(one) for one in expected]))
    definition = context.validation_definitions.add_or_update(gx.ValidationDefinition(name=name, data=batch, suite=suite))
    checkpoint = context.checkpoints.add_or_update(
        gx.Checkpoint(
            name=name,
            validation_definitions=[definition],
            actions=[UpdateDataDocsAction(name="docs", site_names=[SITE.name])],
            result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
        )
    )
    outcome = checkpoint.run(batch_parameters={"dataframe": frame}, run_id=RunIdentifier(run_name=run_name, run_time=run_at))
    results = [one for run in outcome.run_results.values() for one in run.results]
    missed: list[Any] = [one.expectation_config for one in results if not one.success]
    return Quality(
        expectations=len(results),
        failed=tuple(sorted(_label(one) for one in missed if one.severity == "critical")),
        noted=tuple(sorted(_label(one) for one in missed if one.severity != "critical")),
        docs=write_pages(folder, run_name=run_name),
    )


def _left_out() -> list[str]:
    """The library's modules of sources and expectations that no batch here asks."""
    sources = {one for one in modules_of(SOURCES, "*_datasource") if one.rpartition(".")[2] not in FRAMES}
    expectations = set(modules_of(EXPECTATIONS, "expect_*")) - {f"{EXPECTATIONS}.{one}" for one in _ASKED}
    return sorted({*sources, *expectations, *SERVICES})


def _label(config: Any) -> str:
    return label(config.type, config.kwargs)


def _expectation(one: Expected) -> Any:
    """The library's expectation; gates are critical and judged on accepted rows, the rest are warnings on all rows."""
    from great_expectations import expectations

    return _MAKERS[one.rule](expectations, one, {"severity": "critical" if one.is_gate else "warning", **_condition(one)})


def _condition(one: Expected) -> dict[str, Any]:
    from great_expectations.expectations.row_conditions import Column

    wanted = []
    if "only" in one.values:
        wanted.append(Column("check_code") == one.values["only"])
    elif one.is_gate and one.rule is not Rule.ROWS:
        wanted.append(Column(ACCEPTED) == 1)
    if one.only_list is not None:
        wanted.append(Column("list_code") == one.only_list)
    if not wanted:
        return {}
    return {"row_condition": wanted[0] if len(wanted) == 1 else wanted[0] & wanted[1]}


def _filled(library: Any, one: Expected, more: Mapping[str, Any]) -> Any:
    return library.ExpectColumnValuesToNotBeNull(column=one.columns[0], **more)


def _matches(library: Any, one: Expected, more: Mapping[str, Any]) -> Any:
    return library.ExpectColumnValuesToMatchRegex(column=one.columns[0], regex=one.values["pattern"], **more)


def _in_set(library: Any, one: Expected, more: Mapping[str, Any]) -> Any:
    share = one.values.get("share", 1)
    return library.ExpectColumnValuesToBeInSet(column=one.columns[0], value_set=one.values["known"], mostly=share, **more)


def _between(library: Any, one: Expected, more: Mapping[str, Any]) -> Any:
    least, most, share = one.values["least"], one.values["most"], one.values.get("share", 1)
    return library.ExpectColumnValuesToBeBetween(column=one.columns[0], min_value=least, max_value=most, mostly=share, **more)


def _unique(library: Any, one: Expected, more: Mapping[str, Any]) -> Any:
    return library.ExpectCompoundColumnsToBeUnique(column_list=list(one.columns), **more)


def _not_before(library: Any, one: Expected, more: Mapping[str, Any]) -> Any:
    return library.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=one.columns[0], column_B=one.columns[1], or_equal=True, ignore_row_if="either_value_is_missing", **more
    )


def _rows(library: Any, one: Expected, more: Mapping[str, Any]) -> Any:
    return library.ExpectTableRowCountToBeBetween(min_value=one.values["least"], **more)


def _empty(library: Any, one: Expected, more: Mapping[str, Any]) -> Any:
    return library.ExpectColumnValuesToBeNull(column=one.columns[0], mostly=one.values["share"], **more)


_MAKERS: Mapping[Rule, Callable[[Any, Expected, Mapping[str, Any]], Any]] = {
    Rule.FILLED: _filled,
    Rule.MATCHES: _matches,
    Rule.IN_SET: _in_set,
    Rule.BETWEEN: _between,
    Rule.UNIQUE: _unique,
    Rule.NOT_BEFORE: _not_before,
    Rule.ROWS: _rows,
    Rule.EMPTY: _empty,
}
_ASKED = (
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_match_regex",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_be_between",
    "expect_compound_columns_to_be_unique",
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_table_row_count_to_be_between",
    "expect_column_values_to_be_null",
)
"""The modules of these expectations."""
