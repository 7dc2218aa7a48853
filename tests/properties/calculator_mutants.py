"""Mutations of the calculator, at least one a construct."""

from __future__ import annotations

from tests.properties.identity_mutants import CALCULATOR_OF_IDENTITY
from tests.properties.january_mutants import CALCULATOR_OF_JANUARY
from tests.properties.mutation import Mutant
from tests.properties.order_mutants import CALCULATOR_OF_ORDERS
from tests.properties.turn_mutants import CALCULATOR_OF_TURNS

from mianshen.policy import (
    accounts,
    base,
    calculator,
    chain,
    claims,
    conditions,
    formula,
    leaps,
    pipeline,
    verdicts,
)

CALCULATOR = (
    Mutant("rounds down", formula, "return 2 * rest >= unit", "return False"),
    Mutant("rounds half down", formula, "return 2 * rest >= unit", "return 2 * rest > unit"),
    Mutant("no deductible", pipeline, "lambda total: max(total - amount_fen, 0)", "lambda total: total"),
    Mutant(
        "deductible is a gate",
        pipeline,
        "lambda total: max(total - amount_fen, 0)",
        "lambda total: total * (total > amount_fen)",
    ),
    Mutant("brackets lie on the amount", pipeline, "excess if self.rate.brackets_on is BracketsOn.EXCESS", "0 if False"),
    Mutant("open top", formula, "min(bracket.high_fen, amount_fen)", "amount_fen"),
    Mutant("no cap", pipeline, "lambda total: min(total, bound)", "lambda total: total"),
    Mutant("identity lost in the stay", claims, "for tested in rule.tested_on", "for tested in (Tested.SETTLED_ON,)"),
    Mutant("first day of care only", claims, "for tested in rule.tested_on", "for tested in (Tested.SINCE,)"),
    Mutant("moment does not order", claims, "self.settled_at.isoformat() if self.settled_at else", "'' if True else"),
    Mutant("valid by settlement only", claims, 'benefit_year_by == "discharge" else', "False else"),
    Mutant("unknown payer counts as nothing", base, 'if amount is None and term.absent_means == "unknown":', "if False:"),
    Mutant("base may be negative", base, "max(0, total)", "total"),
    Mutant("benefits do not chain", chain, "progress.left_fen = max(0, burden - given.entitled_fen)", "pass"),
    Mutant("lowest category", accounts, "min(traces, key=lambda code: (-year", "min(traces, key=lambda code: (year"),
    Mutant("ties go to the last code", accounts, "min(traces, key=lambda code: (-year", "max(traces, key=lambda code: (year"),
    Mutant("only held categories compete", accounts, "max(year.best_fen, year.relief_fen[chosen])", "year.relief_fen[chosen]"),
    Mutant("window relief is forgotten", accounts, "max(before, year.best_fen, year.window_fen)", "max(before, year.best_fen)"),
    Mutant("uncovered window relief stays in the base", chain, "elif benefit.counts_window_relief:", "elif False:"),
    Mutant("last valid day is lost", verdicts, "day < benefit.valid_until", "day <= benefit.valid_until"),
    Mutant("late lists hold nothing", calculator, "return replace(line, is_held=True)", "return line"),
    Mutant(
        "one held line holds the claim", calculator, "all(one.is_held for one in behind)", "any(one.is_held for one in behind)"
    ),
    Mutant("missing kind of care fits", conditions, "value in listed", "value in (*listed, None)"),
    Mutant(
        "care of another kind is no part of the admission",
        calculator,
        "admissions.get(claim.stay, 0)",
        "admissions.get(claim.stay, 0) * (claim.med_type in plan.admission_med_types)",
        focus="admission",
    ),
    Mutant(
        "every admission is the first",
        pipeline,
        "min(max(visit.admission_no, 1), len(amounts)) - 1",
        "0",
        focus="admission",
    ),
    Mutant(
        "a fixed sum is multiplied by the ratio",
        pipeline,
        "Part(band.lump_fen, self._factor(visit), number, 0)",
        "Part(band.lump_fen, self._modified(band.ratio_ppm, visit), number, 0)",
        focus="bands",
    ),
    Mutant("a gate never opens at its amount", pipeline, "else burden >= amount_fen", "else burden > amount_fen", focus="gate"),
    Mutant("variants are not asked", pipeline, "variant = next(fitting, 0)", "variant = 0", focus="brackets"),
    Mutant("points go above all", pipeline, "min(ratio + one.add_ppm, PPM)", "ratio + one.add_ppm", focus="modifiers"),
    Mutant("a cap of a day is one of the claim", pipeline, "(visit.claim.days if cap.is_per_day else 1)", "1", focus="limits"),
    Mutant(
        "all or nothing clips",
        pipeline,
        "0 if is_above else amount",
        "bound if is_above else amount",
        focus="limits",
    ),
    Mutant("what stands after the caps is left out", pipeline, "if not self._after:", "if True:", focus="modifiers"),
    Mutant(
        "waived claims use the cap up",
        pipeline,
        "            if fits_any(cap.waived, visit.claim, held=visit.held, day=visit.day):",
        "            if False:",
        focus="caps",
    ),
    Mutant(
        "each claim gets the sum of the year",
        leaps,
        "share = min(visit.burden_fen, trace.relief_fen - given)",
        "share = min(visit.burden_fen, trace.relief_fen)",
        focus="leap",
    ),
    Mutant(
        "the lowest sum of the year counts",
        leaps,
        "(-traces[one.category_code].relief_fen",
        "(traces[one.category_code].relief_fen",
        focus="leap",
    ),
    Mutant(
        "paid before the year is over", leaps, "if is_over and rate.deductible.below", "if rate.deductible.below", focus="leap"
    ),
    Mutant("January brings nothing", leaps, "rate.deductible.below is Below.WHOLE", "False", focus="leap"),
    Mutant("nothing is asked above the deductible", leaps, " and total <= rate.deductible.amounts_fen[0]", "", focus="leap"),
    Mutant(
        "caps of others are told",
        leaps,
        "for code, trace in traces.items() if code in visit.held",
        "for trace in traces.values()",
        focus="leap",
    ),
    *CALCULATOR_OF_IDENTITY,
    *CALCULATOR_OF_JANUARY,
    *CALCULATOR_OF_TURNS,
    *CALCULATOR_OF_ORDERS,
)
