"""Faults in what January asks of a year that stayed within its deductible, one for each part of the rule."""

from __future__ import annotations

from tests.properties.mutation import Mutant

from mianshen.policy import accounts, pipeline
from mianshen.warehouse import compile_steps

CALCULATOR_OF_JANUARY = (
    Mutant(
        "claims are forgiven before the year is over",
        pipeline,
        "if not is_over or asked.below",
        "if asked.below",
        focus="january",
    ),
    Mutant("January forgives nobody", pipeline, "self._forgiven |= ", "", focus="january"),
    Mutant(
        "above the deductible claims are forgiven too",
        pipeline,
        "if sum(one.burden_fen for one in counted) <= asked.amounts_fen[0]:",
        "if counted:",
        focus="january",
    ),
    Mutant(
        "claims that stand outside the deductible fill it",
        pipeline,
        "for one in counted) <=",
        "for one in visits) <=",
        focus="january",
    ),
    Mutant(
        "the next benefit does not wait for January",
        accounts,
        "return self.benefit.needs_the_year",
        "return self.benefit.is_year_jump",
        focus="january",
    ),
)
COMPILER_OF_JANUARY = (
    Mutant("paid before the year is over", compile_steps, "all_of([is_over, is_within])", "is_within", focus="leap"),
    Mutant("nothing is asked above the deductible", compile_steps, "all_of([is_over, is_within])", "is_over", focus="leap"),
    Mutant("January brings nothing", compile_steps, "if rate.deductible.below is Below.WHOLE:", "if False:", focus="leap"),
    Mutant(
        "what stands outside the deductible fills it",
        compile_steps,
        "exp.Sum(this=counted.copy())",
        'exp.Sum(this=col("amount_fen"))',
        focus="january",
    ),
    Mutant(
        "what is within the deductible is asked over all categories",
        compile_steps,
        'columns(("person_no", "benefit_year", "bit"))',
        'columns(("person_no", "benefit_year"))',
        focus="january",
    ),
)
