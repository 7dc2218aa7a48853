"""The words of the trade, on the standard library alone: money, days, spans, ids, codes, clocks, plan, pack, digest, paths."""
