"""Mutations of both sides: which order counts, what was refused or locked, shared purses."""

from __future__ import annotations

from tests.properties.mutation import Mutant

from mianshen.policy import accounts, arrange, chain
from mianshen.warehouse import (
    compile_claim,
    compile_lanes,
    compile_order_claims,
    compile_orders,
    compile_paid,
    compile_purses,
    compile_turns,
)

CALCULATOR_OF_ORDERS = (
    Mutant("the lowest order counts", arrange, "(-totals[number], number)", "(totals[number], number)", focus="order"),
    Mutant(
        "orders that are the same count each",
        arrange,
        "for code in order if code in covering",
        "for code in order",
        focus="order",
    ),
    Mutant("a refused benefit pays", chain, "benefit.code not in self._refused", "True", focus="order"),
    Mutant("no order is locked", arrange, "locked is not None and locked in plan.arrangements", "False", focus="order"),
    Mutant("the purse never empties", accounts, "min(amount, bound - self.used_fen[year])", "min(amount, bound)", focus="purse"),
    Mutant("a full purse is not used up", accounts, "self.used_fen[year] >= bound", "self.used_fen[year] > bound", focus="purse"),
)
COMPILER_OF_ORDERS = (
    Mutant(
        "the lowest order counts",
        compile_orders,
        "first = exp.Max(",
        "first = exp.Min(",
        focus="order",
    ),
    Mutant("no order is locked", compile_orders, "if plan.order_choice is OrderChoice.LOCKED:", "if False:", focus="order"),
    Mutant(
        "claims of several kinds count as one",
        compile_order_claims,
        "for name in KIND]",
        "for name in KIND[1:]]",
        focus="order",
    ),
    Mutant(
        "every turn is of all benefits",
        compile_lanes,
        'exp.BitwiseAnd(this=col("covers", "c"), expression=col("bit", "w"))',
        'col("covers", "c")',
        focus="order",
    ),
    Mutant("a turn hides the benefits after it", compile_paid, "col(WHOLE)", 'col("covers")', focus="order"),
    Mutant(
        "orders stay one where they part",
        compile_orders,
        'partition_by=columns(("signature", "turn", "path"))',
        'partition_by=columns(("signature", "turn"))',
        focus="order",
    ),
    Mutant(
        "all claims of a kind count as one",
        compile_order_claims,
        'run = exp.paren(minus(col("turn"), col("turn_of_kind")))',
        "run = number(1)",
        focus="order",
    ),
    Mutant("orders take each other's turns", compile_turns, "for one in here)", "for one in here[::-1])", focus="order"),
    Mutant(
        "a refused benefit pays",
        compile_claim,
        'exp.BitwiseNot(this=col("refused_bits"))',
        "exp.BitwiseNot(this=number(0))",
        focus="order",
    ),
    Mutant(
        "the first round counts",
        compile_purses,
        "return query.where(any_of(changed), copy=False)",
        "return query.where(exp.false(), copy=False)",
        focus="purse",
    ),
    Mutant("a full purse is not used up", compile_purses, "spent = exp.GTE(", "spent = exp.GT(", focus="purse"),
    Mutant(
        "every bound cuts at each level",
        compile_purses,
        'is_it = exp.EQ(this=col("level")',
        'is_it = exp.GTE(this=col("level")',
        focus="purse",
    ),
)
