"""A department's list made ready for the lake: words of the contract, keyed digests, flags; no free text, nothing personal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Contract
from mianshen.core.grids import Grid
from mianshen.feeds.grid import LINE
from mianshen.feeds.identities import PERSON_NAMES
from mianshen.feeds.outgoing import outgoing
from mianshen.feeds.reader import FAULT, Landed
from mianshen.feeds.wording import wording
from mianshen.feeds.words import Written, category_of, fold, read_account, read_phone, town_of

Digests = Callable[[str, Iterable[str]], dict[str, str]]
"""The vault's keyed digests: (kind, values) to digest by value."""

LOCAL, ELSEWHERE = "local", "elsewhere"
_IS_LOCAL = {
    **dict.fromkeys(("是", "本县", "本区", "本市", "本地", "本县户籍", "本区户籍", "本市户籍", "本地户籍"), LOCAL),
    **dict.fromkeys(("否", "外县", "外区", "外市", "外地", "非本县", "非本区", "外地户籍", "非本地户籍"), ELSEWHERE),
}
"""What departments write of a person's registration; another word says nothing."""
_YES_NO = {
    **dict.fromkeys(("是", "已", "已体检", "已签约", "1"), "1"),
    **dict.fromkeys(("否", "未", "未体检", "未签约", "0"), "0"),
}
"""What clinics write of a service that was given; another word says nothing."""
_SEX = {"男": "1", "女": "2", "1": "1", "2": "2"}
_DIGESTED: dict[str, tuple[str, Callable[[str], Written]]] = {
    "account": ("account", read_account),
    "phone": ("phone", read_phone),
    "household": ("household_id", lambda written: Written(fold(written), False)),
}


def listed(landed: Landed, contract: Contract, *, towns: Iterable[str], digests: Digests, grids: Sequence[Grid] = ()) -> pa.Table:
    """The list's rows as staging.landed_roster has them, without their identity; the village leaves as its grid alone."""
    known = tuple(towns)
    text = outgoing(landed, contract)
    rows = {
        LINE: landed.table[LINE],
        FAULT: landed.table[FAULT],
        **_categories(landed, contract),
        **{name: text[name] if name in text.column_names else _nothing(landed) for name in ("valid_from", "applied_on")},
        "is_local": pc.equal(_mapped(landed, "hukou", lambda written: _IS_LOCAL.get(fold(written))), LOCAL),
        "town": _mapped(landed, "town", lambda written: town_of(known, written)),
        "grid_code": _grids(landed, known, grids),
        "gend": _mapped(landed, "gend", lambda written: _SEX.get(written.strip())),
        "is_name_doubtful": text["is_name_doubtful"],
        "is_name_missing": _is_empty(landed, next((one for one in PERSON_NAMES if one in landed.columns), None)),
        "is_phone_doubtful": _marked(landed, "phone", lambda written: read_phone(written).is_doubtful),
        "is_category_missing": _is_empty(landed, contract.category_column),
        "wording_no": wording(landed, also=() if known else ("town",)),
        "is_account_doubtful": _marked(landed, "account", lambda written: read_account(written).is_doubtful),
        "is_town_unknown": _marked(
            landed, "town", lambda written: bool(known) and bool(written) and town_of(known, written) is None
        ),
    }
    for kind, (column, reader) in _DIGESTED.items():
        rows[f"{kind}_key"] = _digested(landed, column, kind, reader, digests)
    return pa.table(rows)


def noticed(landed: Landed, contract: Contract) -> pa.Table:
    """The notices as staging.landed_notice has them, without their identity; what each tells is said by the contract's words."""
    text = outgoing(landed, contract).append_column("notice_code", _categories(landed, contract)["category_code"])
    for name in ("is_checked", "is_signed"):
        text = text.append_column(name, _mapped(landed, name, lambda written: _YES_NO.get(fold(written))))
    return text


def _categories(landed: Landed, contract: Contract) -> dict[str, pa.Array]:
    """category_code and written_category; a word that the contract does not hold is not carried on."""
    if contract.category_column is None:
        codes = pa.array([contract.category_code] * landed.records, pa.string())
        return {"category_code": codes, "written_category": _nothing(landed)}
    words = contract.category_words
    spelled = {fold(word): word for word in words}
    return {
        "category_code": _mapped(landed, contract.category_column, lambda written: category_of(words, written)),
        "written_category": _mapped(landed, contract.category_column, lambda written: spelled.get(fold(written))),
    }


def _grids(landed: Landed, towns: Sequence[str], grids: Sequence[Grid]) -> pa.Array:
    """The grid of the village that the row names in its town; null where no grid of the county has it.

    A list without a column of villages may write both in one cell, the village behind the town's whole name.
    """
    column = next((one for one in ("village", "town") if one in landed.columns), "")
    if not grids or "town" not in landed.columns:
        return _nothing(landed)
    cells = [_mapped(landed, one, str).to_pylist() for one in ("town", column)]
    served = {(one.town, fold(village)): one.code for one in grids for village in one.villages}
    known = {place: _grid_of(served, town_of(towns, place[0]), fold(place[1])) for place in set(zip(*cells, strict=True))}
    return pa.array([known[place] for place in zip(*cells, strict=True)], pa.string())


def _grid_of(served: Mapping[tuple[str, str], str], town: str | None, written: str) -> str | None:
    if town is None:
        return None
    _, _, behind = written.rpartition(fold(town))
    return served.get((town, behind))


def _is_empty(landed: Landed, column: str | None) -> pa.Array:
    """Whether the cell is empty; never, where the delivery has no such column."""
    if column not in landed.columns:
        return pa.array([False] * landed.records, pa.bool_())
    return pc.equal(landed.table[column], "")


def _nothing(landed: Landed) -> pa.Array:
    return pa.nulls(landed.records, pa.string())


def _mapped(landed: Landed, column: str, function: Callable[[str], str | None]) -> pa.Array:
    """The function over each distinct cell; null where the delivery has no such column."""
    if column not in landed.columns:
        return _nothing(landed)
    encoded = pc.dictionary_encode(landed.table[column].combine_chunks())
    return pa.array([function(one) for one in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)


def _marked(landed: Landed, column: str, function: Callable[[str], bool]) -> pa.Array:
    return pc.equal(_mapped(landed, column, lambda written: "yes" if function(written) else "no"), "yes")


def _digested(landed: Landed, column: str, kind: str, reader: Callable[[str], Written], digests: Digests) -> pa.Array:
    if column not in landed.columns:
        return _nothing(landed)
    values = {reader(one).value for one in pc.unique(landed.table[column]).to_pylist()} - {""}
    keys = digests(kind, values)
    return _mapped(landed, column, lambda written: keys.get(reader(written).value))
