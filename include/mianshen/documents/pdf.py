"""PDF from print-CSS HTML, where pango and a CJK font are present. Equal HTML gives equal bytes on one machine."""

from __future__ import annotations

import shutil
import subprocess
from ctypes.util import find_library
from functools import cache


@cache
def can_print() -> bool:
    """Whether this machine has pango and a Chinese font; without them papers are HTML only (`mianshen doctor` says so)."""
    return find_library("pango-1.0") is not None and bool(_chinese_font())


def print_pdf(html: str) -> bytes:
    """The document as PDF, Chinese fonts embedded."""
    from weasyprint import HTML

    return bytes(HTML(string=html).write_pdf())


def _chinese_font() -> str:
    program = shutil.which("fc-list")
    if program is None:
        return ""
    listed = subprocess.run([program, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)  # noqa: S603
    return listed.stdout.strip()
