"""A wire that can be cut: it carries bytes between a client and a real server, and breaks after so many of them."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PIECE = 1 << 14


class Wire:
    """Listens on loopback; counts the bytes that pass both ways, over all connections, and cuts at the chosen one."""

    def __init__(self, server: tuple[str, int] | Path) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._left: int | None = None
        self._open: set[socket.socket] = set()
        self.passed = 0
        self.is_cut = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, count: int | None) -> None:
        """Whole again; breaks after so many bytes, or never."""
        self._close_all()
        with self._lock:
            self.passed, self.is_cut, self._left = 0, False, count

    def close(self) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._close_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            if self.is_cut:
                _break(client)
                continue
            try:
                server = self._dial()
            except OSError:
                _break(client)
                continue
            for one in (client, server):
                if one.family == socket.AF_INET:
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {client, server}
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _dial(self) -> socket.socket:
        if isinstance(self._server, Path):
            dialled = socket.socket(socket.AF_UNIX)
            dialled.connect(str(self._server))
            return dialled
        return socket.create_connection(self._server)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while part := source.recv(PIECE):
                allowed = self._allow(len(part))
                target.sendall(part[:allowed])
                if allowed < len(part):
                    self._close_all()
                    return
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for one in (source, target):  # a side that broke is told to the other, which would wait for ever
                _break(one)

    def _allow(self, size: int) -> int:
        with self._lock:
            allowed = size if self._left is None else min(size, self._left)
            self.passed += allowed
            if self._left is not None:
                self._left -= allowed
                self.is_cut = self.is_cut or allowed < size
            return allowed

    def _close_all(self) -> None:
        with self._lock:
            opened, self._open = self._open, set()
        for one in opened:
            _break(one)


def _break(one: socket.socket) -> None:
    """Close at once, with a reset where the other side still listens."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def wire(server: tuple[str, int] | Path) -> Iterator[Wire]:
    made = Wire(server)
    try:
        yield made
    finally:
        made.close()
