"""Steps at which a person is asked: who was not reached is asked again or told in writing, and never taken for a no."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.policy.shapes import Row


def check_visits(processes: Sequence[Row]) -> None:
    """Nothing when at most one process concerns visits and every asking step says what it must; MianshenError POLICY_DAMAGED.

    A step that asks has an outcome for a person who was not reached. Such an outcome ends nothing: the step is done anew, another
    asking step follows, or one that tells the person in writing. It stands in no step that asks nobody, and no other step follows
    from it. An end that is the person's own no is reached from nowhere but an asking step in which the person was reached.
    """
    own = [one for one in processes if one["concerns"] == "visits"]
    if len(own) > 1:
        own[1].at("concerns").refuse("只能有一个流程用于走访", "one process only concerns visits")
    for process in processes:
        asking = {one["code"] for one in process["steps"] if one["asks"]}
        if process["concerns"] == "visits" and not asking & set(process["starts"]):
            process.at("starts").refuse("走访流程的首个环节须写 asks: true", "a process of visits starts with a step that asks")
        telling = {one["code"] for one in process["steps"] if one["tells"]}
        for step in process["steps"]:
            _check_step(step, asking | telling)
        _check_noes(process)


def _check_step(step: Row, follow: set[str]) -> None:
    missed = [one for one in step["outcomes"] if not one["reached"]]
    if not step["asks"]:
        if missed:
            missed[0].at("reached").refuse("不问人的环节没有联系不上", "nobody is asked here: nobody is missed")
        return
    if not missed:
        step.at("outcomes").refuse("问人的环节须有一种 reached: false 的结论", "who is not reached needs an outcome here")
    for outcome in missed:
        follows = {*outcome["again"], *outcome["opens"]}
        if outcome["ends"] is not None or not follows:
            outcome.spot.refuse("联系不上不能办结,应再次走访或另行查找", "who was not reached is asked again or looked for")
        if not follows <= follow:
            outcome.spot.refuse(
                "联系不上之后的环节也须问人,或书面告知(tells: true)",
                "what follows for who was not reached asks the person too, or tells in writing",
            )


def _check_noes(process: Row) -> None:
    """The person's own no is said by the person: no silence, no letter and no deadline says it."""
    noes = {one["code"] for one in process["ends"] if one["own_no"]}
    for key in ("done_as", "refused_as"):
        if process[key] in noes:
            process.at(key).refuse("本人不需要只能由本人说", "only the person says no")
    for step in process["steps"]:
        for outcome in step["outcomes"]:
            if outcome["ends"] in noes and not (step["asks"] and outcome["reached"]):
                outcome.at("ends").refuse(
                    "没有问到人,不能按本人不需要办结", "nobody was spoken with: this is not the person's own no"
                )
