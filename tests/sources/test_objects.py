"""Object storage on loopback and shared folders, through Airflow's ObjectStoragePath."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.sources.county import County, connection, cut_and_mend, make_county
from tests.sources.cutting import wire

SOURCE: dict[str, Any] = {"code": "cloud", "kind": "object", "conn_id": "county_s3", "path": "s3://county/out"}
OLD = 1_790_000_000


class Bucket:
    """A bucket on loopback."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            aws_access_key_id="county",
            aws_secret_access_key="for-tests-only",
            region_name="us-east-1",
        )

    def put(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket="county", Key=name, Body=content)


@pytest.fixture(scope="module")
def store() -> Iterator[int]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def bucket(store: int) -> Iterator[Bucket]:
    made = Bucket(store)
    made.client.create_bucket(Bucket="county")
    yield made
    for one in made.client.list_objects_v2(Bucket="county").get("Contents", []):
        made.client.delete_object(Bucket="county", Key=one["Key"])
    made.client.delete_bucket(Bucket="county")
    made.client.close()


def known(monkeypatch: pytest.MonkeyPatch, port: int, **parts: Any) -> None:
    about = {"conn_type": "aws", "login": "county", "password": "for-tests-only"}
    connection(monkeypatch, "county_s3", **(about | {"extra": {"endpoint_url": f"http://127.0.0.1:{port}"}} | parts))


@pytest.fixture
def county(tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> County:
    known(monkeypatch, bucket.port)
    return make_county(tmp_path / "home", SOURCE)


def test_new_objects_are_taken_once(county: County, bucket: Bucket) -> None:
    bucket.put("out/a.csv", b"first")
    bucket.put("out/deep/b.csv", b"below")
    bucket.put("elsewhere/c.csv", b"not ours")
    assert county.visit()["taken"] == 1
    assert county.files() == {"a.csv": b"first"}
    assert county.visit()["known"] == 1
    bucket.put("out/a.csv", b"secnd")
    assert county.visit()["taken"] == 1
    county.change(recursive=True)
    assert county.visit()["taken"] == 1


def test_a_wire_cut_at_fifty_bytes_leaves_no_half_object(tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"list_{number}.csv": os.urandom(3000 + 7000 * number) for number in range(3)}
    for name, content in files.items():
        bucket.put(f"out/{name}", content)
    with wire(("127.0.0.1", bucket.port)) as line:
        known(monkeypatch, line.port)
        assert cut_and_mend(tmp_path / "homes", SOURCE, line, files) >= 45


def test_an_object_that_changes_between_two_looks(county: County, bucket: Bucket) -> None:
    bucket.put("out/a.csv", b"first")
    bucket.put("out/b.csv", b"other")
    county.pauses.append(lambda: bucket.put("out/a.csv", b"first and more"))
    assert county.refused() == "SOURCE_CHANGED"
    assert county.files() == {"b.csv": b"other"}
    assert county.visit()["taken"] == 1


def test_an_empty_folder_and_a_missing_bucket(county: County, bucket: Bucket) -> None:
    assert county.visit()["seen"] == 0
    county.change(path="s3://nowhere/out")
    assert county.refused() == "SOURCE_MISSING"


def test_a_server_that_is_down(county: County, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire(("127.0.0.1", bucket.port)) as line:
        port = line.port
    known(monkeypatch, port)
    assert county.refused() == "SOURCE_UNREACHABLE"


def share(tmp_path: Path, **changes: Any) -> tuple[County, Path]:
    folder = tmp_path / "share"
    folder.mkdir()
    return make_county(tmp_path / "home", {"code": "share", "kind": "object", "path": f"file://{folder}", **changes}), folder


def test_a_shared_folder(tmp_path: Path) -> None:
    county, folder = share(tmp_path)
    (folder / "a.csv").write_bytes(b"one")
    (folder / "b.csv.part").write_bytes(b"half")
    (folder / "link.csv").symlink_to("/etc/passwd")
    os.utime(folder / "a.csv", (OLD, OLD))
    assert county.visit()["taken"] == 1
    assert county.files() == {"a.csv": b"one"}
    assert county.visit()["known"] == 1
    (folder / "a.csv").write_bytes(b"two")
    assert county.visit()["taken"] == 1


def test_a_file_that_grows_on_a_shared_folder(tmp_path: Path) -> None:
    county, folder = share(tmp_path)
    (folder / "a.csv").write_bytes(b"half")
    county.pauses.append(lambda: (folder / "a.csv").write_bytes(b"half and more") and None)
    assert county.refused() == "SOURCE_CHANGED"
    assert county.visit()["taken"] == 1
    assert county.files() == {"a.csv": b"half and more"}


def test_a_shared_folder_that_is_not_mounted(tmp_path: Path) -> None:
    county, folder = share(tmp_path)
    folder.rmdir()
    assert county.refused() == "SOURCE_MISSING"


def test_two_files_of_one_name(tmp_path: Path) -> None:
    county, folder = share(tmp_path, recursive=True)
    for place, content in (("甲镇", b"one"), ("乙镇", b"two")):
        (folder / place).mkdir()
        (folder / place / "list.csv").write_bytes(content)
    assert county.visit()["taken"] == 2
    assert sorted(path.read_bytes() for path in county.inbox.rglob("list.csv")) == [b"one", b"two"]
