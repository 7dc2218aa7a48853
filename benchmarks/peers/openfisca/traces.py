"""The relief table in OpenFisca, a person at a time with its tracer on, the computation log read. JSON on stdout."""

import json
import sys
import time
from pathlib import Path

from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from relief import PERIOD, Person, burden, line, relief_under


def main(rows: str, rules: str) -> None:
    system = TaxBenefitSystem([Person])
    system.add_variables(burden, line, relief_under(json.loads(rules)))
    asked = json.loads(Path(rows).read_text(encoding="utf-8"))
    began, wall = time.process_time(), time.perf_counter()
    relief, steps = [], 0
    for fen, place in asked:
        given = {"persons": {"one": {"burden": {PERIOD: fen / 100}, "line": {PERIOD: place}}}}
        simulation = SimulationBuilder().build_from_entities(system, given)
        simulation.trace = True
        found = simulation.calculate("relief", PERIOD)
        steps += len(simulation.tracer.computation_log.lines())
        relief.append(round(float(found[0]) * 100))
    used = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall, "steps": steps, "relief": relief}
    print(json.dumps(used))


if __name__ == "__main__":
    main(*sys.argv[1:])
