"""A roster of synthetic people with planted faults of twenty kinds, and what each line of it should be called."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from mianshen.core.ids import check_digit, make_certno

HEADING = ("姓名", "身份证号", "人员类别", "镇街", "村社区", "手机号", "银行账号", "认定日期")
CATEGORIES = ("低保对象", "特困人员", "低保边缘家庭", "孤儿", "重度残疾人", "返贫致贫人口")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英文建国春梅海燕"
TODAY = date(2027, 1, 4)

Row = list[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault: the reason it deserves, and how a sound row comes to have it."""

    reason: str
    spoil: Callable[[Row, random.Random], Row]


def _set(place: int, value: Callable[[str, random.Random], str]) -> Callable[[Row, random.Random], Row]:
    def spoil(row: Row, draw: random.Random) -> Row:
        return [*row[:place], value(row[place], draw), *row[place + 1 :]]

    return spoil


def _other_digit(certno: str, draw: random.Random) -> str:
    return certno[:17] + draw.choice([one for one in "0123456789X" if one != certno[17]])


def _no_such_day(certno: str, _: random.Random) -> str:
    first = f"{certno[:10]}13{certno[12:17]}"
    return first + check_digit(first)


def _rounded(certno: str, _: random.Random) -> str:
    """Fifteen digits kept and three zeroed; where that is a sound number of somebody else, fourteen: nobody could tell it."""
    kept = next(digits for digits in (15, 14, 16, 13) if check_digit(certno[:digits] + "0" * (17 - digits)) != "0")
    return certno[:kept] + "0" * (18 - kept)


FAULTS: Mapping[str, Fault] = {
    "id number missing": Fault("CERTNO_MISSING", _set(1, lambda _, __: "")),
    "id number one digit short": Fault(
        "CERTNO_LENGTH", _set(1, lambda one, draw: one[: (at := draw.randrange(7, 16))] + one[at + 1 :])
    ),
    "wrong check digit": Fault("CERTNO_CHECK_DIGIT", _set(1, _other_digit)),
    "impossible birth date": Fault("CERTNO_DATE", _set(1, _no_such_day)),
    "id number in scientific notation": Fault("CERTNO_DAMAGED", _set(1, lambda one, _: f"{one[0]}.{one[1:6]}E+17")),
    "id number rounded by a spreadsheet": Fault("CERTNO_DAMAGED", _set(1, _rounded)),
    "id number masked": Fault("CERTNO_MASKED", _set(1, lambda one, _: f"{one[:6]}********{one[14:]}")),
    "letter O for nought": Fault("CERTNO_LETTER", _set(1, lambda one, _: f"{one[:1]}O{one[2:]}")),
    "name missing": Fault("NAME_MISSING", _set(0, lambda _, __: "")),
    "character of the name lost": Fault("NAME_DOUBTFUL", _set(0, lambda one, _: f"{one[0]}?")),
    "category nobody agreed": Fault("CATEGORY_UNKNOWN", _set(2, lambda _, __: "其他困难")),
    "category missing": Fault("CATEGORY_MISSING", _set(2, lambda _, __: "")),
    "account too short": Fault("ACCOUNT_FLAGGED", _set(6, lambda one, _: one[:9])),
    "account in scientific notation": Fault("ACCOUNT_FLAGGED", _set(6, lambda one, _: f"{one[0]}.{one[1:5]}E+18")),
    "phone one digit short": Fault("PHONE_FLAGGED", _set(5, lambda one, _: one[:-1])),
    "30 February": Fault("DATE_DOUBTFUL", _set(7, lambda one, _: f"{one[:4]}-02-30")),
    "a day to come": Fault("DATE_DOUBTFUL", _set(7, lambda _, draw: str(TODAY + timedelta(days=draw.randrange(60, 900))))),
    "a cell too many": Fault("ROW_SHAPE", lambda row, _: [*row, "多"]),
    "row repeated": Fault("ROW_REPEATED", lambda row, _: row),
    "one id number, two names": Fault(
        "NAMES_DIFFER", lambda row, draw: [_name(draw, other_than=row[0]), row[1], "困难职工", *row[3:]]
    ),
}
"""Twenty kinds. The last two add a line beside the sound one; a program may call both lines by the reason."""

ADDING = ("row repeated", "one id number, two names")


@dataclass(frozen=True, slots=True)
class Planted:
    """A roster and its truth."""

    rows: list[Row]
    """Below the heading, in file order."""
    truth: dict[int, tuple[str, str]]
    """Kind and reason of each faulty row, by its place from 0."""
    partners: dict[int, str]
    """Reason that may also be given to the first row of a pair."""

    def to_csv(self) -> bytes:
        return "".join(f"{','.join(row)}\n" for row in (HEADING, *self.rows)).encode()


def plant(rows: int, *, each: int, seed: int = 20261122) -> Planted:
    """A roster of so many sound people, `each` faults of every kind planted at drawn places."""
    draw = random.Random(seed)
    sound = [_person(number, draw) for number in range(rows)]
    kinds = [kind for kind in FAULTS for _ in range(each)]
    chosen = dict(zip(draw.sample(range(rows), len(kinds)), kinds, strict=True))
    out: list[Row] = []
    truth: dict[int, tuple[str, str]] = {}
    partners: dict[int, str] = {}
    for number, row in enumerate(sound):
        kind = chosen.get(number)
        if kind is None:
            out.append(row)
            continue
        fault = FAULTS[kind]
        if kind in ADDING:
            out.append(row)
            partners[len(out) - 1] = fault.reason
        truth[len(out)] = (kind, fault.reason)
        out.append(fault.spoil(row, draw))
    return Planted(out, truth, partners)


def _serial(number: int) -> int:
    """A serial that differs for two persons born on one day and ends in no noughts."""
    return 123 + number % 9 * 83 + number // 30000


def _person(number: int, draw: random.Random) -> Row:
    while True:
        certno = make_certno(born=date(1935, 1, 1) + timedelta(days=number % 30000), serial=_serial(number))
        if not certno.endswith("000"):
            break
        number += 30000
    account = "62170000" + f"{number:010d}"
    return [
        _name(draw),
        certno,
        draw.choice(CATEGORIES),
        "城关镇",
        f"第{number % 40 + 1}村",
        f"139{number:08d}",
        account + _luhn(account),
        str(date(2026, 1, 1) + timedelta(days=draw.randrange(330))),
    ]


def _name(draw: random.Random, *, other_than: str = "") -> str:
    name = draw.choice(SURNAMES) + draw.choice(GIVEN) + draw.choice(GIVEN)
    return name if name != other_than else _name(draw, other_than=other_than)


def _luhn(digits: str) -> str:
    total = sum(sum(divmod(int(one) * (2 - place % 2), 10)) for place, one in enumerate(reversed(digits)))
    return str(-total % 10)
