"""Mutations of the calculator and of the compiler, at least one a construct, and a way to run with one of them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any
from unittest import mock

from mianshen.policy import accounts, base, calculator, chain, claims, conditions, formula, pipeline, verdicts
from mianshen.warehouse import (
    assessing,
    build,
    compile_admissions,
    compile_caps,
    compile_chain,
    compile_claim,
    compile_conditions,
    compile_holder,
    compile_layers,
    compile_line,
    compile_rates,
    compile_stepped,
    compile_steps,
)
from mianshen.warehouse import compile as compile_module

SQL = "out.assessment"


@dataclass(frozen=True)
class Mutant:
    """A text of the product that stands once in its module (or SQL file), and what is written in its place."""

    name: str
    where: ModuleType | str
    old: str
    new: str


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
    Mutant("brackets lie on the amount", pipeline, "excess if rate.brackets_on is BracketsOn.EXCESS else", "0 if False else"),
    Mutant("open top", formula, "min(bracket.high_fen, amount_fen)", "amount_fen"),
    Mutant("no cap", pipeline, "lambda total: min(total, bound)", "lambda total: total"),
    Mutant("identity lost in the stay", claims, "for tested in rule.tested_on", "for tested in (Tested.SETTLED_ON,)"),
    Mutant("first day of care only", claims, "for tested in rule.tested_on", "for tested in (Tested.SINCE,)"),
    Mutant("moment does not order", claims, "self.settled_at.isoformat() if self.settled_at else ''", "''"),
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
)
COMPILER = (
    Mutant(
        "waived claims use the deductible up",
        compile_steps,
        'when(col("is_waived"), number(0), col("amount_fen"))',
        'col("amount_fen")',
    ),
    Mutant("waived claims pay the deductible", compile_steps, 'when(col("is_waived"), col("amount_fen"), excess)', "excess"),
    Mutant("a gate never opens at its amount", compile_steps, "exp.GT if rate.deductible.opens_above else exp.GTE", "exp.GT"),
    Mutant(
        "later admissions ask as the first", compile_steps, "for place in range(1, most)", "for place in range(1, min(most, 2))"
    ),
    Mutant("stopped stays count as admissions", compile_admissions, 'rank), "admission_no"', 'number(1)), "admission_no"'),
    Mutant(
        "brackets lie on the excess",
        compile_steps,
        '"excess_fen" if rate.brackets_on is BracketsOn.EXCESS else "amount_fen"',
        '"excess_fen"',
    ),
    Mutant("the last variant counts", compile_steps, "enumerate(bracket.variants, 1)", "enumerate(bracket.variants[::-1], 1)"),
    Mutant("bands include their end", compile_steps, 'exp.LT(this=col("measured_fen")', 'exp.LTE(this=col("measured_fen")'),
    Mutant("a lump is a ratio", compile_steps, "if bracket.lump_fen is not None:", "if False:"),
    Mutant(
        "points go above all",
        compile_caps,
        'changed = least([plus([ratio, made.binder.bind(f"{name}_add_ppm", one.add_ppm)]), number(PPM)])',
        'changed = plus([ratio, made.binder.bind(f"{name}_add_ppm", one.add_ppm)])',
    ),
    Mutant("what stands after the caps is left out", compile_caps, "if not after:", "if True:"),
    Mutant(
        "half even is half up",
        compile_caps,
        "all_of([exp.EQ(this=twice.copy(), expression=number(unit)), is_odd])",
        "exp.EQ(this=twice.copy(), expression=number(unit))",
    ),
    Mutant("rounding runs ahead", compile_caps, 'least([col(f"{name}_low"), number(0)])', 'col(f"{name}_room")'),
    Mutant(
        "rounded over the year",
        compile_caps,
        "[rounding.period] * len(made.rates)",
        '[type(rounding.period)("year")] * len(made.rates)',
    ),
    Mutant("waived claims use the cap up", compile_caps, 'when(col(f"{name}_waived"), number(0), col(came))', "col(came)"),
    Mutant(
        "a cap of a day is one of the claim", compile_caps, "if caps[place - 1].is_per_day else amount", "if False else amount"
    ),
    Mutant("all or nothing clips", compile_caps, "when(above, number(0), came.copy())", "when(above, bound.copy(), came.copy())"),
    Mutant(
        "the second cap is forgotten",
        compile_caps,
        "most = max(len(one.caps) for one in made.rates)",
        "most = min(1, max(len(one.caps) for one in made.rates))",
    ),
    Mutant("caps of all years are one", compile_conditions, "number(0) if period is Period.ONCE else", "number(0) if True else"),
    Mutant("once begins anew", compile_conditions, "number(0) if period is Period.ONCE else", "number(0) if False else"),
    Mutant("months run together", compile_conditions, '"month(event_on)"', '"quarter(event_on)"'),
    Mutant("stays run together", compile_conditions, 'Period.STAY: "stay_no"', 'Period.STAY: "0"'),
    Mutant("one category is the running best", compile_caps, "made.step.benefit.best_of is BestOf.ONE_CATEGORY", "False"),
    Mutant(
        "an unknown referral fits",
        compile_conditions,
        'parts.append(_known(exp.EQ(this=col("is_referred"), expression=asked)))',
        'parts.append(exp.func("coalesce", exp.EQ(this=col("is_referred"), expression=asked), exp.true()))',
    ),
    Mutant("marks are not asked", compile_conditions, "if condition.marks:", "if False:"),
    Mutant(
        "the level of the hospital is not asked", compile_conditions, '"hosp_level": condition.hosp_levels', '"hosp_level": ()'
    ),
    Mutant("the place of care is not asked", compile_conditions, '"care_place": condition.care_places', '"care_place": ()'),
    Mutant("a condition ends a day late", compile_conditions, 'exp.LT(this=col("event_on")', 'exp.LTE(this=col("event_on")'),
    Mutant("further spans are lost", compile_claim, "(none, exp.false())", "(exp.true(), exp.false())"),
    Mutant("rounds down", compile_rates, "number(PPM // 2)", "number(0)"),
    Mutant("no deductible", compile_rates, 'minus(total, col("deductible_fen", rated))', "total"),
    Mutant("open top", compile_rates, "if bracket.high_fen is None else", "if True else"),
    Mutant("brackets begin at nought", compile_rates, 'minus(top, col(f"low_fen_{part}", rated))', "top"),
    Mutant("no cap", compile_rates, "if all(not one.caps for one in step.benefit.rates):", "if True:"),
    Mutant("totals without this claim", compile_chain, 'end="current row"', 'end="1", end_side="preceding"'),
    Mutant("years run together", compile_chain, '("person_no", "benefit_year")', '("person_no",)'),
    Mutant("bases run together", compile_chain, '("person_no", "benefit_year")', '("person_key", "benefit_year")'),
    Mutant(
        "moment does not order",
        compile_chain,
        '("ordered_on", "ordered_at", "event_id")',
        '("ordered_on", "ordered_on", "event_id")',
    ),
    Mutant("missing moment comes last", compile_chain, 'nulls_first=name == "ordered_at"', "nulls_first=False"),
    Mutant("ids order backwards", compile_chain, "desc=False", 'desc=name == "event_id"'),
    Mutant(
        "benefits do not chain",
        compile_chain,
        'greatest([minus(col("left_fen"), col("entitled_fen")), number(0)])',
        'col("left_fen")',
    ),
    Mutant("window relief is forgotten", compile_chain, 'greatest([col("best_fen"), col("window_total")])', 'col("best_fen")'),
    Mutant(
        "identity of the last day is lost", compile_claim, '("first_on", "last_on", "ordered_on")', '("first_on", "ordered_on")'
    ),
    Mutant("spans include their end", compile_claim, 'exp.LT(this=col(day, "e")', 'exp.LTE(this=col(day, "e")'),
    Mutant(
        "base may be negative",
        compile_claim,
        "greatest([minus(plus(positive), *negative), number(0)])",
        "minus(plus(positive), *negative)",
    ),
    Mutant("unknown payer counts as nothing", compile_claim, 'one.absent_means == "unknown"', "False"),
    Mutant("last valid day is lost", compile_claim, 'exp.LT(this=col("event_on", "c")', 'exp.LTE(this=col("event_on", "c")'),
    Mutant("disease is not asked", compile_claim, "if benefit.dise_codes:", "if False:"),
    Mutant(
        "firm basis holds the doubtful",
        compile_holder,
        'when(col("is_provisional"), bigint(number(0)), col("bit"))',
        'col("bit")',
    ),
    Mutant("late lists hold nothing", compile_line, '("event_id", "benefit_code", *MONEY[1:])', '("event_id", "benefit_code")'),
    Mutant("window relief alone makes no line", compile_line, "for one in money]", "for one in money[:1]]"),
    Mutant(
        "relief before this claim is the relief with it",
        compile_chain,
        "minus(total.copy(), own)",
        "total.copy()",
    ),
    Mutant("the wrong benefit's clause", compile_line, "rate.clause_id)", "step.benefit.rates[0].clause_id)"),
    Mutant("a held line beside a sure one holds the claim", SQL, " and not d.has_firm_amount", ""),
    Mutant(
        "cap before deductible", SQL, "when (seen & 2) = 0 then 'BELOW_DEDUCTIBLE'", "when (seen & 4) = 0 then 'BELOW_DEDUCTIBLE'"
    ),
)
_MODULES = (
    formula,
    base,
    claims,
    conditions,
    verdicts,
    pipeline,
    accounts,
    chain,
    calculator,
    compile_holder,
    compile_admissions,
    compile_claim,
    compile_rates,
    compile_conditions,
    compile_layers,
    compile_caps,
    compile_steps,
    compile_stepped,
    compile_chain,
    compile_line,
    assessing,
    build,
)


@contextmanager
def running(mutant: Mutant) -> Iterator[None]:
    """The product with the mutation, until the end of the block."""
    with ExitStack() as patches:
        if isinstance(mutant.where, str):
            text = _mutated(build.sql_text(mutant.where), mutant)
            original = build.sql_text
            patched = mock.patch.object(build, "sql_text", lambda table: text if table == mutant.where else original(table))
            patches.enter_context(patched)
        else:
            _patch(mutant.where, _mutated(inspect.getsource(mutant.where), mutant), patches)
        yield


def _mutated(text: str, mutant: Mutant) -> str:
    old = mutant.old.replace("'", '"') if mutant.old not in text and mutant.old.replace("'", '"') in text else mutant.old
    assert text.count(old) == 1, f"mutant [{mutant.name}]: [{mutant.old}] stands {text.count(old)} times"
    return text.replace(old, mutant.new)


def _patch(module: ModuleType, source: str, patches: ExitStack) -> None:
    """Every function and property of the module, wherever it was imported to, becomes the mutated one."""
    changed = ModuleType(module.__name__)
    changed.__dict__["__file__"] = module.__file__
    with mock.patch.dict(sys.modules, {module.__name__: changed}):
        exec(compile(source, str(module.__file__), "exec"), changed.__dict__)
    for name, original in list(vars(module).items()):
        mutated = vars(changed).get(name)
        if isinstance(original, FunctionType) and original.__module__ == module.__name__:
            _replace(name, original, mutated, patches)
        elif inspect.isclass(original) and original.__module__ == module.__name__:
            for part, value in list(vars(original).items()):
                if isinstance(value, FunctionType | property) and not part.startswith("__"):
                    patches.enter_context(mock.patch.object(original, part, vars(mutated)[part]))
        elif isinstance(original, tuple):
            _replace(name, original, mutated, patches)


def _replace(name: str, original: Any, mutated: Any, patches: ExitStack) -> None:
    for user in _MODULES:
        if vars(user).get(name) is original:
            patches.enter_context(mock.patch.object(user, name, mutated))
    listed = {table: mutated if made is original else made for table, made in compile_module.TABLES.items()}
    if listed != compile_module.TABLES:
        patches.enter_context(mock.patch.object(compile_module, "TABLES", listed))
