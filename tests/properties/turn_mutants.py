"""Mutations of both sides: what January settles, and service packages."""

from __future__ import annotations

from tests.properties.mutation import Mutant

from mianshen.policy import arrange, base, calculator, january
from mianshen.warehouse import assessing, compile_january, compile_service

ASSESSMENT = "out.assessment"
CALCULATOR_OF_TURNS = (
    Mutant(
        "a package costs nothing",
        base,
        "return Base(plan.service_package_fen, is_provisional=False)",
        "return Base(0, is_provisional=False)",
    ),
    Mutant("a package needs no policy", calculator, " or plan.service_package_fen is not None", " or True"),
    Mutant("a year ends with its December", arrange, "date(year + 1, 1, plan.january_day)", "date(year + 1, 1, 1)", focus="leap"),
    Mutant("a year that paid is closed", january, "if not paid.isdisjoint(closing):", "if False:", focus="leap"),
    Mutant(
        "a year is closed for whoever is covered", january, " and not one.held.isdisjoint(_closes(benefit))", "", focus="leap"
    ),
)
COMPILER_OF_TURNS = (
    Mutant(
        "a package that failed counts", compile_service, 'named(failed.copy(), "is_stopped")', 'named(exp.false(), "is_stopped")'
    ),
    Mutant(
        "a package is a fee",
        compile_service,
        'binder.bind("service", EventKind.SERVICE.value)',
        'binder.bind("enrolment", EventKind.ENROLMENT.value)',
    ),
    Mutant("a year ends with its December", assessing, "< (1, plan.january_day)", "< (1, 1)", focus="leap"),
    Mutant("a year that paid is closed", ASSESSMENT, "and p.person_key is null", "", focus="leap"),
    Mutant("a year is closed for whoever is covered", compile_january, ', has_bit("held", held)', "", focus="leap"),
)
