"""The pages' language: Chinese until English is chosen, one language a page, remembered for every page, filters kept."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from tests.dags.conftest import Browser
from tests.dags.test_clock_pages import PACK
from tests.dags.test_clock_pages import clocks as clocks

from mianshen_airflow import pages
from mianshen_airflow.pages.speech import COOKIE, Language, Speech
from mianshen_airflow.pages.wording import EVIDENCE_NAMES

FOLDER = Path(pages.__file__).parent
ROOT = FOLDER.parents[2]
TEMPLATES = sorted(FOLDER.glob("*.html"))
SAID = re.compile(r"""say\((?:"([^"]*)"|'([^']*)'), (?:"([^"]*)"|'([^']*)')\)""")
"""What a template says in two languages."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PAGES = ("/", "/clocks", "/ahead", "/leads", "/radar", "/operations")


def shown(page: str) -> set[str]:
    """The texts of a page, tags and script left out."""
    bare = re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.S)
    return {unescape(one).strip() for one in re.split(r"<[^>]*>", bare)} - {""}


def labels(language: Language) -> set[str]:
    """Everything that the templates say in this language, sentences with figures in them left out."""
    found = [match.groups() for one in TEMPLATES for match in SAID.finditer(one.read_text("utf-8"))]
    said = {Speech(language).say(zh or zh_2 or "", en or en_2 or "") for zh, zh_2, en, en_2 in found}
    return {one for one in said if "{" not in one and one != "Airflow"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_no_template_says_a_chinese_word_to_both(template: Path) -> None:
    """Each is said by `say`, in one of the two; only the switch names the other language in itself."""
    rest = SAID.sub("", template.read_text("utf-8")).replace("'中文'", "")
    rest = re.sub(r"\{% for (?:label|place).*? in \(.*?\)\) %\}", "", rest, flags=re.S)
    assert CHINESE.findall(rest) == []


@pytest.mark.parametrize("address", PAGES)
def test_a_page_speaks_one_language(supervisor: Browser, clocks: dict[str, str], address: str) -> None:
    chinese, english = (shown(supervisor.get(address, params={"language": one.value}).text) for one in Language)
    assert chinese & labels(Language.EN) == set()
    assert english & labels(Language.ZH) == set()
    assert len(chinese & labels(Language.ZH)) > 20 and len(english & labels(Language.EN)) > 20


def test_a_reader_who_chose_nothing_reads_chinese(supervisor: Browser, clocks: dict[str, str]) -> None:
    page = supervisor.get("/clocks", headers={"Accept-Language": "en-GB"})
    assert '<html lang="zh-CN">' in page.text and "时限台账" in page.text and COOKIE not in page.cookies
    assert '<html lang="zh-CN">' in supervisor.get("/clocks", headers={"Cookie": f"{COOKIE}=tlh"}).text


def test_the_choice_is_kept_for_every_page_and_taken_back(supervisor: Browser, clocks: dict[str, str]) -> None:
    chosen = supervisor.get("/clocks", params={"language": "en"}).cookies[COOKIE]
    english = supervisor.get("/ahead", headers={"Cookie": f"{COOKIE}={chosen}"})
    assert '<html lang="en">' in english.text
    back = supervisor.get("/ahead", params={"language": "zh"}, headers={"Cookie": f"{COOKIE}={chosen}"})
    assert '<html lang="zh-CN">' in back.text and back.cookies[COOKIE] == "zh"
    assert supervisor.get("/ahead", params={"language": "fr"}).status_code == 422


def test_the_switch_keeps_the_filters(supervisor: Browser, clocks: dict[str, str]) -> None:
    page = supervisor.get("/clocks", params={"county": PACK, "state": "overdue", "language": "zh"}).text
    found = re.search(r'class="button language" href="([^"]+)"', page)
    assert found
    address = unescape(found[1])
    assert address == f"?county={PACK}&state=overdue&language=en"
    english = supervisor.get(f"/clocks{address}").text
    assert "Overdue" in english and english.count('href="clocks/') == 1


def test_the_workbook_leaves_in_the_reader_s_language(supervisor: Browser, clocks: dict[str, str]) -> None:
    import io

    import openpyxl

    content = supervisor.get("/clocks.xlsx", params={"state": "overdue", "language": "en"}).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "Days late" in said and "Overdue" in said
    assert [one for one in said if CHINESE.search(one)] == ["花源镇"], "a town has one name"


def test_every_part_of_the_evidence_has_a_name_and_amounts_are_in_yuan() -> None:
    written = [one.read_text("utf-8") for one in (ROOT / "include" / "sql" / "out").glob("*.sql")]
    parts = {
        name for text in written for said in re.findall(r"'([a-z_]+=\{\}[^']*)'", text) for name in re.findall(r"(\w+)=", said)
    }
    assert parts and parts <= set(EVIDENCE_NAMES)
    english = Speech(Language.EN)
    assert english.evidence("borne_fen=1093038; cause=UPSTREAM_LATE") == [
        ("Borne, yuan", "10,930.38"), ("Cause", "Data or a department before this one were late"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "status", "zh", "en"),
    [
        ("/clocks/NONE", 404, "没有这个时限", "No such clock"),
        ("/leads/L000000000000000000000000", 404, "没有这个疑点", "No such lead"),
        ("/?county=999999_nowhere", 404, "没有这个县区", "No such county"),
        ("/nowhere/at/all", 404, "Not Found", "Not Found"),
    ],
)
def test_a_person_who_is_refused_reads_a_page_and_a_program_data(
    supervisor: Browser, clocks: dict[str, str], address: str, status: int, zh: str, en: str
) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml"}
    page = supervisor.get(address, headers=browser)
    english = supervisor.get(address, headers={**browser, "Cookie": f"{COOKIE}=en"})
    assert (page.status_code, english.status_code) == (status, status)
    assert zh in page.text and "没有找到" in page.text and "<nav" in page.text
    assert en in english.text and "没有找到" not in english.text
    data = supervisor.get(address)
    assert data.status_code == status and set(data.json()) == {"detail"}


def test_a_stranger_who_is_refused_is_told_nothing_of_the_county(stranger: Browser, clocks: dict[str, str]) -> None:
    page = stranger.get("/clocks", headers={"Accept": "text/html"})
    assert page.status_code in (401, 403) and "新津" not in page.text and "花源镇" not in page.text
