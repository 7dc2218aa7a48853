"""A real SFTP server on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

LOGIN, PASSWORD = "county", "for-tests-only"


@dataclass
class Server:
    """What it serves and how it may be known."""

    folder: Path
    port: int = 0
    host_key: str = ""
    """As a connection names it."""
    strange: list[bytes] = field(default_factory=list)
    """Names that it lists beside the real ones."""
    logins: list[str] = field(default_factory=list)
    """Passwords that were tried."""
    connections: list[Any] = field(default_factory=list)
    """Every connection that was made."""


@contextmanager
def sftp_server(folder: Path) -> Iterator[Server]:
    served = Server(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    acceptor = asyncio.run_coroutine_threadsafe(_listen(served), loop).result(30)
    try:
        yield served
    finally:
        asyncio.run_coroutine_threadsafe(_stop(acceptor, served.connections), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


async def _listen(served: Server) -> Any:
    key = asyncssh.generate_private_key("ssh-ed25519")
    served.host_key = key.export_public_key("openssh").decode().strip()

    class Guard(asyncssh.SSHServer):
        def connection_made(self, conn: Any) -> None:
            served.connections.append(conn)

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            served.logins.append(password)
            return (username, password) == (LOGIN, PASSWORD)

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=str(served.folder).encode())

        async def scandir(self, path: bytes) -> Any:
            async for entry in super().scandir(path):
                yield entry
            for name in served.strange:
                yield asyncssh.SFTPName(
                    name, attrs=asyncssh.SFTPAttrs(size=3, permissions=0o100600, mtime=1_700_000_000, atime=0)
                )

    acceptor = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[key], server_factory=Guard, sftp_factory=Files, process_factory=None
    )
    served.port = acceptor.get_port()
    return acceptor


async def _stop(acceptor: Any, connections: list[Any]) -> None:
    acceptor.close()
    await acceptor.wait_closed()
    for one in connections:
        one.abort()
        await one.wait_closed()
    await asyncio.sleep(0.01)
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
