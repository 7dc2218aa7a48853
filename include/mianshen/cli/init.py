"""`mianshen init`: a home folder with its rooms, keys and settings."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError
from mianshen.core.paths import PRIVATE, Home


def make_home(
    home: HomeOption = None,
    pack: Annotated[list[str] | None, typer.Option(help="县区政策包，可多次  county pack, repeatable")] = None,
    go_live: Annotated[
        str | None, typer.Option(help="上线日 2026-10-01,此前的救助视为已按老办法发放  first day paid here")
    ] = None,
    ledger_url: Annotated[str | None, typer.Option(help="账本数据库，默认内嵌 SQLite  ledger's SQLAlchemy URL")] = None,
    vault_url: Annotated[str | None, typer.Option(help="人员登记库，默认内嵌 SQLite  register's SQLAlchemy URL")] = None,
    supervision_url: Annotated[
        str | None, typer.Option(help="监督人员查名记录库，默认单独的文件或人员登记库  log of the supervisor's look-ups")
    ] = None,
) -> None:
    """建立数据目录、密钥和设置；重复运行不改动已有内容。 Make a home folder; what exists is left as it is."""
    place = home_at(home)
    urls = {"ledger_url": ledger_url, "vault_url": vault_url, "supervision_url": supervision_url}
    prepare(place, packs=tuple(pack or ()), go_live=go_live, urls=urls)
    say(f"数据目录已就绪：{place.root}", f"the home folder is ready: {place.root}")


def prepare(
    place: Home,
    *,
    packs: tuple[str, ...],
    go_live: str | None,
    urls: dict[str, str | None] | None = None,
    entropy: Callable[[int], bytes] = os.urandom,
) -> None:
    """Make the home's rooms, settings, keys and stores where they do not stand; what stands is left as it is.

    Keys of a home in which people live come from the machine; only a simulated one draws them from its seed.
    """
    _check_packs(packs)
    live = _day(go_live)
    place.make()
    settings = write_settings(place, packs=packs, go_live_on=live, urls=urls or {})
    for name in settings["counties"]:
        for room in (place.inbox(name), place.outbox(name)):
            room.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    make_keys(place, entropy=entropy)
    make_stores(place, settings)


def write_settings(home: Home, *, packs: tuple[str, ...], go_live_on: date | None, urls: dict[str, str | None]) -> dict[str, Any]:
    """The home's settings after the counties were added; counties and addresses that stand there stay."""
    path = home.root / "settings.json"
    settings: dict[str, Any] = {"ledger_url": None, "vault_url": None, "supervision_url": None, "counties": {}}
    if path.exists():
        settings |= json.loads(path.read_text(encoding="utf-8"))
    settings |= {key: settings.get(key) or url for key, url in urls.items()}
    for name in packs:
        settings["counties"].setdefault(name, {"go_live_on": go_live_on.isoformat() if go_live_on else None})
    path.write_text(json.dumps(settings, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return settings


def make_keys(home: Home, *, entropy: Callable[[int], bytes] = os.urandom) -> None:
    """Make the home's key file unless one stands; one that stands is opened, so that an unsafe one is refused now."""
    from mianshen.vault.keyring import keys_of, make_keyring

    if home.keyring.exists():
        keys_of(home)
    else:
        make_keyring(home.keyring, entropy, secret_from=home.secret_from)


def make_stores(home: Home, settings: dict[str, Any]) -> None:
    """Bring the ledger to its newest schema and make the register of persons; what they hold stays."""
    from mianshen.vault import register
    from mianshen.warehouse.connect import VAULT, open_database
    from mianshen.warehouse.upgrade import ledger_upgrade

    ledger_upgrade(settings["ledger_url"] or home.ledger_url)
    engine = open_database(settings["vault_url"] or home.vault_url, schema=VAULT)
    register.create(engine)
    engine.dispose()
    make_watch(home, settings)


def make_watch(home: Home, settings: dict[str, Any]) -> None:
    """Make the log of the supervisor's look-ups where it does not stand."""
    from mianshen.stages.frame import supervision_url
    from mianshen.vault.tables import create_supervision
    from mianshen.warehouse.connect import VAULT, open_database

    watch = open_database(supervision_url(home, settings), schema=VAULT)
    create_supervision(watch)
    watch.dispose()


_SURNAMES = "赵钱孙李周吴郑王"
"""Of made-up people."""


def fill_register(home: Home, *, vault_url: str, people: int, entropy: Callable[[int], bytes] = os.urandom) -> list[str]:
    """Enter so many made-up people into the register of a home that is made for a simulation; their person_keys.

    Their numbers begin with 100999, an area that was never given to anybody.
    """
    from mianshen.core.ids import make_certno
    from mianshen.vault import register
    from mianshen.vault.keyring import keys_of
    from mianshen.vault.records import Fact
    from mianshen.warehouse.connect import VAULT, open_database

    engine = open_database(vault_url, schema=VAULT)
    named = {
        make_certno(born=date(1950, 1, 1) + timedelta(days=number // 1000), serial=number % 1000): [
            Fact("name", "simulation", f"{_SURNAMES[number % len(_SURNAMES)]}模拟", "2026-01")
        ]
        for number in range(people)
    }
    known = register.Register(engine, keys_of(home)).record(named, entropy=entropy)
    engine.dispose()
    return [known.keys[certno] for certno in named]


def _check_packs(names: tuple[str, ...]) -> None:
    from mianshen.policy.packs import county_names

    for name in names:
        if name not in county_names():
            raise MianshenError("POLICY_UNKNOWN", found=name, where=f"--pack ({', '.join(county_names())})")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as cause:
        raise MianshenError("DATE_INVALID", found=text or "", where="--go-live") from cause
