"""How a command's process ends: what others rely on is put away by name, the memory is left to the system.

Python would look through millions of objects for cycles once more, which takes a second after a long file.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable

_FAILED = 1


def ending_at_once(command: Callable[[], None]) -> None:
    """Run the command and end the process with its exit code.

    First everything registered for the end is done (databases are closed, logs written) and what was printed is flushed. Where
    threads are waited for, or what was printed finds no taker, Python ends the process in its own way.
    """
    code = _code_of(command)
    if any(not one.daemon for one in threading.enumerate() if one is not threading.main_thread()):
        sys.exit(code)
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # the reader of a pipe is gone
        sys.exit(code)
    os._exit(code)


def _code_of(command: Callable[[], None]) -> int:
    """The exit code with which the command ends."""
    try:
        command()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
            return _FAILED
        return ended.code or 0
    return 0
