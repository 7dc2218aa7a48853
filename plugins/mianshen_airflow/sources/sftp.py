"""SFTP: a folder on a server whose host key is known, or nothing."""

from __future__ import annotations

import posixpath
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mianshen.core.errors import MianshenError
from mianshen.feeds.fetching import Errand, Seen, fetch_files
from mianshen.feeds.sources import FileAsk
from mianshen_airflow.sources.troubles import told

if TYPE_CHECKING:
    from airflow.providers.sftp.hooks.sftp import SFTPHook
    from paramiko import SFTPAttributes, SFTPClient

PATIENCE = 60
"""Seconds without an answer after which the connection counts as broken."""
DEEPEST = 8
"""Folders below folders that are looked through."""
PIECE = 1 << 18
"""Bytes read at a time."""


def fetch(errand: Errand, ask: FileAsk, *, pause: Callable[[], None]) -> Counter[str]:
    """What is new in the folder, landed; MianshenError SOURCE_HOST_KEY before a word is said to a server that is not known."""
    with told(errand.source.code, _code_of), _hook(errand).get_managed_conn() as client:
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(PATIENCE)
        return fetch_files(errand, ask, Folder(client, ask, errand.source.code), pause=pause)


def _hook(errand: Errand) -> SFTPHook:
    """The hook with a strict host key, without tries of its own: Airflow tries again."""
    from airflow.providers.sftp.hooks.sftp import SFTPHook
    from airflow.sdk import BaseHook

    conn_id = str(errand.source.conn_id)
    extra = BaseHook.get_connection(conn_id).extra_dejson
    lax = any(str(extra.get(name)).lower() == "true" for name in ("no_host_key_check", "allow_host_key_change"))
    if lax or not extra.get("host_key"):
        raise MianshenError("SOURCE_HOST_KEY", found="host_key 未设置 not set", where=f"{errand.source.code} ({conn_id})")
    try:
        return SFTPHook(ssh_conn_id=conn_id, conn_retry_attempts=1, conn_timeout=PATIENCE, auth_timeout=PATIENCE)
    except (ValueError, KeyError, IndexError) as cause:
        raise MianshenError("SOURCE_HOST_KEY", found=f"host_key: {type(cause).__name__}", where=conn_id) from None


def _code_of(cause: Exception) -> str:
    import paramiko

    text = str(cause)
    if isinstance(cause, paramiko.BadHostKeyException) or "not found in known_hosts" in text:
        return "SOURCE_HOST_KEY"
    if isinstance(cause, paramiko.AuthenticationException):
        is_cut = "transport shut down" in text or "timeout" in text.lower()
        return "SOURCE_UNREACHABLE" if is_cut else "SOURCE_REFUSED"
    if isinstance(cause, (FileNotFoundError, PermissionError)):
        return "SOURCE_MISSING"
    return "SOURCE_NAME" if isinstance(cause, UnicodeDecodeError) else "SOURCE_UNREACHABLE"


class Folder:
    """The folder as a store."""

    def __init__(self, client: SFTPClient, ask: FileAsk, source: str) -> None:
        self._client = client
        self._ask = ask
        self._source = source

    def look(self) -> list[Seen]:
        """Every plain file; links are passed over."""
        return sorted(self._below("", 0), key=lambda one: one.name)

    def look_at(self, name: str) -> Seen | None:
        """The one file, now."""
        try:
            return _seen(name, self._client.lstat(self._path(name)))
        except FileNotFoundError:
            return None

    def read(self, seen: Seen) -> Iterator[bytes]:
        """Its bytes."""
        with self._client.open(self._path(seen.name), "rb") as file:
            file.prefetch(seen.size, max_concurrent_requests=64)
            left = seen.size
            while left > 0 and (part := file.read(min(PIECE, left))):
                left -= len(part)
                yield part

    def _path(self, name: str) -> bytes:
        return posixpath.join(self._ask.path, name).encode(self._ask.name_encoding)

    def _below(self, folder: str, depth: int) -> Iterator[Seen]:
        for entry in listed(self._client, self._path(folder), self._ask.name_encoding):
            name = f"{folder}{entry.filename}"
            mode = entry.st_mode or 0
            if stat.S_ISREG(mode):
                yield _seen(name, entry)
            elif self._ask.is_recursive and stat.S_ISDIR(mode) and depth < DEEPEST and not entry.filename.startswith("."):
                yield from self._below(f"{name}/", depth + 1)


def listed(client: Any, path: bytes, encoding: str) -> list[SFTPAttributes]:
    """The folder's entries, their names read in this encoding; UnicodeDecodeError for a name that is none in it.

    The client's own listing knows UTF-8 only; everything else of it takes and gives bytes.
    """
    from paramiko import sftp_attr
    from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR, SFTPError

    kind, answer = client._request(CMD_OPENDIR, path)
    if kind != CMD_HANDLE:
        raise SFTPError("no handle")
    handle = answer.get_binary()
    entry_of: Any = sftp_attr.SFTPAttributes
    found: list[SFTPAttributes] = []
    try:
        while True:
            kind, answer = client._request(CMD_READDIR, handle)
            if kind != CMD_NAME:
                raise SFTPError("no names")
            for _ in range(answer.get_int()):
                name, long_name = (answer.get_binary() for _ in range(2))
                found.append(entry_of._from_msg(answer, name.decode(encoding), long_name.decode(encoding, "replace")))
    except EOFError:
        return [one for one in found if one.filename not in (".", "..")]
    finally:
        client._request(CMD_CLOSE, handle)


def _seen(name: str, entry: SFTPAttributes) -> Seen:
    changed = datetime.fromtimestamp(entry.st_mtime, UTC) if entry.st_mtime else None
    return Seen(name, entry.st_size or 0, str(entry.st_mtime), changed)
