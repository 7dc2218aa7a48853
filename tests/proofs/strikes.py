"""What ends a run at a point: the process killed, one I/O error, a disk that is full from there on, a database that stops."""

from __future__ import annotations

import errno
import os
import resource
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine, text

Strike = Callable[[], None]
_PATIENCE = 30


def kill() -> None:
    """The process is gone: nothing of it runs on."""
    os.kill(os.getpid(), signal.SIGKILL)


def error() -> None:
    """One I/O error, where the run stands."""
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def full() -> None:
    """No byte can be written from here on, by Python or by SQLite."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


class Server:
    """The PostgreSQL behind a URL, so that it can be stopped in the middle of a statement and started again."""

    def __init__(self, url: str) -> None:
        engine = create_engine(url)
        with engine.connect() as connection:
            self.data = Path(str(connection.execute(text("show data_directory")).scalar_one()))
        engine.dispose()
        self.url = url
        self.command = shlex.split((self.data / "postmaster.opts").read_text("utf-8"))

    def stop(self) -> None:
        """At once, as when the machine loses power: no transaction ends, no connection is told."""
        number = int((self.data / "postmaster.pid").read_text("utf-8").split()[0])
        os.kill(number, signal.SIGQUIT)
        self._wait(lambda: not (self.data / "postmaster.pid").exists())

    def start(self) -> None:
        """Start it again and wait until it answers; one that runs is left alone."""
        if (self.data / "postmaster.pid").exists():
            return
        with (self.data.parent / "again.log").open("ab") as log:
            subprocess.Popen(self.command, stdout=log, stderr=log, user=self.data.stat().st_uid, start_new_session=True)
        self._wait(self._answers)

    def _answers(self) -> bool:
        engine = create_engine(self.url)
        try:
            with engine.connect():
                return True
        except Exception:
            return False
        finally:
            engine.dispose()

    def _wait(self, is_so: Callable[[], bool]) -> None:
        last = time.monotonic() + _PATIENCE
        while not is_so():
            if time.monotonic() > last:
                raise TimeoutError(f"the server in {self.data} did not follow")
            time.sleep(0.05)
