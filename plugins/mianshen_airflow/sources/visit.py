"""One visit to one source: settings, lock, memory, door. What the DAG's task and the tests call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from mianshen.core.days import local
from mianshen.core.errors import MianshenError
from mianshen.feeds.fetched import Memory
from mianshen.feeds.fetching import Errand
from mianshen.feeds.landing import Landing, held
from mianshen.feeds.sources import FileAsk, PageAsk, Source, SourceKind, codes_due, contract_of, period_of, read_sources
from mianshen.stages.frame import read_settings

if TYPE_CHECKING:
    from mianshen.core.contract import Contract
    from mianshen.core.paths import Home


def due(home: Home, pack: str, *, now: datetime) -> list[str]:
    """Codes of the county's sources that are due now."""
    sources = read_sources(read_settings(home), pack)
    return codes_due(sources, now, done={one.code: _memory(home, pack, one.code).done_at for one in sources})


def known_codes(home: Home, pack: str) -> list[str]:
    """Codes of all the county's sources."""
    return [one.code for one in read_sources(read_settings(home), pack)]


def visit(home: Home, pack: str, code: str, *, at: datetime, pause: Callable[[], None]) -> Counter[str]:
    """Fetch what is new at the source; counts only, no name. MianshenError as the doors raise them, or SOURCE_BUSY."""
    moment = local(at, where="at")
    known = {one.code: one for one in read_sources(read_settings(home), pack)}
    if code not in known:
        raise MianshenError("SOURCE_SETTINGS", found=f"code {code}", where=f"settings.json counties.{pack}.sources")
    source = known[code]
    contract = _contract(source, pack, moment)
    with held(home.fetched(pack) / f"{code}.lock"):
        landing = Landing(home.inbox(pack), code)
        landing.sweep()
        errand = Errand(source, landing, _memory(home, pack, code), contract, moment)
        counts = _through_its_door(errand, pause)
        errand.memory.finish(moment)
    return counts


def _contract(source: Source, pack: str, moment: datetime) -> Contract | None:
    """The contract of the source's list; the pack is read only for a source that names one."""
    if source.list_code is None:
        return None
    from mianshen.policy.packs import load_pack

    return contract_of(source, load_pack(pack, on=moment.date()).contracts)


def _through_its_door(errand: Errand, pause: Callable[[], None]) -> Counter[str]:
    source: Source = errand.source
    if isinstance(source.ask, FileAsk):
        from mianshen_airflow.sources import objects, sftp

        door = sftp.fetch if source.kind is SourceKind.SFTP else objects.fetch
        return door(errand, source.ask, pause=pause)
    period = period_of(source.ask.span, errand.at.date())
    if isinstance(source.ask, PageAsk):
        from mianshen_airflow.sources import pages

        return pages.fetch(errand, source.ask, period)
    from mianshen_airflow.sources import database

    return database.fetch(errand, source.ask, period)


def _memory(home: Home, pack: str, code: str) -> Memory:
    return Memory(home.fetched(pack) / f"{code}.jsonl")
