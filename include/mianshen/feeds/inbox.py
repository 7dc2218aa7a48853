"""What lies in an inbox: its finished deliveries in name order, each with its control file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mianshen.feeds.control import SUFFIX
from mianshen.feeds.encodings import Source
from mianshen.feeds.pages import archive

UNFINISHED = (".tmp", ".swp", ".swo", ".part", ".partial", ".crdownload", ".filepart", ".download", "~")
"""Ends of files that are still being written."""

_HIDDEN = (".", "~$", "._")
_LITTER = frozenset(("thumbs.db", "desktop.ini"))
_PIECE = 4 << 20
_PAGE = re.compile(r"^page[-_ ]?\d*\.json$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivered file, or the pages of one API delivery."""

    path: str
    """Relative to the folder, with forward slashes; of pages their folder, `.` for the folder itself."""
    files: tuple[Path, ...]
    """The file, or every page in name order."""
    control: Path | None
    """Its control file, when there is one."""
    is_paged: bool
    """Whether it came as pages."""

    @property
    def name(self) -> str:
        """The file's or the folder's bare name."""
        return self.files[0].name if not self.is_paged else self.files[0].parent.name


def inbox_files(folder: Path) -> list[Path]:
    """The folder's finished files by name; unfinished, hidden, control and linked ones are passed over."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) if folder.is_dir() else ()
    whole = (path for path in found if _is_finished(path) and not _is_in_hidden(path.relative_to(folder)))
    return sorted(whole, key=lambda path: (path.name, str(path)))


def lying(path: Path) -> tuple[Source, int]:
    """The file's bytes piece by piece and how many they are; OSError when it cannot be read or is another than it was."""
    known = _state(path.stat())

    def pieces() -> Iterator[bytes]:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                yield piece
            if _state(os.fstat(file.fileno())) != known:
                raise OSError("it changed while it was read")

    return pieces, known[0]


def delivered(delivery: Delivery) -> tuple[Source, int]:
    """The delivery as one file, and its length: pages as the archive that a source's fetch would leave. OSError as `lying`."""
    if not delivery.is_paged:
        return lying(delivery.files[0])
    packed = archive([(one.name, b"".join(lying(one)[0]())) for one in delivery.files])
    return lambda: iter((packed,)), len(packed)


def empty(delivery: Delivery, *, inbox: Path) -> None:
    """Take the delivery and its control file out of the inbox, and the folder of pages when nothing else lies there."""
    for path in (*([delivery.control] if delivery.control else []), *delivery.files):
        path.unlink(missing_ok=True)
    folder = delivery.files[0].parent
    if delivery.is_paged and folder != inbox and not any(folder.iterdir()):
        folder.rmdir()


def _state(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_ino


def lone_controls(folder: Path) -> list[Path]:
    """Control files without the file that they speak of, by name: it is on its way, or was forgotten."""
    found = (path for path in folder.rglob(f"*{SUFFIX}") if path.is_file() and not path.name.startswith(_HIDDEN))
    spoken = {control_of(path) for path in inbox_files(folder)}
    return sorted(path for path in found if path not in spoken)


def control_of(path: Path) -> Path | None:
    """The file's control file: its whole name and .ctl, else its name without ending and .ctl."""
    named = (path.with_name(path.name + SUFFIX), path.with_suffix(SUFFIX))
    return next((one for one in named if one.is_file() and one != path), None)


def deliveries(root: Path) -> list[Delivery]:
    """Everything delivered under a folder, or the one file, in name order; `page*.json` of a folder are one delivery."""
    if root.is_file():
        return [Delivery(root.name, (root,), control_of(root), is_paged=False)]
    found: list[Delivery] = []
    paged: dict[Path, list[Path]] = {}
    for path in inbox_files(root):
        if _PAGE.match(path.name):
            paged.setdefault(path.parent, []).append(path)
        else:
            found.append(Delivery(path.relative_to(root).as_posix(), (path,), control_of(path), is_paged=False))
    for folder, pages in paged.items():
        inner = sorted(pages, key=_page_order)
        beside = (folder / f"page{SUFFIX}", folder.with_name(folder.name + SUFFIX))
        control = next((one for one in beside if one.is_file()), None)
        found.append(Delivery(folder.relative_to(root).as_posix(), tuple(inner), control, is_paged=True))
    return sorted(found, key=lambda one: one.path)


def _page_order(path: Path) -> tuple[int, str]:
    digits = re.search(r"\d+", path.stem)
    return int(digits[0]) if digits else 0, path.name


def _is_in_hidden(path: Path) -> bool:
    """Whether a folder on the way is still being filled: its name begins with a point."""
    return any(one.startswith(".") for one in path.parts[:-1])


def _is_finished(path: Path) -> bool:
    name = path.name.lower()
    return not (name.startswith(_HIDDEN) or name in _LITTER or name.endswith((*UNFINISHED, SUFFIX)))
