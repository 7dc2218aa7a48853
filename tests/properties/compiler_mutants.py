"""Mutations of the compiler, at least one a construct."""

from __future__ import annotations

from tests.properties.mutation import Mutant

from mianshen.warehouse import (
    compile_admissions,
    compile_caps,
    compile_chain,
    compile_claim,
    compile_conditions,
    compile_holder,
    compile_line,
    compile_rates,
    compile_stepped,
    compile_steps,
)

SQL = "out.assessment"

COMPILER = (
    Mutant(
        "waived claims use the deductible up",
        compile_steps,
        'when(col("is_waived"), number(0), col("amount_fen"))',
        'col("amount_fen")',
        focus="deductible",
    ),
    Mutant(
        "waived claims pay the deductible",
        compile_steps,
        'when(col("is_waived"), col("amount_fen"), excess)',
        "excess",
        focus="deductible",
    ),
    Mutant(
        "a gate never opens at its amount",
        compile_steps,
        "exp.GT if rate.deductible.opens_above else exp.GTE",
        "exp.GT",
        focus="gate",
    ),
    Mutant(
        "later admissions ask as the first",
        compile_steps,
        "for place in range(1, most)",
        "for place in range(1, min(most, 2))",
        focus="admission",
    ),
    Mutant(
        "every admission is the first",
        compile_admissions,
        'rank), "admission_no"',
        'number(1)), "admission_no"',
        focus="admission",
    ),
    Mutant(
        "brackets lie on the excess",
        compile_steps,
        '"excess_fen" if rate.brackets_on is BracketsOn.EXCESS else "amount_fen"',
        '"excess_fen"',
        focus="brackets",
    ),
    Mutant(
        "the last variant counts",
        compile_steps,
        "enumerate(bracket.variants, 1)",
        "enumerate(bracket.variants[::-1], 1)",
        focus="brackets",
    ),
    Mutant(
        "bands include their end",
        compile_steps,
        'exp.LT(this=col("measured_fen")',
        'exp.LTE(this=col("measured_fen")',
        focus="bands",
    ),
    Mutant("a lump is a ratio", compile_steps, "if bracket.lump_fen is not None:", "if False:", focus="bands"),
    Mutant(
        "points go above all",
        compile_caps,
        'changed = least([plus([ratio, made.binder.bind(f"{name}_add_ppm", one.add_ppm)]), number(PPM)])',
        'changed = plus([ratio, made.binder.bind(f"{name}_add_ppm", one.add_ppm)])',
        focus="modifiers",
    ),
    Mutant("what stands after the caps is left out", compile_caps, "if not after:", "if True:", focus="modifiers"),
    Mutant(
        "half even is half up",
        compile_caps,
        "all_of([exp.EQ(this=twice.copy(), expression=number(unit)), is_odd])",
        "exp.EQ(this=twice.copy(), expression=number(unit))",
        focus="rounding",
    ),
    Mutant(
        "rounding runs ahead", compile_caps, 'least([col(f"{name}_low"), number(0)])', 'col(f"{name}_room")', focus="rounding"
    ),
    Mutant(
        "rounded over the year",
        compile_caps,
        "[rounding.period] * len(made.rates)",
        '[type(rounding.period)("year")] * len(made.rates)',
        focus="rounding",
    ),
    Mutant(
        "waived claims use the cap up",
        compile_caps,
        'when(col(f"{name}_waived"), number(0), col(came))',
        "col(came)",
        focus="caps",
    ),
    Mutant(
        "a cap of a day is one of the claim",
        compile_caps,
        "if caps[place - 1].is_per_day else amount",
        "if False else amount",
        focus="limits",
    ),
    Mutant(
        "all or nothing clips",
        compile_caps,
        "when(above, number(0), came.copy())",
        "when(above, bound.copy(), came.copy())",
        focus="limits",
    ),
    Mutant(
        "the second cap is forgotten",
        compile_caps,
        "most = max(len(one.caps) for one in made.rates)",
        "most = min(1, max(len(one.caps) for one in made.rates))",
        focus="caps",
    ),
    Mutant(
        "caps of all years are one",
        compile_conditions,
        "number(0) if period is Period.ONCE else",
        "number(0) if True else",
        focus="deductible",
    ),
    Mutant(
        "once begins anew", compile_conditions, "number(0) if period is Period.ONCE else", "number(0) if False else", focus="caps"
    ),
    Mutant("months run together", compile_conditions, '"month(event_on)"', '"quarter(event_on)"', focus="caps"),
    Mutant("stays run together", compile_conditions, 'Period.STAY: "stay_no"', 'Period.STAY: "0"', focus="admission"),
    Mutant(
        "one category is the running best",
        compile_caps,
        "made.step.benefit.best_of is BestOf.ONE_CATEGORY",
        "False",
        focus="category",
    ),
    Mutant(
        "an unknown referral fits",
        compile_conditions,
        'parts.append(_known(exp.EQ(this=col("is_referred"), expression=asked)))',
        'parts.append(exp.func("coalesce", exp.EQ(this=col("is_referred"), expression=asked), exp.true()))',
        focus="brackets",
    ),
    Mutant("marks are not asked", compile_conditions, "if condition.marks:", "if False:", focus="brackets"),
    Mutant(
        "the level of the hospital is not asked",
        compile_conditions,
        '"hosp_level": condition.hosp_levels',
        '"hosp_level": ()',
        focus="brackets",
    ),
    Mutant(
        "the place of care is not asked",
        compile_conditions,
        '"care_place": condition.care_places',
        '"care_place": ()',
        focus="brackets",
    ),
    Mutant(
        "a condition ends a day late",
        compile_conditions,
        'exp.LT(this=col("event_on")',
        'exp.LTE(this=col("event_on")',
        focus="brackets",
    ),
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
        'nulls_first=name == "ordered_at") for name in order]',
        'nulls_first=name == "ordered_at") for name in order if name != "ordered_at"]',
    ),
    Mutant(
        "moment does not order what takes several steps",
        compile_stepped,
        "for name in ORDER]",
        "for name in ORDER[::2]]",
        focus="deductible",
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
