"""`mianshen doctor`: is this machine fit to run the house?"""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from ctypes.util import find_library
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import table
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home

PACKAGES = (
    "apache-airflow",
    "apache-airflow-providers-fab",
    "duckdb",
    "pandas",
    "pyarrow",
    "great-expectations",
    "sqlalchemy",
    "sqlglot",
    "cryptography",
    "weasyprint",
)
"""Packages without which some stage cannot run."""

DISK_WANTED_GIB = 5
"""Free space of a comfortable demo; a county of 500,000 insured wants about as much a year."""


class Verdict(StrEnum):
    """What an examination ended with."""

    GOOD = "good"
    WANTING = "wanting"
    FAILED = "failed"


MARKS = {Verdict.GOOD: "正常 ok", Verdict.WANTING: "可选 optional", Verdict.FAILED: "缺失 FAILED"}
"""How a verdict is shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined."""

    topic_zh: str
    """What was examined, in Chinese."""
    topic_en: str
    """The same in English."""
    verdict: Verdict
    """good; wanting: some comfort is missing; failed: something will not run."""
    found: str
    """What was there."""
    remedy: str
    """What to do, Chinese and English; empty when good."""


def examine(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="界面端口 port of the Airflow UI")] = 8080,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON print JSON")] = False,
) -> None:
    """检查本机是否具备运行条件。 Say whether this machine can run the house; exit code 1 when something essential is missing."""
    findings = [probe() for probe in _probes(home_at(home), port)]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))
    else:
        typer.echo(table([(MARKS[one.verdict], f"{one.topic_zh} {one.topic_en}", one.found) for one in findings]))
        for one in findings:
            if one.remedy:
                typer.echo(f"- {one.topic_zh} {one.topic_en}: {one.remedy}")
    raise typer.Exit(1 if any(one.verdict is Verdict.FAILED for one in findings) else 0)


def _probes(home: Home, port: int) -> Iterable[Callable[[], Finding]]:
    return (
        _python,
        _packages,
        _pango,
        _cjk_font,
        lambda: _home(home),
        lambda: _keys(home),
        lambda: _sources(home),
        lambda: _bank_profiles(home),
        lambda: _funds(home),
        lambda: _disk(home),
        lambda: _port(port),
        lambda: _program("浏览器", "browser", ("chromium", "chromium-browser", "google-chrome"), "screenshots"),
        _spark,
    )


def _python() -> Finding:
    good = sys.version_info[:2] in ((3, 11), (3, 12))
    remedy = "" if good else "安装 Python 3.11 后重新 make venv。 Install Python 3.11 and run make venv again."
    return Finding("解释器", "Python", _verdict(good), ".".join(map(str, sys.version_info[:3])), remedy)


def _packages() -> Finding:
    missing = [name for name in PACKAGES if not _is_installed(name)]
    found = f"缺 missing: {', '.join(missing)}" if missing else f"{len(PACKAGES)} 个齐全 all present"
    remedy = "运行 make venv 按锁定文件安装。 Run make venv to install from the lock." if missing else ""
    return Finding("依赖包", "packages", _verdict(not missing), found, remedy)


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _pango() -> Finding:
    found = find_library("pango-1.0")
    remedy = "" if found else "安装 libpango-1.0-0 等，否则只出 HTML。 Install libpango; until then forms are HTML only."
    return Finding("排版库", "pango (PDF)", _verdict(bool(found), Verdict.WANTING), found or "无 none", remedy)


def _cjk_font() -> Finding:
    family = ""
    lister = shutil.which("fc-list")
    if lister:
        listed = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
        family = listed.stdout.strip().splitlines()[0].split(",")[0] if listed.stdout.strip() else ""
    remedy = "" if family else "安装 fonts-noto-cjk,否则只出 HTML。 Install fonts-noto-cjk; until then forms are HTML only."
    return Finding("中文字体", "CJK font (PDF)", _verdict(bool(family), Verdict.WANTING), family or "无 none", remedy)


def _home(home: Home) -> Finding:
    is_there = home.root.is_dir() and os.access(home.root, os.W_OK)
    remedy = "" if is_there else "先运行 mianshen init。 Run mianshen init first."
    return Finding("数据目录", "home", _verdict(is_there, Verdict.WANTING), str(home.root), remedy)


def _keys(home: Home) -> Finding:
    keyring = home.keyring
    if not keyring.exists():
        return Finding(
            "密钥文件", "keyring", Verdict.WANTING, "无 none", "运行 mianshen init 生成。 Run mianshen init to make one."
        )
    mode = stat.S_IMODE(keyring.stat().st_mode)
    good = mode & 0o077 == 0
    remedy = "" if good else f"chmod 0600 {keyring}"
    return Finding("密钥文件", "keyring", _verdict(good), f"{mode:04o}", remedy)


def _funds(home: Home) -> Finding:
    """Whether the books of every county that keeps its funds have begun; before that no batch is bounded by a balance."""
    from mianshen.policy.packs import load_pack
    from mianshen.stages.frame import read_settings

    settings = read_settings(home) if (home.root / "settings.json").is_file() else {}
    on = datetime.now(ZONE).date()
    keeping = {
        name: own.get("funds_since")
        for name, own in settings.get("counties", {}).items()
        if load_pack(name, on=on, overlays=tuple(own.get("overlays", ()))).accounts.is_kept
    }
    waiting = sorted(name for name, since in keeping.items() if not since)
    remedy = (
        "登记期初到账后,在 settings.json 写 funds_since;之前付款批次不受余额约束。 "
        "Enter the opening receipts, then write funds_since in settings.json: until then no balance bounds a batch."
    )
    found = f"未起账 not begun: {', '.join(waiting)}" if waiting else f"{len(keeping)}"
    return Finding("资金账", "funds", Verdict.WANTING if waiting else Verdict.GOOD, found, remedy if waiting else "")


def _sources(home: Home) -> Finding:
    """Whether every county's sources make sense to the pack that they feed. Connections are Airflow's; they are not opened."""
    from mianshen.feeds.sources import contract_of, read_sources
    from mianshen.policy.packs import load_pack
    from mianshen.stages.frame import read_settings

    count = 0
    try:
        settings = read_settings(home) if (home.root / "settings.json").is_file() else {}
        for pack in settings.get("counties", {}):
            found = read_sources(settings, pack)
            contracts = load_pack(pack, on=datetime.now(ZONE).date()).contracts if found else ()
            count += len([contract_of(one, contracts) for one in found])
    except MianshenError as error:
        return Finding("取件来源", "sources", Verdict.FAILED, error.found, error.message().replace("\n", " "))
    except (ValueError, AttributeError, TypeError) as cause:
        return Finding(
            "取件来源",
            "sources",
            Verdict.FAILED,
            f"settings.json: {type(cause).__name__}",
            "改正 settings.json 的写法。 Correct settings.json.",
        )
    return Finding("取件来源", "sources", Verdict.GOOD, str(count), "")


def _bank_profiles(home: Home) -> Finding:
    """Whether a county pays by a layout that no bank has published."""
    from mianshen.policy.packs import load_pack
    from mianshen.stages.frame import read_settings

    topic = ("付款文件格式", "bank profiles")
    try:
        settings = read_settings(home) if (home.root / "settings.json").is_file() else {}
        banks = {pack: load_pack(pack, on=datetime.now(ZONE).date()).bank for pack in settings.get("counties", {})}
    except MianshenError as error:
        return Finding(*topic, Verdict.FAILED, error.found, error.message().replace("\n", " "))
    except (ValueError, AttributeError, TypeError) as cause:
        remedy = "改正 settings.json 的写法。 Correct settings.json."
        return Finding(*topic, Verdict.FAILED, f"settings.json: {type(cause).__name__}", remedy)
    found = ", ".join(f"{pack}: {one.code} ({one.status})" for pack, one in banks.items()) or "无 none"
    if any(one.is_illustrative for one in banks.values()):
        remedy = "示例格式不可用于付款:见 docs/howto/add-a-bank-profile.md。 Illustrative layouts pay nobody: see that page."
        return Finding(*topic, Verdict.WANTING, found, remedy)
    return Finding(*topic, Verdict.GOOD, found, "")


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(_nearest(home.root)).free // 2**30
    good = free >= DISK_WANTED_GIB
    remedy = "" if good else f"至少留 {DISK_WANTED_GIB} GiB。 Leave at least {DISK_WANTED_GIB} GiB."
    return Finding("磁盘余量", "free disk", _verdict(good, Verdict.WANTING), f"{free} GiB", remedy)


def _nearest(folder: Path) -> Path:
    """The folder itself or its nearest parent that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            is_free = True
        except OSError:
            is_free = False
    remedy = "" if is_free else f"端口 {port} 被占用，改用 --port。 Port {port} is taken; choose another with --port."
    return Finding("端口", "port", _verdict(is_free, Verdict.WANTING), str(port), remedy)


def _program(topic_zh: str, topic_en: str, names: tuple[str, ...], purpose: str) -> Finding:
    found = next((path for name in names if (path := shutil.which(name))), None)
    remedy = "" if found else f"仅 {purpose} 需要。 Only {purpose} needs it."
    return Finding(topic_zh, topic_en, _verdict(bool(found), Verdict.WANTING), found or "无 none", remedy)


def _spark() -> Finding:
    """Whether Spark could run here: pyspark 4 and a Java that starts it."""
    java = shutil.which("java")
    version = metadata.version("pyspark") if _is_installed("pyspark") else None
    found = f"pyspark {version or '无 none'}, Java {java or '无 none'}"
    is_fit = java is not None and version is not None and version.startswith("4.")
    remedy = "仅在 Spark 上核算时需要:Java 17 与 pyspark 4。 Needed only to assess on Spark: Java 17 and pyspark 4."
    return Finding("Spark", "Spark", _verdict(is_fit, Verdict.WANTING), found, "" if is_fit else remedy)


def _verdict(good: bool, otherwise: Verdict = Verdict.FAILED) -> Verdict:
    return Verdict.GOOD if good else otherwise
