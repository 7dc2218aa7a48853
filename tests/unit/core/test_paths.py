"""Reports are put whole, for the owner's group to read and for nobody else, whatever umask the process has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from mianshen.core.paths import SHARED, SHARED_FILE, keep_to_owner, put_shared


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    import os

    before = os.umask(0o022)
    keep_to_owner()
    yield
    os.umask(before)


def test_a_report_replaces_the_one_before_and_its_group_comes_to_it(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "510118_xinjin" / "summary.txt"
    for content in (b"first, and longer", b"second"):
        put_shared(path, content, below=tmp_path)
        assert path.read_bytes() == content
    assert [one.name for one in path.parent.iterdir()] == ["summary.txt"], "nothing half made is left"
    assert S_IMODE(path.stat().st_mode) == SHARED_FILE
    assert {S_IMODE(one.stat().st_mode) for one in (path.parent, path.parent.parent)} == {SHARED}


def test_a_report_that_cannot_be_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary.txt"
    put_shared(path, b"first", below=tmp_path)
    monkeypatch.setattr(Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(OSError, match="no space"):
        put_shared(path, b"second", below=tmp_path)
    assert path.read_bytes() == b"first"
