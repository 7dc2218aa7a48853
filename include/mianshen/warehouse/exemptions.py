"""容错免责认定: somebody applies for a miss to be excused, somebody else grants or denies it. The miss itself stays."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, RowMapping, insert, select

from mianshen.core.codes.clocks import GROUNDS
from mianshen.core.errors import MianshenError
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.ledger import CLOCK_EXEMPTION, CLOCK_STANDING

APPLIED, GRANTED, DENIED = "applied", "granted", "denied"


@dataclass(frozen=True, slots=True)
class ExemptionAct:
    """One act on a miss."""

    act: str
    """applied | granted | denied."""
    actor: str
    """Login of who acts."""
    department_code: str
    """For which department."""
    acted_at: str
    """When, ISO text in Asia/Shanghai."""
    ground: str
    """One of core.codes.clocks.GROUNDS; a decision repeats the ground applied for."""
    document: str
    """Reference of the paper that it rests on."""
    document_sha256: str | None = None
    """SHA-256 of that paper, where it is a file."""


def apply_for(connection: Connection, clock_id: str, act: ExemptionAct, *, county_code: str) -> None:
    """Record an application; the same one again changes nothing.

    MianshenError CLOCK_UNKNOWN; EXEMPTION_NOT_POSSIBLE for a clock that was not missed, for an unknown ground, and while an
    application waits or an exemption stands.
    """
    clock, acts = _acts(connection, clock_id, county_code)
    if acts and acts[-1]["act"] == APPLIED and _same(acts[-1], act):
        return
    if clock["missed_at"] is None or act.ground not in GROUNDS or (acts and acts[-1]["act"] != DENIED):
        raise MianshenError("EXEMPTION_NOT_POSSIBLE", found=_found(acts, act), where=clock_id)
    _write(connection, clock_id, act, number=len(acts) + 1)


def decide(connection: Connection, clock_id: str, act: ExemptionAct, *, county_code: str) -> None:
    """Record who granted or denied what was applied for; the same decision again changes nothing.

    MianshenError CLOCK_UNKNOWN; EXEMPTION_NOT_POSSIBLE when nobody applied, when it was decided before, and MAKER_IS_CHECKER when
    the applicant decides.
    """
    _, acts = _acts(connection, clock_id, county_code)
    if acts and acts[-1]["act"] == act.act and _same(acts[-1], act):
        return
    if not acts or acts[-1]["act"] != APPLIED or act.act not in (GRANTED, DENIED):
        raise MianshenError("EXEMPTION_NOT_POSSIBLE", found=_found(acts, act), where=clock_id)
    if acts[-1]["actor"] == act.actor:
        raise MianshenError("MAKER_IS_CHECKER", found=act.actor, where=clock_id)
    _write(connection, clock_id, act, number=len(acts) + 1)


def ground_of(connection: Connection, clock_id: str) -> str:
    """The ground last applied for; empty when nobody did."""
    query = select(CLOCK_EXEMPTION.c.ground).where(CLOCK_EXEMPTION.c.clock_id == clock_id, CLOCK_EXEMPTION.c.act == APPLIED)
    return str(connection.execute(query.order_by(CLOCK_EXEMPTION.c.act_no.desc())).scalars().first() or "")


def _acts(connection: Connection, clock_id: str, county_code: str) -> tuple[RowMapping, list[RowMapping]]:
    audit.lock_money(connection)
    query = select(CLOCK_STANDING).where(CLOCK_STANDING.c.clock_id == clock_id, CLOCK_STANDING.c.county_code == county_code)
    clock = connection.execute(query).mappings().first()
    if clock is None:
        raise MianshenError("CLOCK_UNKNOWN", found=clock_id, where=county_code)
    acts = select(CLOCK_EXEMPTION).where(CLOCK_EXEMPTION.c.clock_id == clock_id).order_by(CLOCK_EXEMPTION.c.act_no)
    return clock, list(connection.execute(acts).mappings())


def _same(known: RowMapping, act: ExemptionAct) -> bool:
    return all(known[name] == value for name, value in asdict(act).items() if name != "acted_at")


def _found(acts: list[RowMapping], act: ExemptionAct) -> str:
    return f"{acts[-1]['act']}, {acts[-1]['actor']}, {acts[-1]['acted_at']}" if acts else f"{act.act} {act.ground}"


def _write(connection: Connection, clock_id: str, act: ExemptionAct, *, number: int) -> None:
    row = {"clock_id": clock_id, "act_no": number, **asdict(act)}
    connection.execute(insert(CLOCK_EXEMPTION).values(**row))
    detail = {name: row[name] for name in ("act_no", "ground", "document", "document_sha256", "department_code")}
    audit.append(connection, [Entry(f"exemption.{act.act}", clock_id, detail)], at=act.acted_at, actor=act.actor)
