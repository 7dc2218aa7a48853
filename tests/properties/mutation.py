"""A mutation of the product, and a way to run with it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any
from unittest import mock

from mianshen.core import identity
from mianshen.policy import (
    accounts,
    arrange,
    base,
    calculator,
    chain,
    claims,
    conditions,
    formula,
    january,
    leaps,
    pipeline,
    verdicts,
)
from mianshen.warehouse import (
    assessing,
    build,
    compile_admissions,
    compile_base,
    compile_caps,
    compile_chain,
    compile_claim,
    compile_conditions,
    compile_course,
    compile_holder,
    compile_identity,
    compile_january,
    compile_lanes,
    compile_layers,
    compile_leaps,
    compile_line,
    compile_order_claims,
    compile_orders,
    compile_paid,
    compile_purses,
    compile_rates,
    compile_service,
    compile_stepped,
    compile_steps,
    compile_turns,
    spark,
)
from mianshen.warehouse import compile as compile_module


@dataclass(frozen=True)
class Mutant:
    """A text of the product that stands once in its module (or SQL file), and what is written in its place."""

    name: str
    where: ModuleType | str
    old: str
    new: str
    focus: str | None = None
    """The kind of step (relief_steps.FOCI) of the counties on which it is looked for; None looks on those of all kinds."""


_MODULES = (
    formula,
    identity,
    base,
    claims,
    conditions,
    verdicts,
    leaps,
    january,
    pipeline,
    accounts,
    chain,
    arrange,
    calculator,
    compile_identity,
    compile_holder,
    compile_base,
    compile_admissions,
    compile_claim,
    compile_january,
    compile_rates,
    compile_service,
    compile_conditions,
    compile_layers,
    compile_leaps,
    compile_caps,
    compile_steps,
    compile_stepped,
    compile_turns,
    compile_course,
    compile_lanes,
    compile_paid,
    compile_chain,
    compile_order_claims,
    compile_orders,
    compile_purses,
    compile_line,
    assessing,
    build,
    spark,
)


@contextmanager
def running(mutant: Mutant) -> Iterator[None]:
    """The product with the mutation, until the end of the block."""
    with ExitStack() as patches:
        text = text_with(mutant)
        if isinstance(mutant.where, str):
            original = build.sql_text
            for reader in (build, spark):
                patched = mock.patch.object(reader, "sql_text", lambda table: text if table == mutant.where else original(table))
                patches.enter_context(patched)
        else:
            _patch(mutant.where, text, patches)
        yield


def text_with(mutant: Mutant) -> str:
    """The text with the mutation; fails where what it changes does not stand once, as after the text was written anew."""
    text = build.sql_text(mutant.where) if isinstance(mutant.where, str) else inspect.getsource(mutant.where)
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
    for mapping in ("TABLES", "SURE"):
        listed = {table: mutated if made is original else made for table, made in vars(compile_module)[mapping].items()}
        if listed != vars(compile_module)[mapping]:
            patches.enter_context(mock.patch.object(compile_module, mapping, listed))
