"""Deliveries as strangers write them, and what a careful clerk says of each file and row."""

from __future__ import annotations

from tests.corpus.deliveries import inboxes, lists, shapes, signs
from tests.corpus.deliveries.said import CASES, Case

__all__ = ["CASES", "Case", "inboxes", "lists", "shapes", "signs"]
