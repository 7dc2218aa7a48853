"""Object storage and shared folders through Airflow's ObjectStoragePath: s3:// and file://."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from mianshen.core.errors import MianshenError
from mianshen.feeds.fetching import Errand, Seen, fetch_files
from mianshen.feeds.sources import FileAsk
from mianshen_airflow.sources.troubles import told

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

PATIENCE = 60
"""Seconds without an answer after which the connection counts as broken."""
PIECE = 8 << 20
"""Bytes asked for at a time."""


def fetch(errand: Errand, ask: FileAsk, *, pause: Callable[[], None]) -> Counter[str]:
    """What is new in the folder, landed."""
    with told(errand.source.code, _code_of):
        root = _root(ask.path, errand.source.conn_id)
        store = Tree(root, ask)
        if not store.is_there():
            raise MianshenError("SOURCE_MISSING", found="folder", where=errand.source.code)
        return fetch_files(errand, ask, store, pause=pause)


def _root(path: str, conn_id: str | None) -> ObjectStoragePath:
    from airflow.sdk import ObjectStoragePath
    from airflow.sdk.io import attach

    if path.startswith("s3://"):
        filesystem = _s3(conn_id)
        attach("s3", conn_id=conn_id, fs=filesystem).fs = filesystem
    return ObjectStoragePath(path, conn_id=conn_id)


def _s3(conn_id: str | None) -> Any:
    """The file system of the connection: login and password are the keys, `endpoint_url` in extra or host:port the server."""
    from airflow.sdk import BaseHook
    from s3fs import S3FileSystem

    known = BaseHook.get_connection(str(conn_id))
    extra = known.extra_dejson
    address = extra.get("endpoint_url") or (
        f"{known.schema or 'https'}://{known.host}:{known.port or 443}" if known.host else None
    )
    filesystem = S3FileSystem(
        session=_session(),
        key=known.login,
        secret=known.password,
        endpoint_url=address,
        client_kwargs={"region_name": extra.get("region_name", "us-east-1")},
        config_kwargs={"retries": {"total_max_attempts": 1}, "connect_timeout": PATIENCE, "read_timeout": PATIENCE},
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    filesystem.retries = 1
    return filesystem


@cache
def _session() -> Any:
    """One session a process: reading the service's description takes longer than a fetch."""
    from aiobotocore.session import get_session

    return get_session()


def _code_of(cause: Exception) -> str:
    if isinstance(cause, PermissionError):
        return "SOURCE_REFUSED"
    if isinstance(cause, (FileNotFoundError, NotADirectoryError)):
        return "SOURCE_MISSING"
    refused = ("NoCredentialsError", "PartialCredentialsError")
    return "SOURCE_REFUSED" if type(cause).__name__ in refused else "SOURCE_UNREACHABLE"


class Tree:
    """The folder as a store."""

    def __init__(self, root: ObjectStoragePath, ask: FileAsk) -> None:
        self._files = root.fs
        self._root = root.path.rstrip("/")
        self._ask = ask

    def is_there(self) -> bool:
        """Whether the folder, or the bucket that it would lie in, exists: object storage knows no empty folder."""
        bucket = self._root.split("/", 1)[0]
        return bool(self._files.isdir(self._root) or (bucket and self._files.exists(bucket)))

    def look(self) -> list[Seen]:
        """Every plain file; links are passed over."""
        depth = None if self._ask.is_recursive else 1
        found = self._files.find(self._root, maxdepth=depth, detail=True)
        return [_seen(path[len(self._root) + 1 :], info) for path, info in sorted(found.items()) if not info.get("islink")]

    def look_at(self, name: str) -> Seen | None:
        """The one file, now."""
        try:
            return _seen(name, self._files.info(f"{self._root}/{name}"))
        except FileNotFoundError:
            return None

    def read(self, seen: Seen) -> Iterator[bytes]:
        """Its bytes."""
        options = {} if isinstance(self._files.protocol, tuple) and "file" in self._files.protocol else {"block_size": PIECE}
        with self._files.open(f"{self._root}/{seen.name}", "rb", **options) as file:
            while part := file.read(PIECE):
                yield part


def _seen(name: str, info: dict[str, Any]) -> Seen:
    changed, tag = info.get("LastModified"), info.get("ETag")
    if changed is None and "mtime" in info:
        changed = datetime.fromtimestamp(info["mtime"], UTC)
    mark = str(tag) if tag else str(info.get("mtime"))
    return Seen(name, int(info["size"] or 0), mark, changed, is_exact=tag is not None)
