"""The fictional county's data: a seeded generator of departments' files for any pack, with an answer key beside them."""

from mianshen.synth.canaries import Canary, read_canaries
from mianshen.synth.county import CountySummary, make_county, write_late_list
from mianshen.synth.shape import Shape

__all__ = ["Canary", "CountySummary", "Shape", "make_county", "read_canaries", "write_late_list"]
