"""The relief table as a GoRules ZEN decision, a person at a time with its trace on. JSON on stdout."""

import json
import sys
import time
from pathlib import Path

import zen


def decision(rules: list) -> dict:
    """A graph: the line's numbers, the excess, the relief under the cap."""
    columns = ("deductible_yuan", "ratio", "cap_yuan")
    table = {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": "line", "name": "line", "field": "line"}],
        "outputs": [{"id": name, "name": name, "field": name} for name in columns],
        "rules": [
            {"_id": f"r{place}", "line": str(place), **{name: str(rule[name]) for name in columns}}
            for place, rule in enumerate(rules)
        ],
    }

    def expression(name: str, what: str) -> dict:
        return {"passThrough": True, "expressions": [{"id": name, "key": name, "value": what}]}

    nodes = [
        ("in", "inputNode", None),
        ("table", "decisionTableNode", table),
        ("excess", "expressionNode", expression("excess", "max([burden - deductible_yuan, 0])")),
        ("relief", "expressionNode", expression("relief", "min([round(excess * ratio, 2), cap_yuan])")),
        ("out", "outputNode", None),
    ]
    return {
        "nodes": [
            {"id": one, "name": one, "type": kind, "position": {"x": 0, "y": 0}, **({"content": content} if content else {})}
            for one, kind, content in nodes
        ],
        "edges": [
            {"id": f"e{place}", "type": "edge", "sourceId": one[0], "targetId": other[0]}
            for place, (one, other) in enumerate(zip(nodes, nodes[1:], strict=False))
        ],
    }


def main(rows: str, rules: str) -> None:
    chosen = zen.ZenEngine().create_decision(json.dumps(decision(json.loads(rules))))
    asked = json.loads(Path(rows).read_text(encoding="utf-8"))
    began, wall = time.process_time(), time.perf_counter()
    relief, sizes = [], 0
    for burden, line in asked:
        told = chosen.evaluate({"burden": burden / 100, "line": line}, {"trace": True})
        sizes += len(told["trace"])
        relief.append(round(float(told["result"]["relief"]) * 100))
    used = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall, "steps": sizes, "relief": relief}
    print(json.dumps(used))


if __name__ == "__main__":
    main(*sys.argv[1:])
