"""What a library imports at once and needs almost never: imported when it is first asked, not found, or left hollow."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any


class _StandIn(ModuleType):
    """Stands where a module would; whoever asks it for anything gets the module's own answer."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _take_away(self)
        return getattr(sys.modules.get(self.__name__) or _loaded(self.__name__), name)


@contextmanager
def postponed(*names: str) -> Iterator[None]:
    """Imports within bind stand-ins for these modules; afterwards everybody else imports the modules themselves.

    Nothing that is imported is ever garbage: its collector rests meanwhile.
    """
    placed = [_placed(name) for name in names if name not in sys.modules and find_spec(name) is not None]
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_collecting:
            gc.enable()
        for one in placed:
            _take_away(one)


class _Hollow(ModuleType):
    """Stands where a module would; whatever is taken from it is a class of that name of which nobody can make anything."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {"__module__": self.__name__, "__new__": _refuse})
        setattr(self, name, made)
        return made


def _refuse(cls: type, *_said: object, **_more: object) -> Any:
    raise TypeError(f"{cls.__module__}.{cls.__qualname__} was left out when its library was imported")


@contextmanager
def hollow(*names: str) -> Iterator[None]:
    """Imports within take empty classes from these modules, which are not run; afterwards everybody else imports them themselves.

    A module that is imported already stays.
    """
    placed = {name: _Hollow(name) for name in names if name not in sys.modules}
    sys.modules.update(placed)
    try:
        yield
    finally:
        for name in placed:
            del sys.modules[name]


def modules_of(package: str, pattern: str) -> list[str]:
    """The names of the modules of a package whose own names match the shell pattern; the package is not imported."""
    top, *inner = package.split(".")
    spec = find_spec(top)
    folders = [Path(one).joinpath(*inner) for one in (spec.submodule_search_locations or ())] if spec else []
    return sorted(f"{package}.{path.stem}" for folder in folders for path in folder.glob(f"{pattern}.py"))


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """Imports within find none of these modules, as if they were not installed; afterwards everybody finds what there was."""
    known = {name: sys.modules.get(name) for name in names}
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]  # None is how an import is refused
    try:
        yield
    finally:
        for name, module in known.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _placed(name: str) -> _StandIn:
    made = _StandIn(name)
    made.__spec__ = find_spec(name)
    sys.modules[name] = made
    return made


def _take_away(one: _StandIn) -> None:
    if sys.modules.get(one.__name__) is one:
        del sys.modules[one.__name__]


def _loaded(name: str) -> ModuleType:
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name=name)
    sys.modules[name] = made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
