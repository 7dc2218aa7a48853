"""`mianshen assess`: files reckoned without a home and without Airflow: who would be paid what, and who not, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.say import say, table
from mianshen.core.codes import REASONS
from mianshen.core.days import last_full_month, parse_moment, parse_month
from mianshen.core.money import show_yuan

if TYPE_CHECKING:
    from mianshen.core.pack import Pack
    from mianshen.stages.reckon import Reckoned

OUTCOMES = {"REFUSED": "不予救助 refused", "HELD": "暂缓 held"}
"""What an outcome is called on the screen."""


def assess(
    pack: Annotated[str, typer.Option(help="县区政策包,如 510118_xinjin  county pack")],
    settlements: Annotated[Path, typer.Option(help="结算文件或文件夹  file or folder of settlements")],
    rosters: Annotated[Path, typer.Option(help="名单文件或文件夹  list or folder of lists")],
    as_of: Annotated[str, typer.Option(help="按哪一天核算  day of the reckoning, 2026-11-06")],
    out: Annotated[Path, typer.Option(help="结果文件 .csv .parquet .xlsx  where the result goes")],
    others: Annotated[Path | None, typer.Option(help="参保缴费和通知的文件或文件夹  enrolment fees and notices")] = None,
    month: Annotated[str | None, typer.Option(help="月份,缺省上一个整月  month, the last full one when absent")] = None,
    list_code: Annotated[str | None, typer.Option("--list", help="名单代码,文件名认不出时用  list, when no name says")] = None,
    overlay: Annotated[list[str] | None, typer.Option(help="政策包的试行页  overlays of the pack")] = None,
    go_live: Annotated[
        str | None, typer.Option(help="上线日,此前的费用只入期初、不核查  claims before it only open balances")
    ] = None,
) -> None:
    """不建数据目录,直接核算几个文件:谁应救助多少,谁不予救助,为什么。 Reckon files without a home: who is due what, and why."""
    from mianshen.core.errors import MianshenError
    from mianshen.policy.packs import load_pack
    from mianshen.stages.reckon import Given, reckon

    moment = parse_moment(as_of)
    chosen = parse_month(month, where="--month") if month else last_full_month(moment.date() + timedelta(days=1))
    for option, path in (("--settlements", settlements), ("--rosters", rosters), ("--others", others)):
        if path is not None and not path.exists():
            raise MianshenError("PATH_MISSING", found=str(path), where=option)
    county = load_pack(pack, on=moment.date(), overlays=overlay or ())
    given = Given(
        pack=county,
        month=chosen,
        as_of=moment,
        settlements=settlements,
        rosters=rosters,
        others=others,
        list_code=list_code,
        overlays=tuple(overlay or ()),
        go_live_on=parse_moment(go_live).date() if go_live else None,
    )
    _tell(county, reckon(given, out))


def _tell(pack: Pack, done: Reckoned) -> None:
    """The files, who is paid, who is not and why, what took no part, and how sure the numbers are."""
    lines: list[tuple[str, ...]] = [("文件 file", "版式 contract", "月份 month", "行 rows")]
    lines += [(one.name, one.contract.list_code, str(one.month), str(one.rows)) for one in done.sources]
    typer.echo(table(lines))
    _tell_totals(done.totals)
    names = {one.code: f"{one.name_zh} {one.name_en}" for one in pack.plan.benefits}
    paid = [(names.get(code, code), str(people), str(claims), show_yuan(fen)) for code, people, claims, fen in done.benefits]
    if paid:
        typer.echo(table([("待遇 benefit", "人 people", "次 claims", "元 yuan"), *paid]))
    unpaid = [
        (OUTCOMES[outcome], code, str(people), str(claims), show_yuan(base), REASONS[code].zh)
        for outcome, code, people, claims, base in done.reasons
    ]
    if unpaid:
        typer.echo(table([("结果 outcome", "原因 reason", "人 people", "次 claims", "基数 base", ""), *unpaid]))
    _tell_aside(done)
    _tell_certainty(pack)
    for path in done.written:
        say(f"结果:{path}", f"the result lies at {path}")


def _tell_totals(totals: Mapping[str, int]) -> None:
    fen = {name: show_yuan(totals[name]) for name in ("base_fen", "relief_fen", "held_fen", "left_fen")}
    say(
        f"共 {totals['people']} 人、{totals['claims']} 次就医。应救助 {totals['people_paid']} 人、{totals['paid']} 次,"
        f"不予救助 {totals['refused']} 次,暂缓 {totals['held']} 次。",
        f"{totals['people']} people, {totals['claims']} claims: "
        f"{totals['paid']} paid, {totals['refused']} refused, {totals['held']} held",
    )
    say(
        f"救助基数合计 {fen['base_fen']} 元,救助 {fen['relief_fen']} 元(其中暂缓 {fen['held_fen']} 元),"
        f"个人仍负担 {fen['left_fen']} 元。",
        f"base {fen['base_fen']} yuan, relief {fen['relief_fen']}, {fen['held_fen']} of it held, left {fen['left_fen']}",
    )


def _tell_aside(done: Reckoned) -> None:
    for code, rows in done.aside:
        known = REASONS[code]
        say(
            f"未采用 {rows} 行 {code}:{known.zh}。处理:{known.remedy_zh}",
            f"{rows} rows took no part: {known.en}; {known.remedy_en}",
        )
    for name, line, code in done.places:
        typer.echo(f"  · {name}:{line} {code}")
    for category, people in done.uncounted:
        say(
            f"名单中 {people} 人的类别 {category} 不在该政策的救助对象内。",
            f"{people} people hold {category}, which the policy does not count",
        )


def _tell_certainty(pack: Pack) -> None:
    for note in pack.notes:
        if note.kind == "overlay":
            say(note.zh, note.en)
    if pack.plan.is_illustrative:
        say(
            "注意:政策含示例值(illustrative),不是当地公布的标准,结果只作演示。",
            "the policy holds illustrative values that the county did not publish; the result is a demonstration",
        )
