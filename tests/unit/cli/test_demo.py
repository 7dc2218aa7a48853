"""The demo's county files and processes: a home it may empty, files that appear whole, processes that end."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest

from mianshen.cli.demo import counties, processes
from mianshen.cli.demo.counties import COUNTIES, MARK, open_funds, prepare_home, send_files, shown_month
from mianshen.cli.demo.ending import write_statements
from mianshen.cli.demo.processes import Running, Site, check_port, descendants, running
from mianshen.core.days import ZONE, Month
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.policy.packs import load_pack
from mianshen.stages.frame import make_job
from mianshen.warehouse.funds import balances

LIVE = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 11, 22), Month(2026, 10)),
        (date(2026, 11, 6), Month(2026, 10)),
        (date(2026, 11, 5), Month(2026, 9)),
        (date(2026, 10, 8), Month(2026, 8)),  # the 5th is a holiday, and lists have until the 8th
        (date(2026, 10, 9), Month(2026, 9)),
        (date(2026, 2, 2), Month(2025, 12)),
    ],
)
def test_the_month_shown_is_one_whose_late_list_is_late(day: date, month: Month) -> None:
    assert shown_month(datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)) == month


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "home" / "thesis.docx"
    kept.parent.mkdir()
    kept.write_text("years of work", encoding="utf-8")
    with pytest.raises(MianshenError) as refused:
        prepare_home(Home(kept.parent), fresh=True, go_live_on=LIVE)
    assert refused.value.code == "HOME_NOT_DEMO"
    assert kept.read_text("utf-8") == "years of work"


def test_a_second_demo_starts_clean_or_goes_on(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    prepare_home(home, fresh=True, go_live_on=LIVE)
    trace = home.root / "trace"
    trace.touch()
    prepare_home(home, fresh=False, go_live_on=LIVE)
    assert trace.exists()
    prepare_home(home, fresh=True, go_live_on=LIVE)
    assert not trace.exists()
    assert (home.root / MARK).exists()


def test_the_home_s_settings_name_the_counties_and_their_overlays(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    prepare_home(home, fresh=True, go_live_on=LIVE)
    named = json.loads((home.root / "settings.json").read_text("utf-8"))["counties"]
    assert {one.pack: one.overlays for one in COUNTIES} == {pack: tuple(one.get("overlays", ())) for pack, one in named.items()}
    assert {one["go_live_on"] for one in named.values()} == {"2026-10-01"}


@pytest.mark.parametrize("county", COUNTIES, ids=lambda one: one.pack)
def test_the_funds_of_the_demo_open_once_and_bound_its_batches(tmp_path: Path, county: counties.DemoCounty) -> None:
    home, moment = Home(tmp_path / "home"), datetime(2026, 11, 5, 9, tzinfo=ZONE)
    prepare_home(home, fresh=True, go_live_on=LIVE)
    funds = load_pack(county.pack, on=LIVE, overlays=county.overlays).funds
    assert open_funds(home, county, month=Month(2026, 10), as_of=moment) == len(funds)
    assert open_funds(home, county, month=Month(2026, 10), as_of=moment) == 0
    job = make_job(county.pack, month=Month(2026, 10), as_of=moment, home=home, entropy=os.urandom)
    assert job.keeps_funds and job.funds_signer != job.actor
    with job.ledger.connect() as connection:
        standing = balances(connection, county_code=job.county_code)
    assert standing == {(one.code, ""): counties.OPENING_FEN for one in funds}
    write_statements(home, month=Month(2026, 10), moment=moment)
    names = [path.name for path in sorted(home.reports(county.pack).iterdir())]
    assert names == ["fund_statement_2026-10.xlsx", "fund_statement_2026-11.xlsx"]


@pytest.mark.parametrize("county", COUNTIES, ids=lambda one: one.pack)
def test_the_late_list_is_one_that_the_pack_expects(county: counties.DemoCounty) -> None:
    pack = load_pack(county.pack, on=date(2026, 11, 1), overlays=county.overlays)
    assert county.late_list in {one.list_code for one in pack.lists}


def test_a_file_appears_whole_and_after_its_control_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, county = Home(tmp_path), COUNTIES[0]
    outgoing = tmp_path / "demo" / "outgoing" / county.pack
    outgoing.mkdir(parents=True)
    home.inbox(county.pack).mkdir(parents=True)
    for name in ("a.csv", "a.csv.ctl", "b.xlsx", "b.xlsx.ctl"):
        (outgoing / name).write_text(name, encoding="utf-8")
    appeared: list[str] = []
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda draft, place: appeared.append(place.name) or rename(draft, place))
    assert send_files(home, county) == 2
    assert appeared == ["a.csv.ctl", "b.xlsx.ctl", "a.csv", "b.xlsx"]
    assert {path.name for path in home.inbox(county.pack).iterdir()} == set(appeared)
    assert not any(outgoing.iterdir())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(Site, "_migrate", lambda self: None)
    made = Site(tmp_path / "home", free_port(), users={"engineer": "admin", "approver_union": "user"})
    made.prepare()
    return made


def test_passwords_and_secrets_are_private_and_stay(site: Site) -> None:
    before = site.passwords, site.environment()["AIRFLOW__CORE__FERNET_KEY"]
    site.prepare()
    assert (site.passwords, site.environment()["AIRFLOW__CORE__FERNET_KEY"]) == before
    for name in ("passwords.json", "secrets.json"):
        assert stat.S_IMODE((site.airflow_home / name).stat().st_mode) == 0o600
    assert set(site.passwords) == {"engineer", "approver_union"}


def test_airflow_listens_on_loopback_only(site: Site) -> None:
    environment = site.environment()
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["MIANSHEN_HOME"] == str(site.home)
    assert "MIANSHEN_AS_OF" not in environment
    assert Site(site.home, site.port, users={}, as_of="2026-11-22T09:00:00+08:00").environment()["MIANSHEN_AS_OF"]
    for folder in ("AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW__CORE__PLUGINS_FOLDER"):
        assert Path(environment[folder]).is_dir()


def test_a_port_in_use_is_named(site: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", site.port))
        other.listen()
        with pytest.raises(MianshenError) as refused, running(site):
            pass
    assert refused.value.code == "PORT_TAKEN"
    check_port(site.port)


SLEEP = "import time; time.sleep(600)"
CHILD = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', '{SLEEP}'], start_new_session=True); "
STUBBORN = CHILD + "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("code", [CHILD + "time.sleep(600)", STUBBORN], ids=["polite", "deaf to SIGTERM"])
def test_stopping_ends_what_a_component_started_even_in_its_own_session(
    site: Site, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(processes, "SECONDS_TO_STOP", 1)
    airflow = Running(site)
    leader = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    airflow.processes["scheduler"] = leader
    latest = time.monotonic() + 20
    while not (started := descendants(leader.pid)) and time.monotonic() < latest:
        time.sleep(0.1)
    assert len(started) == 1
    airflow.stop()
    assert not is_alive(leader.pid)
    latest = time.monotonic() + 5
    while is_alive(started[0]) and time.monotonic() < latest:
        time.sleep(0.1)
    assert not is_alive(started[0])


def test_a_component_that_ends_by_itself_is_noticed_with_its_log(site: Site) -> None:
    airflow = Running(site)
    airflow.processes["triggerer"] = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], start_new_session=True)
    airflow.processes["triggerer"].wait()
    with pytest.raises(MianshenError) as refused:
        airflow.check()
    assert refused.value.code == "AIRFLOW_DOWN"
    assert "triggerer: 3" in refused.value.found
    assert refused.value.where.endswith("triggerer.log")
    airflow.stop()


def test_sigterm_ends_the_demo_as_ctrl_c_does() -> None:
    from mianshen.cli import demo

    before = signal.signal(signal.SIGTERM, demo._as_interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_files_that_were_made_whole_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, county = Home(tmp_path), COUNTIES[1]
    answers = tmp_path / "demo" / "answers" / county.pack
    answers.mkdir(parents=True)
    assert not counties.has_files(home, county), "an answer key may stand beside half the files"
    monkeypatch.setattr("mianshen.synth.make_county", lambda *_arguments, **_options: "made")
    counties.make_files(home, county, month=Month(2026, 10), as_of=datetime(2026, 11, 2, tzinfo=ZONE), insured=2000, seed=7)
    assert counties.has_files(home, county)
