"""Nasty bank returns with what a careful cashier would decide, each beside its reason.

A row is written `n:REASON`, n being the instruction's place in the batch (0 for one that was never sent); QUAR and IGNORE rows
carry their state before the reason.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.corpus.bank_returns.written import (
    BATCH,
    SENT,
    Pay,
    Said,
    Tx,
    all_paid,
    but,
    fixed,
    line,
    pain002,
    sent_batch,
    sheet,
    text,
    total,
)

PAID = ("1:PAID", "2:PAID", "3:PAID", "4:PAID", "5:PAID")
STRANGER = Pay("P20261130000009", "6217000010009990099", "周九九", "500.00")
HEADING = ["序号", "指令号", "账号", "户名", "金额", "返回码", "返回信息"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What is said of one file."""

    outcome: str
    reason: str = ""
    rows: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One inbox."""

    name: str
    why: str
    files: Mapping[str, bytes]
    expected: Mapping[str, Expected]
    sent: bytes | None = field(default_factory=sent_batch)


CASES: list[Case] = []


def case(
    name: str, why: str, content: bytes, outcome: str, reason: str = "", rows: Sequence[str] = (), **more: bytes | None
) -> None:
    CASES.append(Case(name, why, {"return.txt": content}, {"return.txt": Expected(outcome, reason, rows)}, **more))


def inbox(name: str, why: str, *files: tuple[bytes, Expected]) -> None:
    names = [f"return_{place}.txt" for place in range(1, len(files) + 1)]
    CASES.append(
        Case(
            name,
            why,
            {name: content for name, (content, _) in zip(names, files, strict=True)},
            {name: expected for name, (_, expected) in zip(names, files, strict=True)},
        )
    )


def accepted(*rows: str) -> Expected:
    return Expected("ACCEPT", "", rows)


def with_rows(**changes: str) -> list[str]:
    """All paid, but the rows named p1 to p5."""
    rows = list(PAID)
    for place, row in changes.items():
        rows[int(place[1:]) - 1] = row
    return rows


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("return.txt", content)
    return stream.getvalue()


def said(place: int, code: str, words: str = "") -> list[Said]:
    changed = all_paid()
    changed[place - 1] = replace(changed[place - 1], code=code, text=words)
    return changed


# One case a line reads as a table.
# fmt: off
# encodings and blanks
case("plain", "all paid", text(all_paid()), "ACCEPT", rows=PAID)
case("utf8_mark", "a byte-order mark before H", b"\xef\xbb\xbf" + text(all_paid()), "ACCEPT", rows=PAID)
case("gb18030", "written in GB18030, 䶮 needs four bytes", text(all_paid(), encoding="gb18030"), "ACCEPT", rows=PAID)
case("utf16", "saved by Notepad as Unicode", text(all_paid(), encoding="utf-16"), "ACCEPT", rows=PAID)
case("crlf", "CRLF line ends", text(all_paid(), end="\r\n"), "ACCEPT", rows=PAID)
case("old_mac", "lone CR line ends", text(all_paid(), end="\r"), "ACCEPT", rows=PAID)
case("trailing_blanks", "blanks before line ends", text(all_paid(), end="   \r\n"), "ACCEPT", rows=PAID)
case("no_last_end", "no line end after T", text(all_paid()).rstrip(b"\n"), "ACCEPT", rows=PAID)
case("blank_lines", "empty lines between", text(all_paid(), end="\n\n"), "ACCEPT", rows=PAID)
case("ctrl_z", "a DOS end mark after T", text(all_paid()) + b"\x1a", "ACCEPT", rows=PAID)
case("gzip", "packed by gzip", gzip.compress(text(all_paid()), mtime=0), "ACCEPT", rows=PAID)
case("zip", "packed by zip", zipped(text(all_paid())), "ACCEPT", rows=PAID)
case("mixed_encoding", "two encodings in one file: none holds", text(all_paid()) + "注".encode("gb18030") + b"\xff\xff", "REJECT", "ENCODING_UNKNOWN")

# codes and words
case("returned", "a code of the table", text(said(2, "1002", "户名不符")), "ACCEPT", rows=with_rows(p2="2:RETURNED"))
case("iso_code", "an ISO code, lower case", text(said(2, "ac04", "")), "ACCEPT", rows=with_rows(p2="2:RETURNED"))
case("unknown_code", "no table holds it: stays open", text(said(2, "ZZ99", "其他")), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("unknown_code_success", "words never mark a payment paid", text(said(2, "ZZ99", "交易成功")), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("unknown_code_failure", "failed, but why? the money may have left", text(said(2, "ZZ99", "失败")), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("bank_s_own_code", "another bank's code stays open, however plain its words", text(said(2, "K7", "账户已销户")), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("bank_s_own_words", "an unknown code stays open, a word of failure before the reason or not", text(said(2, "K7", "失败:户名不一致")), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("no_code", "an empty code", text(said(2, "", "户名不符")), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("short_zero", "0 is not 0000", text(said(2, "0", "成功")), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("code_against_words", "0000 but 户名不符: doubt", text(said(2, "0000", "户名不符")), "ACCEPT", rows=with_rows(p2="2:QUAR RESULT_CONTRADICTS"))
case("words_against_code", "returned but 成功: the money may have left", text(said(2, "1002", "成功")), "ACCEPT", rows=with_rows(p2="2:QUAR RESULT_CONTRADICTS"))
case("one_duplicate", "the first one may have been paid: open, never returned", text(said(2, "DU01", "重复")), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("all_duplicate", "the whole batch is called a duplicate", text([Said(one, "DU01", "重复报文") for one in SENT]), "HOLD", "BATCH_SAID_DUPLICATE")
case("no_words", "lines without the last field", text(all_paid()).replace("|成功".encode(), b""), "ACCEPT", rows=PAID)
case("bar_in_words", "the bank's words hold a bar", text(said(2, "1002", "户名|不符")), "ACCEPT", rows=with_rows(p2="2:RETURNED"))

# totals and frame
case("wrong_count", "T counts one more", text(all_paid(), count=6), "REJECT", "RETURN_TOTALS")
case("wrong_head", "H counts one more", text(all_paid(), head=6), "REJECT", "RETURN_TOTALS")
case("wrong_sum", "T is one fen off", text(all_paid(), amount="11638.51"), "REJECT", "RETURN_TOTALS")
case("sum_in_fen", "T in fen", text(all_paid(), amount="1163852"), "REJECT", "RETURN_TOTALS")
case("sum_with_commas", "T with thousands separators", text(all_paid(), amount="11,638.52"), "ACCEPT", rows=PAID)
case("sum_is_text", "T is no number", text(all_paid(), amount="壹万"), "REJECT", "RETURN_TOTALS")
case("count_is_text", "no count", text(all_paid(), count="五"), "REJECT", "RETURN_FORMAT")
case("cut_off", "no T: cut off in transfer", text(all_paid()).rsplit(b"T|", 1)[0], "REJECT", "RETURN_INCOMPLETE")
case("cut_line", "cut off inside a line", text(all_paid())[:120], "REJECT", "RETURN_INCOMPLETE")
case("line_lost", "a line lost, totals of the whole", b"".join(text(all_paid()).splitlines(True)[i] for i in (0, 1, 2, 4, 5, 6)), "REJECT", "RETURN_TOTALS")
case("no_head", "no H", text(all_paid()).split(b"\n", 1)[1], "REJECT", "RETURN_INCOMPLETE")
case("two_batches", "two returns in one file", text(all_paid()[:2]) + text(all_paid()[2:]), "REJECT", "RETURN_FORMAT")
case("after_the_end", "a line after T", text(all_paid()[:4]) + line(Said(SENT[4]), 5).encode(), "REJECT", "RETURN_FORMAT")
case("no_lines", "a head and a closing line only", text([], amount="0.00"), "REJECT", "FILE_EMPTY")
case("empty", "no bytes", b"", "REJECT", "FILE_EMPTY")
case("letter", "a letter, no return", "您好,回盘稍后发送。".encode(), "REJECT", "RETURN_FORMAT")
case("a_picture", "a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "REJECT", "ENCODING_UNKNOWN")

# lines
case("unknown_instruction", "one line of another batch", text([*all_paid(), Said(STRANGER)]), "ACCEPT", rows=(*PAID, "0:QUAR INSTRUCTION_UNKNOWN"))
case("never_sent", "no line of it was sent", text([Said(STRANGER)], batch="B1"), "HOLD", "BATCH_NOT_SENT")
case("no_sent_batch", "no batch lies beside it", text(all_paid()), "HOLD", "BATCH_NOT_SENT", sent=None)
case("other_amount", "another amount, totals agree", text(but(1, amount="350.05")), "ACCEPT", rows=with_rows(p2="2:QUAR AMOUNT_DIFFERS"))
case("returned_other_amount", "returned, but another amount: open", text([*but(1, amount="35.05")[:1], Said(replace(SENT[1], amount="35.05"), "1002", "")]), "ACCEPT", rows=("1:PAID", "2:QUAR AMOUNT_DIFFERS"))
case("other_account", "last digit of the account", text(but(1, account="6217000010009990028")), "ACCEPT", rows=with_rows(p2="2:QUAR ACCOUNT_DIFFERS"))
case("rounded_account", "a spreadsheet rounded the account", text(but(1, account="6217000010009990000")), "ACCEPT", rows=with_rows(p2="2:QUAR ACCOUNT_DIFFERS"))
case("masked_account", "masked, its visible digits agree", text(but(1, account="6217********0029")), "ACCEPT", rows=with_rows(p2="2:QUAR ACCOUNT_DIFFERS"))
case("masked_whole_width", "masked in full width, visible digits agree", text(but(1, account="6217***********0029")), "ACCEPT", rows=PAID)
case("spaced_account", "written in fours", text(but(1, account="6217 0000 1000 9990 029")), "ACCEPT", rows=PAID)
case("other_name", "another payee", text(but(1, name="李三二")), "ACCEPT", rows=with_rows(p2="2:QUAR PAYEE_DIFFERS"))
case("lost_character", "䶮 became a question mark", text(but(4, name="?明")), "ACCEPT", rows=with_rows(p5="5:QUAR PAYEE_DIFFERS"))
case("other_dot", "another middle dot, blanks", text(but(3, name=" 阿依•古丽 ")), "ACCEPT", rows=PAID)
case("no_name", "no payee told", text(but(1, name="")), "ACCEPT", rows=with_rows(p2="2:QUAR PAYEE_DIFFERS"))
case("negative", "a negative amount", text(but(1, amount="-350.50")), "ACCEPT", rows=with_rows(p2="2:QUAR MONEY_NEGATIVE"))
case("zero", "nothing paid", text(but(1, amount="0.00")), "ACCEPT", rows=with_rows(p2="2:QUAR AMOUNT_DIFFERS"))
case("third_decimal", "a third decimal", text(but(1, amount="350.505")[:4], amount="11638.515"), "ACCEPT", rows=with_rows(p2="2:QUAR MONEY_INVALID")[:4])
case("amount_lost", "no amount; the closing line counts what was sent", text(said(1, "0000"), amount=total(all_paid())).replace(b"|350.50|", b"||"), "ACCEPT", rows=with_rows(p2="2:QUAR MONEY_MISSING"))
case("too_few_fields", "a line of four fields", text(all_paid()).replace("|李二二|350.50|0000|成功".encode(), "|李二二".encode()), "ACCEPT", rows=with_rows(p2="2:QUAR ROW_SHAPE"))
case("bar_in_name", "the name holds a bar: every field after it is another's", text(but(1, name="李|二二"), amount="11638.52"), "ACCEPT", rows=with_rows(p2="2:QUAR MONEY_INVALID"))
case("twice_the_same", "listed twice, same result: once", text([*all_paid(), Said(SENT[1])]), "ACCEPT", rows=(*PAID, "2:IGNORE ROW_REPEATED"))
case("twice_otherwise", "paid and returned: neither", text([*all_paid(), Said(SENT[1], "1002", "户名不符")]), "ACCEPT", rows=(*with_rows(p2="2:QUAR RESULT_CONTRADICTS"), "2:QUAR RESULT_CONTRADICTS"))
case("twice_open", "paid and unknown: neither", text([*all_paid(), Said(SENT[1], "Z1", "")]), "ACCEPT", rows=(*with_rows(p2="2:QUAR RESULT_CONTRADICTS"), "2:QUAR RESULT_CONTRADICTS"))
case("sequence_gap", "numbers 1, 2, 5: the others stay open", text([Said(SENT[0], sequence=1), Said(SENT[1], sequence=2), Said(SENT[4], sequence=5)]), "ACCEPT", rows=("1:PAID", "2:PAID", "5:PAID"))
case("other_order", "not in the order sent", text(all_paid()[::-1]), "ACCEPT", rows=PAID[::-1])
case("full_width_amount", "full-width digits", text(but(1, amount="３５０.５０")).replace(b"T|5|", b"T|5|"), "ACCEPT", rows=PAID)

# the batch beside it
case("sent_twice", "an instruction twice in the batch: nothing can be compared", text(all_paid()), "HOLD", "SENT_BATCH_DAMAGED", sent=sent_batch([*SENT, SENT[0]]))
case("sent_damaged", "the batch is no list", text(all_paid()), "HOLD", "SENT_BATCH_DAMAGED", sent=b"PK\x03\x04broken")
case("sent_numbered", "the batch has another number", text(all_paid()), "HOLD", "BATCH_NOT_SENT", sent=sent_batch().replace("金额\n".encode(), "金额,批次号\n".encode()).replace(b".00\n", b".00,B7\n").replace(b".50\n", b".50,B7\n").replace(b".01\n", b".01,B7\n"))
case("sent_in_gbk", "the batch in GB18030", text(all_paid()), "ACCEPT", rows=PAID, sent=sent_batch().decode().encode("gb18030"))

# several files
inbox("same_bytes", "the same return again", (text(all_paid()), accepted(*PAID)), (text(all_paid()), Expected("DUPLICATE", "DELIVERY_DUPLICATE")))
inbox("same_words", "the same return, saved by another program", (text(all_paid()), accepted(*PAID)), (text(all_paid(), end="\r\n", encoding="gb18030"), Expected("DUPLICATE", "DELIVERY_DUPLICATE")))
inbox("the_rest", "two returns of one batch", (text(all_paid()[:2]), accepted(*PAID[:2])), (text(all_paid()[2:]), accepted(*PAID[2:])))
inbox("open_then_paid", "open at first, paid later", (text(said(2, "ZZ99")), accepted(*with_rows(p2="2:PENDING"))), (text([Said(SENT[1])]), accepted("2:PAID")))
inbox("open_then_returned", "open at first, returned later", (text(said(2, "ZZ99")), accepted(*with_rows(p2="2:PENDING"))), (text([Said(SENT[1], "1003", "")]), accepted("2:RETURNED")))
inbox("paid_then_returned", "a later correction: a clerk looks at the bank statement", (text(all_paid()), accepted(*PAID)), (text([Said(SENT[1], "1003", "")]), accepted("2:QUAR RESULT_CHANGED")))
inbox("returned_then_paid", "a later correction: it may have been paid again meanwhile", (text(said(2, "1003")), accepted(*with_rows(p2="2:RETURNED"))), (text([Said(SENT[1])]), accepted("2:QUAR RESULT_CHANGED")))
inbox("paid_then_open", "a stale answer after the final one", (text(all_paid()), accepted(*PAID)), (text([Said(SENT[1], "Z1", "")]), accepted("2:QUAR RESULT_CHANGED")))
inbox("paid_again", "a second return overlaps the first", (text(all_paid()[:3]), accepted(*PAID[:3])), (text(all_paid()[2:]), accepted("3:IGNORE ROW_REPEATED", *PAID[3:])))
inbox("refused_then_right", "wrong totals, then the right return", (text(all_paid(), count=6), Expected("REJECT", "RETURN_TOTALS")), (text(all_paid()), accepted(*PAID)))
inbox("refused_twice", "a refused return comes again: refused again", (text(all_paid(), count=6), Expected("REJECT", "RETURN_TOTALS")), (text(all_paid(), count=6), Expected("REJECT", "RETURN_TOTALS")))
inbox("dispute_stays", "contradicted once: only a person settles it", (text([Said(SENT[1]), Said(SENT[1], "1002", "")]), accepted("2:QUAR RESULT_CONTRADICTS", "2:QUAR RESULT_CONTRADICTS")), (text([Said(SENT[1], "1002", "户名不符")]), accepted("2:QUAR RESULT_CONTRADICTS")))
inbox("corrected_amount", "a wrong amount, then the right one", (text(but(1, amount="350.05")), accepted(*with_rows(p2="2:QUAR AMOUNT_DIFFERS"))), (text([Said(SENT[1])]), accepted("2:PAID")))

# fixed width, in GBK bytes
case("fixed", "all paid", fixed(all_paid()), "ACCEPT", rows=PAID)
case("fixed_returned", "a returned line, LF", fixed(said(2, "1002"), end="\n"), "ACCEPT", rows=with_rows(p2="2:RETURNED"))
case("fixed_utf8", "counted in GBK bytes, saved as UTF-8", fixed(all_paid()).decode("gb18030").encode(), "ACCEPT", rows=PAID)
case("fixed_fen", "amounts in fen, zero-padded", fixed(all_paid(), amounts=[f"{int(float(one.amount) * 100 + 0.5):014d}" for one in SENT]), "ACCEPT", rows=PAID)
case("fixed_short", "the last line lost its end", fixed(all_paid())[:-12], "ACCEPT", rows=(*PAID[:4], "0:QUAR ROW_SHAPE"))
case("fixed_by_characters", "a name counted in characters shifts the rest", fixed(all_paid()).replace("李二二".encode("gbk") + b" " * 14, "李二二".encode("gbk") + b" " * 17), "ACCEPT", rows=with_rows(p2="0:QUAR ROW_SHAPE"))
LONG = replace(SENT[1], name="阿卜杜热依木江买买提江")
for named, said_name, seen in (("fixed_name_cut", "阿卜杜热依木江买买提", "2:PAID"), ("fixed_name_short", "阿卜杜热依木", "2:QUAR PAYEE_DIFFERS")):
    case(named, "a name of 22 bytes in a field of 20", fixed([Said(replace(one, name=said_name) if one is SENT[1] else one) for one in SENT]), "ACCEPT", rows=with_rows(p2=seen), sent=sent_batch([LONG if one is SENT[1] else one for one in SENT]))
HALF = "B一二三四五六七八九十".encode("gb18030")[:20]
case("fixed_name_halved", "the width cut a name within a character: that line waits, the others stand", fixed(all_paid()).replace("李二二".encode("gb18030") + b" " * 14, HALF), "ACCEPT", rows=with_rows(p2="0:QUAR ROW_SHAPE"))
case("fixed_trailing", "blanks after the code", fixed(all_paid(), end="    \r\n"), "ACCEPT", rows=PAID)
case("fixed_framed", "fixed lines between H and T", f"H|{BATCH}|5\r\n".encode() + fixed(all_paid()) + b"T|5|11638.52\r\n", "ACCEPT", rows=PAID)
case("fixed_framed_wrong", "fixed lines, wrong sum", f"H|{BATCH}|5\r\n".encode() + fixed(all_paid()) + b"T|5|11638.53\r\n", "REJECT", "RETURN_TOTALS")

# sheets
ROWS = [[place, one.instruction, one.account, one.name, one.amount, "0000", "成功"] for place, one in enumerate(SENT, 1)]
case("sheet", "a workbook", sheet([HEADING, *ROWS]), "ACCEPT", rows=PAID)
case("sheet_titled", "a title above, totals and a signature below", sheet([["代发回盘"], HEADING, *ROWS, ["合计", "", "", "", "11638.52"]]), "ACCEPT", rows=PAID)
case("sheet_wrong_total", "its total is wrong", sheet([HEADING, *ROWS, ["合计", "", "", "", "11638.50"]]), "REJECT", "RETURN_TOTALS")
case("sheet_words", "results in words only", sheet([[*HEADING[:5], "处理结果"], *([*row[:5], "成功"] for row in ROWS[:3]), [*ROWS[3][:5], "失败"], [*ROWS[4][:5], "处理中"]]), "ACCEPT", rows=(*PAID[:3], "4:RETURNED", "5:PENDING"))
case("sheet_numeric_account", "accounts as numbers: rounded", sheet([HEADING, *([*row[:2], float(str(row[2])), *row[3:]] for row in ROWS)]), "ACCEPT", rows=[f"{one}:QUAR ACCOUNT_DIFFERS" for one in range(1, 6)])
case("sheet_no_result", "no column of results", sheet([HEADING[:5], *(row[:5] for row in ROWS)]), "REJECT", "RETURN_FORMAT")
case("csv", "a CSV with headings", "\r\n".join([",".join(HEADING), *(",".join(map(str, row)) for row in ROWS), "合计,5,11638.52"]).encode("gb18030"), "ACCEPT", rows=PAID)

# pain.002
TXS = [Tx(one) for one in SENT]


def tx(place: int, **changes: object) -> list[Tx]:
    changed = list(TXS)
    changed[place - 1] = replace(changed[place - 1], **changes)  # type: ignore[arg-type]
    return changed


for number in range(3, 16):
    case(f"pain_{number:02d}", "several transactions in one OrgnlPmtInfAndSts", pain002([TXS], version=f"{number:02d}"), "ACCEPT", rows=PAID)
case("pain_parts", "several OrgnlPmtInfAndSts", pain002([TXS[:2], TXS[2:4], TXS[4:]]), "ACCEPT", rows=PAID)
case("pain_prefix", "a namespace prefix", pain002([TXS], prefix="ns2"), "ACCEPT", rows=PAID)
case("pain_no_namespace", "no namespace", pain002([TXS], namespace=""), "ACCEPT", rows=PAID)
case("pain_other_message", "a pain.001 namespace", pain002([TXS], namespace="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"), "REJECT", "RETURN_FORMAT")
case("pain_too_new", "a version that nobody has read", pain002([TXS], version="16"), "REJECT", "RETURN_FORMAT")
case("pain_gbk", "declared and written as GBK", pain002([TXS], declaration="<?xml version='1.0' encoding='GB18030'?>", encoding="gb18030"), "ACCEPT", rows=PAID)
case("pain_utf16", "UTF-16 with its mark", pain002([TXS], declaration="<?xml version='1.0' encoding='UTF-16'?>", encoding="utf-16"), "ACCEPT", rows=PAID)
case("pain_rejected", "one rejected, with more than one AddtlInf", pain002([tx(2, status="RJCT", reasons=("AC04",), infos=("账户", "已销户"))]), "ACCEPT", rows=with_rows(p2="2:RETURNED"))
case("pain_narrative", "rejected with words only", pain002([tx(2, status="RJCT", infos=("account closed",))]), "ACCEPT", rows=with_rows(p2="2:RETURNED"))
case("pain_in_process", "ACSP, ACCP, PDNG, nothing, something new", pain002([[replace(one, status=status) for one, status in zip(TXS, ("ACSP", "ACCP", "PDNG", "", "ZZZZ"), strict=True)]]), "ACCEPT", rows=[f"{one}:PENDING" for one in range(1, 6)])
case("pain_duplicate_one", "one rejected as duplicate: open", pain002([tx(2, status="RJCT", reasons=("DU04",))]), "ACCEPT", rows=with_rows(p2="2:PENDING"))
case("pain_duplicate_group", "the group rejected as duplicate", pain002([], group="<@GrpSts>RJCT</@GrpSts><@StsRsnInf><@Rsn><@Cd>DU01</@Cd></@Rsn></@StsRsnInf>"), "HOLD", "BATCH_SAID_DUPLICATE")
case("pain_duplicate_words", "the duplicate stands in AddtlInf", pain002([], group="<@GrpSts>RJCT</@GrpSts><@StsRsnInf><@AddtlInf>DU01 duplicate message</@AddtlInf></@StsRsnInf>"), "HOLD", "BATCH_SAID_DUPLICATE")
case("pain_duplicate_part", "the payment information rejected as duplicate", pain002([[]], part="<@PmtInfSts>RJCT</@PmtInfSts><@StsRsnInf><@Rsn><@Prtry>DU02</@Prtry></@Rsn></@StsRsnInf>"), "HOLD", "BATCH_SAID_DUPLICATE")
case("pain_duplicate_all", "every transaction rejected as duplicate", pain002([[replace(one, status="RJCT", reasons=("AM05",)) for one in TXS]]), "HOLD", "BATCH_SAID_DUPLICATE")
case("pain_group_rejected", "the group rejected for its format", pain002([], group="<@GrpSts>RJCT</@GrpSts><@StsRsnInf><@Rsn><@Cd>FF01</@Cd></@Rsn></@StsRsnInf>"), "HOLD", "BATCH_REJECTED")
case("pain_group_received", "received, nothing more", pain002([], group="<@GrpSts>ACTC</@GrpSts>"), "ACCEPT")
case("pain_group_paid", "the whole batch settled, count and sum agree", pain002([], group="<@OrgnlNbOfTxs>5</@OrgnlNbOfTxs><@OrgnlCtrlSum>11638.52</@OrgnlCtrlSum><@GrpSts>ACSC</@GrpSts>"), "ACCEPT", rows=PAID)
case("pain_group_paid_bare", "the whole batch settled, but which?", pain002([], group="<@GrpSts>ACSC</@GrpSts>"), "HOLD", "BATCH_SAID_PAID")
case("pain_group_against", "the group settled, one transaction rejected: doubt", pain002([tx(2, status="RJCT", reasons=("AC04",))], group="<@GrpSts>ACSC</@GrpSts>"), "ACCEPT", rows=with_rows(p2="2:QUAR RESULT_CONTRADICTS"))
case("pain_part_against", "the part rejected, one transaction settled: doubt", pain002([[*TXS[:1], replace(TXS[1], status="RJCT")]], part="<@PmtInfSts>RJCT</@PmtInfSts>"), "ACCEPT", rows=("1:QUAR RESULT_CONTRADICTS", "2:RETURNED"))
case("pain_wrong_count", "the original had another number of transactions", pain002([TXS], group="<@OrgnlNbOfTxs>6</@OrgnlNbOfTxs>"), "REJECT", "RETURN_TOTALS")
case("pain_wrong_sum", "the original had another sum", pain002([TXS], group="<@OrgnlCtrlSum>11638.51</@OrgnlCtrlSum>"), "REJECT", "RETURN_TOTALS")
case("pain_wrong_per_status", "says 4 settled, lists 5", pain002([TXS], part="<@NbOfTxsPerSts><@DtldNbOfTxs>4</@DtldNbOfTxs><@DtldSts>ACSC</@DtldSts></@NbOfTxsPerSts>"), "REJECT", "RETURN_TOTALS")
case("pain_some_per_status", "says 97 settled, lists the rejected one", pain002([[replace(TXS[1], status="RJCT")]], part="<@NbOfTxsPerSts><@DtldNbOfTxs>4</@DtldNbOfTxs><@DtldSts>ACSC</@DtldSts></@NbOfTxsPerSts>"), "ACCEPT", rows=("2:RETURNED",))
case("pain_no_reference", "no OrgnlTxRef", pain002([[replace(one, with_reference=False) for one in TXS]]), "ACCEPT", rows=PAID)
case("pain_other_amount", "another amount", pain002([tx(2, pay=replace(SENT[1], amount="350.51"))]), "ACCEPT", rows=with_rows(p2="2:QUAR AMOUNT_DIFFERS"))
case("pain_other_currency", "another currency", pain002([tx(2, currency="USD")]), "ACCEPT", rows=with_rows(p2="2:QUAR CURRENCY_DIFFERS"))
case("pain_instruction_id", "known by its instruction id, no end-to-end id", pain002([tx(2, pay=replace(SENT[1], instruction="NOTPROVIDED"), instruction=SENT[1].instruction)]), "ACCEPT", rows=PAID)
case("pain_two_ids", "two instructions in one transaction", pain002([tx(2, instruction=SENT[2].instruction)]), "ACCEPT", rows=with_rows(p2="2:QUAR RESULT_CONTRADICTS", p3="3:PAID"))
case("pain_twice", "settled and rejected in two parts", pain002([TXS, [replace(TXS[1], status="RJCT")]]), "ACCEPT", rows=(*with_rows(p2="2:QUAR RESULT_CONTRADICTS"), "2:QUAR RESULT_CONTRADICTS"))
case("pain_settled_but", "settled, with the reason of a closed account", pain002([tx(2, reasons=("AC04",))]), "ACCEPT", rows=with_rows(p2="2:QUAR RESULT_CONTRADICTS"))
case("pain_entity", "an entity", pain002([TXS], doctype="<!DOCTYPE x [<!ENTITY e 'ACSC'>]>").replace(b">ACSC<", b">&e;<"), "REJECT", "FILE_UNREADABLE")
case("pain_doctype", "a document type only", pain002([TXS], doctype="<!DOCTYPE Document SYSTEM 'file:///etc/passwd'>"), "REJECT", "FILE_UNREADABLE")
case("pain_broken", "cut off", pain002([TXS])[:-40], "REJECT", "FILE_UNREADABLE")
case("pain_html", "an error page in its place", b"<html><body>502</body></html>", "REJECT", "RETURN_FORMAT")
