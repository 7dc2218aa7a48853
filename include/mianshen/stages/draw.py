"""draw: experts are drawn for a review; the draw is recorded with its seed and recusals, so that anybody can draw again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mianshen.core import experts as pool
from mianshen.core.cases import state_of
from mianshen.core.days import local
from mianshen.core.errors import MianshenError
from mianshen.core.experts import Recusal
from mianshen.core.process import Decider
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, cases, experts
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.case_moves import process_of
from mianshen.warehouse.experts import Draw, Place

SEED_BYTES = 16


def draw(job: Job, case_id: str, step_code: str, recused: Mapping[str, Recusal]) -> Draw:
    """Draw the experts of the open round of a step; with nobody newly recused the draw that stands is returned.

    Who was recused before stays so, also in a later round, such as after an objection; who could only not come is asked again
    there. MianshenError CASE_UNKNOWN, EXPERTS_NOT_ASKED for a step that no drawn experts decide,
    STEP_NOT_OPEN, EXPERTS_SHORT.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        row = cases.case_of(connection, case_id, county_code=job.county_code)
        steps = {one.code: one for one in process_of(job.pack, row["process_code"]).steps}
        if job.pack.experts is None or step_code not in steps or steps[step_code].decider is not Decider.EXPERT:
            raise MianshenError("EXPERTS_NOT_ASKED", found=step_code, where=f"case {case_id}")
        state = state_of(cases.events_of(connection, [case_id])[case_id])
        if step_code not in state.open:
            raise MianshenError("STEP_NOT_OPEN", found=step_code, where=f"case {case_id}")
        place = (case_id, step_code, state.rounds[step_code])
        draws = experts.draws_of(connection, [case_id])
        standing = draws.get(place, [])
        before = dict(standing[-1].recused) if standing else _recused_earlier(draws, step_code)
        wanted = before | {code: reason.value for code, reason in recused.items()}
        if standing and wanted == before:
            return standing[-1]
        seed = job.entropy(SEED_BYTES).hex()
        chosen = pool.draw(job.pack.experts, item=row["item_code"], recused=wanted, seed=seed)
        moment = local(job.as_of).isoformat(timespec="seconds")
        made = Draw(len(standing) + 1, tuple(one.code for one in chosen), wanted, seed, job.actor, moment)
        experts.keep(connection, place, made, pool=job.pack.experts)
        detail = {"step": step_code, "round": place[2], "draw": made.draw_no, "experts": list(made.experts), "seed": seed}
        audit.append(connection, [Entry("experts.drawn", case_id, detail)], at=job.moment, actor=job.actor)
    return made


def _recused_earlier(draws: Mapping[Place, Sequence[Draw]], step_code: str) -> dict[str, str]:
    """Who may not judge the matter by what was said in earlier rounds of the step."""
    said: dict[str, str] = {}
    for (_, code, _), made in draws.items():
        said |= made[-1].recused if code == step_code else {}
    return {code: reason for code, reason in said.items() if reason != Recusal.UNAVAILABLE}
