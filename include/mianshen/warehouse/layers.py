"""A table of a run as layers: few people's new rows above the files of earlier runs, which stay where they are (docs/adr/0028).

The folder of such a table holds the new rows and `layers.json`, which lists every layer, the lowest first, its files named from
the root of the lake. A row stands unless its person is listed by a layer above it: that layer holds all the rows that the person
has since. Whoever opens a table through `mianshen.warehouse.lake.show` sees its rows and nothing of this; the new rows end in
`.layer`, so that nobody takes them for the whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mianshen.core import digest

MANIFEST = "layers.json"
"""Lists the layers; stands in a table's folder in place of its parts."""
OWN = "part-0.layer"
"""The rows that a run wrote itself."""
_DEPTH = 5
"""Folders from the lake's root down to the manifest's: schema, table, county, month, run."""


@dataclass(frozen=True, slots=True)
class Layering:
    """When a table is written whole although few of its rows are new: the lake's housekeeping, said in settings.json."""

    fewest_rows: int = 200_000
    """Tables of fewer rows are written whole: copying them is cheap, and every file is a table of its own."""
    most_layers: int = 12
    """Layers that a reader opens at most."""
    most_hidden_ppm: int = 250_000
    """Rows in the files that no longer stand, against those that do, in millionths."""


USUAL = Layering()
"""What holds where the settings say nothing."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The files of one layer and whose rows they are."""

    files: tuple[str, ...]
    """Its files, from the lake's root."""
    sha256: str
    """Their digest, as that of a table's parts."""
    rows: int
    """Rows in them, those that layers above hide included."""
    people: tuple[str, ...] = ()
    """Files that list the people whose rows beneath no longer stand; none in the lowest layer, which is of everybody."""
    people_sha256: str = ""
    """Their digest."""


def is_manifest(path: str) -> bool:
    """Whether the path is a list of layers and not a file of rows."""
    return Path(path).name == MANIFEST


def read_layers(path: str | Path) -> tuple[Layer, ...]:
    """The layers that a manifest lists, the lowest first."""
    listed = json.loads(Path(path).read_text("utf-8"))["layers"]
    return tuple(Layer(**{**one, "files": tuple(one["files"]), "people": tuple(one["people"])}) for one in listed)


def manifest_of(layers: Sequence[Layer]) -> bytes:
    """The manifest's bytes; equal for equal layers."""
    return digest.canonical_json({"layers": [asdict(one) for one in layers]})


def fits(layering: Layering, layers: Sequence[Layer], *, standing: int, added: int, hidden: int) -> bool:
    """Whether the new rows go above these layers, of whose rows so many stand, and hide some; else the table is written whole."""
    now = standing - hidden + added
    dead = sum(one.rows for one in layers) + added - now
    is_large = standing >= layering.fewest_rows
    return is_large and len(layers) < layering.most_layers and dead * 1_000_000 <= layering.most_hidden_ppm * max(now, 1)


def selects(path: str) -> list[str]:
    """A query for each layer of a manifest: the rows of it that stand."""
    root, layers = Path(path).parents[_DEPTH], read_layers(path)
    found = []
    for place, layer in enumerate(layers):
        above = [root / one for upper in layers[place + 1 :] for one in upper.people]
        hides = f" anti join (select person_key from {stored(above)}) as moved using (person_key)" if above else ""  # noqa: S608 - our own paths, quoted
        found.append(f"select * from {stored(root / one for one in layer.files)} as layer{hides}")  # noqa: S608 - our own paths, quoted
    return found


def stored(files: Iterable[str | Path]) -> str:
    """What reads these files, for a query."""
    listed = ", ".join("'" + str(one).replace("'", "''") + "'" for one in files)
    return f"read_parquet([{listed}], hive_partitioning=false, union_by_name=true)"


def sha256_of(path: str, *, root: Path) -> str:
    """The manifest's digest; `missing`, or that of the first layer whose files differ from what it says."""
    if not Path(path).is_file():
        return "missing"
    for layer in read_layers(path):
        for files, said in ((layer.files, layer.sha256), (layer.people, layer.people_sha256)):
            found = chained(root / one for one in files) if files else said
            if found != said:
                return found
    return digest.sha256_file(Path(path))


def chained(paths: Iterable[Path]) -> str:
    """The digest of one file, or of the digests of several in their order; a file that is gone counts as `missing`."""
    whole = ""
    for path in paths:
        sha256 = digest.sha256_file(path) if path.is_file() else "missing"
        whole = digest.sha256_hex(f"{whole}{sha256}".encode()) if whole else sha256
    return whole
