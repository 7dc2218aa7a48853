"""Feed contracts: layouts, words, file names; and the third-party sample's headings and sums."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from mianshen.core.codes import REASONS
from mianshen.core.contract import PERSONAL, BadRows, Contract, Feed, Kind, SnapshotGuard
from mianshen.core.money import parse_fen
from mianshen.core.pack import Pack
from mianshen.policy.packs import load_pack, pack_names

ON = date(2026, 10, 31)


@lru_cache
def xinjin() -> Pack:
    return load_pack("510118_xinjin", on=ON)


def recognised(name: str) -> list[tuple[str, str]]:
    found = []
    for contract in xinjin().contracts:
        for pattern in contract.file_patterns:
            match = re.match(pattern, name)
            if match:
                found.append((contract.list_code, match["period"]))
    return found


@pytest.mark.parametrize(
    ("name", "code", "period"),
    [
        ("settlement_510118_202410.csv.gz", "settlement", "202410"),
        ("settlement_510132_20261005.csv", "settlement", "20261005"),
        ("settlement_510118_202611.gbk.csv", "settlement", "202611"),
        ("enrolment_510118_202610.csv", "enrolment", "202610"),
        ("canlian_zhongdu_202606.bom.csv", "canlian_zhongdu", "202606"),
        ("minzheng_shehuijiuzhu_202606.xlsx", "minzheng_shehuijiuzhu", "202606"),
        ("zuzhibu_kunnandangyuan_202606.tsv", "zuzhibu_kunnandangyuan", "202606"),
        ("xiangcun_tuopin_jiance_202606.gbk.csv", "xiangcun_tuopin_jiance", "202606"),
        ("yibao_yinbingzhipin_202606.xlsx", "yibao_yinbingzhipin", "202606"),
        ("残联-重度残疾人_202606.csv", "canlian_zhongdu", "202606"),
        ("民政局-社会救助对象花名册(202606).xlsx", "minzheng_shehuijiuzhu", "202606"),
    ],
)
def test_a_file_is_known_by_its_name_once(name: str, code: str, period: str) -> None:
    assert recognised(name) == [(code, period)]


@pytest.mark.parametrize(
    "name",
    [
        "settlement_320902_202610.csv",
        "settlement_510118_2026.csv",
        "canlian_zhongdu_202606.pdf",
        "~$gonghui_kunnanzhigong_202606.xlsx",
    ],
)
def test_other_files_are_not(name: str) -> None:
    assert recognised(name) == []


@pytest.mark.parametrize("pack", pack_names())
def test_every_person_is_found_by_one_column(pack: str) -> None:
    for contract in load_pack(pack, on=ON).contracts:
        kinds = Counter(column.kind for column in contract.columns)
        assert kinds[Kind.CERTNO] + kinds[Kind.DISABILITY_CARD] == 1, contract.list_code
        assert kinds[Kind.NAME] <= 2


@pytest.mark.parametrize("pack", pack_names())
def test_every_rule_names_money_and_a_known_reason(pack: str) -> None:
    for contract in load_pack(pack, on=ON).contracts:
        for rule in contract.sum_rules:
            assert rule.reason_code in REASONS
            assert {contract.column(one).kind for one in (rule.total, *rule.parts)} == {Kind.MONEY}
            assert rule.tolerance_fen == 1


def test_the_disability_list_is_keyed_by_its_card() -> None:
    contract = xinjin().contract("canlian_zhongdu")
    assert contract.key == ("disability_card",)
    assert contract.column("disability_card").kind is Kind.DISABILITY_CARD
    assert not [one for one in contract.columns if one.kind is Kind.CERTNO]


def test_the_base_reads_only_money_fields_of_the_contract() -> None:
    for pack in ("510118_xinjin", "320902_tinghu", "_example"):
        loaded = load_pack(pack, on=ON)
        for term in loaded.plan.base:
            column = loaded.contract("settlement").column(term.field)
            assert column.kind is Kind.MONEY
            assert column.is_required == (term.absent_means == "unknown"), "what may be absent has a declared meaning"


def test_a_list_shows_chinese_headings_first_and_settlements_national_names() -> None:
    assert xinjin().contract("tuiyi_youfu").column("certno").aliases[0] == "公民身份号码"
    assert xinjin().contract("settlement").column("certno").aliases[0] == "certno"


@pytest.mark.parametrize("pack", pack_names())
def test_every_list_has_limits_and_facts_that_stand_alone_have_none(pack: str) -> None:
    for contract in load_pack(pack, on=ON).contracts:
        assert (contract.bad_rows is not None) == (contract.feed is Feed.ROSTER), contract.list_code
    silent = next(one for one in load_pack(pack, on=ON).contracts if one.feed is Feed.ROSTER)
    assert (silent.bad_rows, silent.snapshot) == (BadRows(largest_share=40, fewest_rows=10), SnapshotGuard(40, 100, 5))


def test_personal_columns_are_marked() -> None:
    marked = {one.name for contract in xinjin().contracts for one in contract.columns if one.kind in PERSONAL}
    assert marked == {
        "account",
        "certno",
        "disability_card",
        "guardian_name",
        "guardian_phone",
        "household_head_name",
        "name",
        "phone",
        "psn_name",
    }


def lists_of(sample: Path) -> Iterator[tuple[Contract, list[str], list[list[str]]]]:
    for path in sorted((sample / "sample_mgh24" / "rosters").glob("*/*")):
        codes = recognised(path.name)
        assert len(codes) == 1, path.name
        contract = xinjin().contract(codes[0][0])
        if path.suffix == ".xlsx":
            continue
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig") if raw.startswith(b"\xef\xbb\xbf") else raw.decode("gb18030")
        rows = list(csv.reader(io.StringIO(text), delimiter="\t" if path.suffix == ".tsv" else ","))
        yield contract, rows[0], rows[1:]


@pytest.mark.realdata
def test_the_samples_lists_have_the_contracts_headings_and_words(realdata: Path) -> None:
    for contract, header, rows in lists_of(realdata):
        words = {alias: one.name for one in contract.columns for alias in one.aliases}
        assert [words[heading] for heading in header] == [one.name for one in contract.columns]
        if contract.category_column:
            place = [words[heading] for heading in header].index(contract.category_column)
            assert {row[place].strip() for row in rows} <= set(contract.category_words)


@pytest.mark.realdata
def test_the_samples_settlements_have_the_contracts_columns_and_sums(realdata: Path) -> None:
    contract = xinjin().contract("settlement")
    required = {one.name for one in contract.columns if one.is_required}
    breaches: Counter[tuple[str, int]] = Counter()
    for path in sorted((realdata / "sample_mgh24" / "feed").glob("*.csv.gz")):
        assert recognised(path.name)[0][0] == "settlement"
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as handle:
            rows = csv.DictReader(handle)
            assert required <= set(rows.fieldnames or ()) <= {one.name for one in contract.columns}
            for row in rows:
                for rule in contract.sum_rules:
                    parts = sum(parse_fen(row[one]) for one in rule.parts if one in row)
                    off = abs(parse_fen(row[rule.total]) - parts)
                    breaches[rule.reason_code, off] += off > 0
    found = {key: count for key, count in breaches.items() if count}
    assert {off for _, off in found} == {1, 10_000}, "a tolerance of one fen tells the two kinds of breach apart"
    assert found["IDENTITY_PERSON", 1] >= 40


def test_feeds_of_each_kind_exist() -> None:
    assert {one.feed for one in xinjin().contracts} == set(Feed) - {Feed.BANK_RETURN}
