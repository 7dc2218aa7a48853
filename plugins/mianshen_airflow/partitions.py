"""Monthly lists as partitions: `county|list_code|month` rolls up to the month, so that the UI names who is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.partition_mappers.base import PartitionMapper
from airflow.partition_mappers.window import Window

SEPARATOR = "|"
"""Between the parts of a list's partition key."""


def list_key(county_code: str, list_code: str, month: str) -> str:
    """The partition key of a county's list for a month."""
    return SEPARATOR.join((county_code, list_code, month))


class ListMonthMapper(PartitionMapper):
    """Takes a list's key to its month: `510118|canlian_zhongdu|2026-10` to `2026-10`."""

    def to_downstream(self, key: str) -> str:
        """The month of a list's key; ValueError when the key has not three parts."""
        _county, _list_code, month = key.split(SEPARATOR)
        return month


class ExpectedLists(Window):
    """The lists that a county expects for a month, by its pack."""

    def __init__(self, *, county_code: str = "", list_codes: Iterable[str] = ()) -> None:
        super().__init__()
        self.county_code = county_code
        self.list_codes = tuple(list_codes)

    def to_upstream(self, decoded_downstream: str) -> Iterable[str]:
        """The keys that make the month complete."""
        return [list_key(self.county_code, one, decoded_downstream) for one in self.list_codes]

    def serialize(self) -> dict[str, Any]:
        """The window as JSON values."""
        return {"county_code": self.county_code, "list_codes": list(self.list_codes)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> ExpectedLists:
        """The window again."""
        return cls(county_code=data["county_code"], list_codes=data["list_codes"])
