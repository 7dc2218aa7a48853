"""How open a home stands: results to the owner's group, all else to the owner alone."""

from __future__ import annotations

from pathlib import Path

RESULTS = ("lake/out", "lake/release", "reports")
"""Rooms of results, which the owner's group may read."""
PASSAGES = (".", "lake")
"""Folders that lead to them."""


def modes(home: Path) -> dict[str, int]:
    """Permissions of everything in the home but what others put into the inbox, by path."""
    found = {str(path.relative_to(home)): path for path in (home, *home.rglob("*"))}
    return {
        name: path.stat().st_mode & 0o7777 for name, path in found.items() if not (name.startswith("inbox/") and path.is_file())
    }


def too_open(home: Path) -> list[str]:
    """What is more open than it may be."""
    wrong = []
    for name, mode in modes(home).items():
        is_folder = (home / name).is_dir()
        is_shared = name in PASSAGES or any(name == room or name.startswith(f"{room}/") for room in RESULTS)
        allowed = (0o750 if is_shared else 0o700) if is_folder else (0o640 if is_shared else 0o600)
        if mode & ~allowed:
            wrong.append(f"{name} {mode:04o}")
    return wrong
