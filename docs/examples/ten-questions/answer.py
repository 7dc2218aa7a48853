"""Ten typical questions, each answered three ways: pandas over Parquet, DuckDB over Parquet, SQLAlchemy on the SQL mart.

mianshen publish --pack 510118_xinjin --month 2026-10 --folder mart
mianshen publish --pack 510118_xinjin --month 2026-10 --url postgresql+psycopg2://…/mart
python answer.py mart [URL]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
from sqlalchemy import create_engine, text

HERE = Path(__file__).resolve().parent
MONTH = "2026-10"
Row = tuple[object, ...]


def table(folder: Path, name: str) -> pd.DataFrame:
    """The month's rows of a table in the folder."""
    frame = pd.read_parquet(folder / name)
    return frame[frame.mart_month == MONTH]


def relieved_by_category(folder: Path) -> pd.DataFrame:
    """People, awards and fen of October by category."""
    lines = table(folder, "out_award_line")
    on = pd.to_datetime(lines.event_on)
    october = lines[(on >= "2026-10-01") & (on < "2026-11-01") & (lines.entitled_fen > 0)]
    grouped = october.groupby("category_code", as_index=False)
    return grouped.agg(people=("person_key", "nunique"), awards=("person_key", "size"), relief_fen=("entitled_fen", "sum"))


def relief_by_department(folder: Path) -> pd.DataFrame:
    """Visits, relief and what is held, by department."""
    found = table(folder, "out_relief_summary")
    sums = ["visits", "entitled_fen", "held_fen"]
    return found[found.scope == "month"].groupby("department_code", as_index=False)[sums].sum()


def refusals_by_reason(folder: Path) -> pd.DataFrame:
    """People and visits by reason, the commonest first."""
    found = table(folder, "out_refusals")
    named = found[(found.scope == "month") & found.reason_code.notna()]
    summed = named.groupby(["reason_code", "outcome"], as_index=False)[["people", "visits"]].sum()
    return summed.sort_values(["visits", "reason_code", "outcome"], ascending=[False, True, True])


def who_bears_more(folder: Path) -> pd.DataFrame:
    """Keys of relieved people who still bear more than 5,000 yuan."""
    claims = table(folder, "out_assessment")
    relieved = claims[(claims.event_kind == "care") & (claims.benefit_year == 2026) & (claims.outcome == "PAID")]
    left = relieved.groupby("person_key", as_index=False).left_fen.sum()
    return left[left.left_fen > 500_000].sort_values(["left_fen", "person_key"], ascending=[False, True])


def towns_with_most_missed(folder: Path) -> pd.DataFrame:
    """People and signals by town, most first."""
    signals = table(folder, "out_radar")
    seen = signals[signals.waits_for.isna()].assign(town=lambda rows: rows.town.fillna("-"))
    by_town = seen.groupby("town", as_index=False).agg(people=("person_key", "nunique"), signals=("person_key", "size"))
    return by_town.sort_values(["people", "town"], ascending=[False, True])


def days_to_payment(folder: Path) -> pd.DataFrame:
    """Paid and open awards and working days since arrival, by department."""
    awards = table(folder, "out_award_days").assign(
        is_paid=lambda rows: rows.paid_on.notna(), is_late=lambda rows: rows.arrival_workdays > 20
    )
    return awards.groupby("department_code", as_index=False).agg(
        paid=("is_paid", "sum"),
        not_paid=("is_paid", lambda paid: (~paid).sum()),
        slowest_workdays=("arrival_workdays", "max"),
        over_twenty=("is_late", "sum"),
    )


def funnel(folder: Path) -> pd.DataFrame:
    """People, visits and fen by step."""
    found = table(folder, "out_funnel")
    wanted = ["event_kind", "step", "people", "visits", "relief_fen"]
    return found[found.scope == "month"][wanted].sort_values(["event_kind", "step"])


def payments_by_fund(folder: Path) -> pd.DataFrame:
    """Payees and fen that left, by fund and department."""
    sums = ["payees", "amount_fen", "by_hand_fen"]
    return table(folder, "out_payment_summary").groupby(["fund_code", "department_code"], as_index=False)[sums].sum()


def time_limits(folder: Path) -> pd.DataFrame:
    """Clocks by time limit, holder and state."""
    grouped = table(folder, "out_clock_board").groupby(
        ["time_limit_code", "holder_department", "state"], as_index=False, dropna=False
    )
    return grouped.agg(clocks=("clock_id", "size"), most_days_late=("days_late", "max"))


def released_by_age(folder: Path) -> pd.DataFrame:
    """Released people by age band and disease group."""
    return table(folder, "release_people").groupby(["age_band", "disease_group"], as_index=False).agg(people=("row_no", "size"))


IN_PANDAS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "01_relieved_by_category": relieved_by_category,
    "02_relief_by_department": relief_by_department,
    "03_refusals_by_reason": refusals_by_reason,
    "04_who_bears_more": who_bears_more,
    "05_towns_with_most_missed": towns_with_most_missed,
    "06_days_to_payment": days_to_payment,
    "07_funnel": funnel,
    "08_payments_by_fund": payments_by_fund,
    "09_time_limits": time_limits,
    "10_released_by_age": released_by_age,
}
"""A function a question; the SQL file of the same name asks the same."""


def by_pandas(question: str, folder: Path) -> list[Row]:
    """The answer by pandas over the folder's Parquet files."""
    return [tuple(row) for row in IN_PANDAS[question](folder).itertuples(index=False)]


def by_duckdb(question: str, folder: Path) -> list[Row]:
    """The answer by the SQL file, in DuckDB over the same files."""
    with duckdb.connect(":memory:") as con:
        for one in folder.iterdir():
            con.execute(f"create view {one.name} as select * from read_parquet('{one}/*.parquet', union_by_name=true)")  # noqa: S608 - our own folder
        return [tuple(row) for row in con.execute(sql_of(question)).fetchall()]


def by_sqlalchemy(question: str, url: str) -> list[Row]:
    """The answer by the same SQL file, in the database that `mianshen publish --url` filled."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql_of(question)))]
    finally:
        engine.dispose()


def sql_of(question: str) -> str:
    """The text of the question's SQL file."""
    return (HERE / f"{question}.sql").read_text("utf-8")


def main(folder: Path, url: str | None) -> None:
    """Print every answer, and how many rows each way gives."""
    for question in IN_PANDAS:
        print(f"\n{question}\n{IN_PANDAS[question](folder).to_string(index=False)}")
        answers = [by_pandas(question, folder), by_duckdb(question, folder)]
        answers += [] if url is None else [by_sqlalchemy(question, url)]
        print(f"{len(answers)} ways, {len(answers[0])} rows each: {[len(one) for one in answers]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
