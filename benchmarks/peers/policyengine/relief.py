"""The relief table as an PolicyEngine model: one person a row, amounts in yuan. JSON on stdout, relief in fen beside it."""

import json
import resource
import sys
import time

import numpy as np
from policyengine_core.entities import build_entity
from policyengine_core.periods import YEAR
from policyengine_core.simulations import SimulationBuilder
from policyengine_core.taxbenefitsystems import TaxBenefitSystem
from policyengine_core.taxscales import MarginalRateTaxScale
from policyengine_core.variables import Variable

PERIOD = "2023"
Person = build_entity(key="person", plural="persons", label="A person", is_person=True)


class burden(Variable):  # noqa: N801 - PolicyEngine names variables by their class
    """What the year left to the person, yuan."""

    label = "burden in yuan"
    value_type = float
    entity = Person
    definition_period = YEAR


class line(Variable):  # noqa: N801
    """The line of the table that the person stands on."""

    label = "line of the table"
    value_type = int
    entity = Person
    definition_period = YEAR


def relief_under(rules: list) -> type:
    """The variable that gives the relief of every person, yuan."""

    class relief(Variable):  # noqa: N801
        label = "relief in yuan"
        value_type = float
        entity = Person
        definition_period = YEAR

        def formula(person, period):  # noqa: N805 - PolicyEngine's signature
            amount, place = person("burden", period), person("line", period)
            due = np.zeros_like(amount)
            for number, rule in enumerate(rules):
                scale = MarginalRateTaxScale()
                scale.add_bracket(0, 0)
                scale.add_bracket(rule["deductible_yuan"], rule["ratio"])
                due = np.where(place == number, np.minimum(scale.calc(amount), rule["cap_yuan"]), due)
            return due

    return relief


def main(amounts: str, lines: str, rules: str, out: str) -> None:
    system = TaxBenefitSystem([Person])
    system.add_variables(burden, line, relief_under(json.loads(rules)))
    fen = np.load(amounts)
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(len(fen)))
    simulation = builder.build(system)
    simulation.set_input("burden", PERIOD, fen / 100)
    simulation.set_input("line", PERIOD, np.load(lines))
    yuan = simulation.calculate("relief", PERIOD)
    np.save(out, np.floor(yuan.astype(np.float64) * 100 + 0.5).astype(np.int64))
    print(json.dumps({"cpu": time.process_time(), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
