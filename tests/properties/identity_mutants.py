"""Mutations of both sides: identity rules, what follows from them, registration, the base."""

from __future__ import annotations

from tests.properties.mutation import Mutant

from mianshen.core import identity
from mianshen.policy import base, calculator, claims
from mianshen.warehouse import compile_base, compile_claim, compile_identity

CALCULATOR_OF_IDENTITY = (
    Mutant(
        "listed days count as they are",
        identity,
        "if until is not None and self.ends_after_months is not None:",
        "if False:",
        focus="identity",
    ),
    Mutant(
        "the end lies a month late",
        identity,
        "1 + self.ends_after_months",
        "2 + self.ends_after_months",
        focus="identity",
    ),
    Mutant(
        "no day before the listed one counts",
        identity,
        "if self.reaches_back_months is not None and applied_on is not None:",
        "if False:",
        focus="identity",
    ),
    Mutant(
        "a day that the month has not is its last one",
        identity,
        "found if arithmetic is MonthArithmetic.OVERFLOW else",
        "found if False else",
        focus="identity",
    ),
    Mutant("determined once for all years", identity, "if self.is_yearly:", "if False:", focus="identity"),
    Mutant("months do not count whole", identity, "if self.is_by_month:", "if False:", focus="identity"),
    Mutant(
        "unknown registration never counts",
        identity,
        "(self.unknown_is_local if is_local is None else is_local)",
        "bool(is_local)",
        focus="identity",
    ),
    Mutant("registration is never asked", identity, "return not self.must_be_local or", "return True or", focus="identity"),
    Mutant("nobody is told to look at the registration", calculator, "anywhere=True", "anywhere=False", focus="identity"),
    Mutant("nothing follows from a mark", claims, "found.add(one.also_code)", "pass", focus="identity"),
    Mutant(
        "a mark alone is enough",
        claims,
        "{one.category_code, one.mark_code} <= found",
        "one.mark_code in found",
        focus="identity",
    ),
    Mutant("the base is never scaled", base, "for scale in plan.base_scales:", "for scale in ():", focus="base"),
    Mutant("scaled half up whatever is written", base, "Rounding(plan.base_rounding)", "Rounding()", focus="base"),
    Mutant("nothing is provisional", base, '(amount is None and term.absent_means == "provisional")', "False", focus="base"),
)
COMPILER_OF_IDENTITY = (
    Mutant(
        "the loss counts from the listed day",
        compile_identity,
        "if rule.ends_after_months is not None:",
        "if False:",
        focus="identity",
    ),
    Mutant(
        "the end lies a month late",
        compile_identity,
        "rule.ends_after_months + 1",
        "rule.ends_after_months + 2",
        focus="identity",
    ),
    Mutant(
        "the month is that of the end",
        compile_identity,
        '_month_start(_shifted(exp.DateSub, end, number(1), "day"))',
        "_month_start(end)",
        focus="identity",
    ),
    Mutant(
        "the application reaches nothing",
        compile_identity,
        "if rule.reaches_back_months is not None:",
        "if False:",
        focus="identity",
    ),
    Mutant("every month overflows", compile_identity, "if arithmetic is MonthArithmetic.CLAMP:", "if False:", focus="identity"),
    Mutant("no month overflows", compile_identity, "if arithmetic is MonthArithmetic.CLAMP:", "if True:", focus="identity"),
    Mutant("determined once for all years", compile_identity, "if rule.is_yearly:", "if False:", focus="identity"),
    Mutant(
        "a month begins on its listed day",
        compile_identity,
        "return _month_start(first) if rule.is_by_month else first",
        "return first",
        focus="identity",
    ),
    Mutant(
        "a month ends on its listed day",
        compile_identity,
        "return _months_after_last_day(end, number(1)) if rule.is_by_month else end",
        "return end",
        focus="identity",
    ),
    Mutant(
        "every day of the claim is asked", compile_identity, "if tested in one.identity.tested_on)", "if True)", focus="identity"
    ),
    Mutant(
        "registration elsewhere counts",
        compile_identity,
        "return switch(None, arms, exp.true()) if arms else exp.true()",
        "return exp.true()",
        focus="identity",
    ),
    Mutant(
        "unknown registration never counts",
        compile_identity,
        "unknown = exp.true() if is_local else exp.false()",
        "unknown = exp.false()",
        focus="identity",
    ),
    Mutant(
        "nobody is told to look at the registration",
        "out.assessment",
        "gate = 0 and is_elsewhere",
        "gate = 0 and false",
        focus="identity",
    ),
    Mutant(
        "elsewhere at any time",
        compile_identity,
        "expression=exp.Lambda(this=exp.and_(own, days, copy=False)",
        "expression=exp.Lambda(this=own",
        focus="identity",
    ),
    Mutant(
        "nothing follows elsewhere",
        compile_claim,
        'return layers + followed(plan, "somewhere", name, "anywhere")',
        'return [("somewhere", select_from(source, "*", named(listed, "anywhere")))]',
        focus="identity",
    ),
    Mutant(
        "a mark alone is enough",
        compile_identity,
        "number(bit_of(plan, upgrade.category_code) | bit_of",
        "number(bit_of",
        focus="identity",
    ),
    Mutant(
        "who is sure needs no place",
        compile_identity,
        'exp.not_(has_bit("firm_bits", bit), copy=False)',
        'exp.not_(has_bit("listed_bits", bit), copy=False)',
        focus="identity",
    ),
    Mutant(
        "fees are scaled too",
        compile_base,
        "arms.append((all_of([is_care.copy(), condition])",
        "arms.append((all_of([condition])",
        focus="base",
    ),
    Mutant(
        "the last scale counts",
        compile_base,
        "enumerate(plan.base_scales, 1)",
        "enumerate(plan.base_scales[::-1], 1)",
        focus="base",
    ),
    Mutant("scaled half up whatever is written", compile_base, "Rounding(plan.base_rounding)", "Rounding()", focus="base"),
    Mutant(
        "unknown bases are provisional",
        compile_base,
        "all_of([exp.not_(any_of(waits), copy=False), any_of(missing)]) if waits else any_of(missing)",
        "any_of(missing)",
        focus="base",
    ),
    Mutant("nothing is provisional", compile_base, "if not missing:", "if True:", focus="base"),
)
