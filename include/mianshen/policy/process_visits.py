"""Steps at which a person is asked: who was not reached is asked again or elsewhere, and is never taken for one who declined."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.policy.shapes import Row


def check_visits(processes: Sequence[Row]) -> None:
    """Nothing when at most one process concerns visits and every asking step says what it must; MianshenError POLICY_DAMAGED.

    A step that asks has an outcome for a person who was not reached. Such an outcome ends nothing: the step is done anew, or
    another asking step follows. It stands in no step that asks nobody, and no such step follows from it.
    """
    own = [one for one in processes if one["concerns"] == "visits"]
    if len(own) > 1:
        own[1].at("concerns").refuse("只能有一个流程用于走访", "one process only concerns visits")
    for process in processes:
        asking = {one["code"] for one in process["steps"] if one["asks"]}
        if process["concerns"] == "visits" and not asking & set(process["starts"]):
            process.at("starts").refuse("走访流程的首个环节须写 asks: true", "a process of visits starts with a step that asks")
        for step in process["steps"]:
            _check_step(step, asking)


def _check_step(step: Row, asking: set[str]) -> None:
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
        if not follows <= asking:
            outcome.spot.refuse("联系不上之后的环节也须问人", "what follows for who was not reached asks the person too")
