"""Rows that take another row back, where a contract says so by the end of the key or by negative amounts."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Contract

KEY, TARGET, FLAG = "setl_id", "init_setl_id", "refd_setl_flag"
TOTAL = "medfee_sumamt"


def mark_reversals(table: pa.Table, contract: Contract, columns: tuple[str, ...]) -> tuple[pa.Table, tuple[str, ...]]:
    """The rows with init_setl_id and refd_setl_flag as the national feed has them, and the columns there are.

    A contract without `reversal_suffix` says it in its own columns and is left as it is.
    """
    suffix = contract.reversal_suffix
    if suffix is None or KEY not in columns:
        return table, columns
    by_key = pc.ends_with(pc.utf8_upper(table[KEY]), suffix.upper())
    by_amount = pc.starts_with(table[TOTAL], "-") if TOTAL in columns else pa.scalar(value=False)
    target = pc.if_else(by_key, pc.utf8_slice_codeunits(table[KEY], 0, -len(suffix)), "")
    flag = pc.if_else(pc.or_(by_key, by_amount), "1", "0")
    for name, derived, silent in ((TARGET, target, ""), (FLAG, flag, "0")):
        if name in columns:
            stated = pc.if_else(pc.equal(derived, silent), table[name], derived)
            table = table.set_column(table.column_names.index(name), name, stated)
        else:
            table = table.append_column(name, derived)
    return table, tuple(dict.fromkeys((*columns, TARGET, FLAG)))
