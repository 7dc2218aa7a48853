"""`mianshen init`: a home folder with its rooms, keys and settings."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home


def make_home(
    home: HomeOption = None,
    pack: Annotated[list[str] | None, typer.Option(help="县区政策包,可多次  county pack, repeatable")] = None,
    go_live: Annotated[
        str | None, typer.Option(help="上线日 2026-10-01,此前的救助视为已按老办法发放  first day paid here")
    ] = None,
) -> None:
    """建立数据目录、密钥和设置;重复运行不改动已有内容。 Make a home folder; what exists is left as it is."""
    place = home_at(home)
    place.make()
    settings = write_settings(place, packs=tuple(pack or ()), go_live_on=_day(go_live))
    for name in settings["counties"]:
        for room in (place.inbox(name), place.outbox(name)):
            room.mkdir(parents=True, exist_ok=True, mode=0o700)
    say(f"数据目录已就绪:{place.root}", f"the home folder is ready: {place.root}")


def write_settings(home: Home, *, packs: tuple[str, ...], go_live_on: date | None) -> dict[str, Any]:
    """The home's settings after the counties were added; counties that stand there keep their go-live day."""
    path = home.root / "settings.json"
    settings: dict[str, Any] = {"ledger_url": None, "vault_url": None, "counties": {}}
    if path.exists():
        settings |= json.loads(path.read_text(encoding="utf-8"))
    for name in packs:
        settings["counties"].setdefault(name, {"go_live_on": go_live_on.isoformat() if go_live_on else None})
    path.write_text(json.dumps(settings, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return settings


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as cause:
        raise MianshenError("DATE_INVALID", found=text or "", where="--go-live") from cause
