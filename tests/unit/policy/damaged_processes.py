"""Damages to a county's processes: what names nothing, what nothing reaches, where a case would stand still."""

from __future__ import annotations

from tests.unit.policy.damage import Damage


def _damage(name: str, old: str, new: str, found: str, at: str = "") -> Damage:
    return Damage(name, "process.yaml", old, new, at or new, found)


_AFTER = """\
      - code: posted
        name_zh: 公示
        name_en: Notice
        department: bureau
        decided_by: {by}
        limit: notice_days
        forms: [{form}]
        outcomes:
          - {{code: passed, name_zh: 无异议, name_en: passed}}
          - {{code: objection, name_zh: 有异议, name_en: objected, again: [bureau], reasons: [NOTICE_OBJECTED]}}
        source: example
        article: 附则
        status: illustrative
"""
AFTER_DEPARTMENTS = (
    (
        "somebody decides",
        _AFTER.format(by="person", form="public_notice"),
        "部门审批之后只能是公示环节",
        "forms: [public_notice]\n        outcomes:\n          - {code: passed, name_zh: 无异议, name_en: passed}",
    ),
    (
        "another paper is printed",
        _AFTER.format(by="time", form="acceptance"),
        "部门审批之后只能是公示环节",
        "forms: [acceptance]\n        outcomes",
    ),
    ("several are published", _AFTER.format(by="time", form="public_notice"), "多部门并联的流程不能写公示", "code: posted"),
)

DAMAGES = [
    _damage(
        "called paid where nothing was released",
        "{code: done, name_zh: 已录入, name_en: entered}",
        "{code: done, name_zh: 已录入, name_en: entered, money: paid}",
        "没有放行单据的结论",
    ),
    _damage(
        "a refusal that leaves the bills undecided",
        "{code: done, name_zh: 已录入, name_en: entered}",
        "{code: done, name_zh: 已录入, name_en: entered, money: release}",
        "不成功的办结须写 money: refuse",
        "{code: withdraw,",
    ),
    _damage(
        "a paper that is taken for the person's own no",
        "{code: declined, name_zh: 本人不需要, name_en: declined, is_success: false}",
        "{code: declined, name_zh: 本人不需要, name_en: declined, is_success: false, own_no: true}",
        "没有问到人,不能按本人不需要办结",
        "{code: withdrawn, name_zh: 撤回, name_en: withdrawn, ends: declined",
    ),
    _damage(
        "a department of relief without a step",
        "starts: [bureau, union]",
        "starts: [bureau]",
        "routing.yaml 中的部门 union 没有审批环节",
    ),
    _damage(
        "a step of another department",
        "    - code: union\n        name_zh: 虚构县总工会审批\n        name_en: Union\n        department: union",
        "    - code: union\n        name_zh: 虚构县总工会审批\n        name_en: Union\n        department: bureau",
        "以部门代码为环节代码",
        "department: bureau\n        decided_by: list\n        limit: approve_relief",
    ),
    _damage(
        "a refusal for no reason that relief knows",
        "{code: refuse, name_zh: 不予救助, name_en: refused, refuses: true, reasons: [IDENTITY_NOT_CONFIRMED, DUPLICATE_RELIEF",
        "{code: refuse, name_zh: 不予救助, name_en: refused, refuses: true, reasons: [LIST_MATCH, DUPLICATE_RELIEF",
        "理由 LIST_MATCH 不在",
        "reasons: [LIST_MATCH",
    ),
    *(
        _damage(
            f"after the departments {name}",
            "      - code: union\n        name_zh: 虚构县总工会审批",
            f"{step}      - code: union\n        name_zh: 虚构县总工会审批",
            found,
            at,
        )
        for name, step, found, at in AFTER_DEPARTMENTS
    ),
    _damage(
        "a batch without a limit",
        "decided_by: rule\n        limit: approve_relief\n        batched: true",
        "decided_by: rule\n        batched: true",
        "按批计时的环节须写 limit",
        "batched: true",
    ),
    _damage(
        "who was not reached is taken for one who declined",
        "{code: unreachable, name_zh: 仍未联系上, name_en: still not reached, again: [search], reached: false}",
        "{code: unreachable, name_zh: 仍未联系上, name_en: still not reached, ends: declined, reached: false}",
        "联系不上不能办结",
    ),
    _damage(
        "who was not reached is left alone",
        "{code: hand_over, name_zh: 多次未遇转查找, name_en: looked for elsewhere, opens: [search], reached: false}",
        "{code: hand_over, name_zh: 多次未遇转查找, name_en: looked for elsewhere, reached: false}",
        "联系不上不能办结",
    ),
    _damage(
        "who was not reached is decided about",
        "looked for elsewhere, opens: [search], reached: false}",
        "looked for elsewhere, opens: [search, decide], reached: false}",
        "联系不上之后的环节也须问人",
        "{code: hand_over",
    ),
    _damage(
        "an asking that always reaches",
        "name_en: still not reached, again: [search], reached: false}",
        "name_en: still not reached, again: [search]}",
        "问人的环节须有一种 reached: false 的结论",
        "          - {code: wants, name_zh: 需要, name_en: wants help, opens: [assist]}\n"
        "          - {code: declines, name_zh: 不需要, name_en: declines, ends: declined}\n"
        "          - {code: unreachable, name_zh: 仍未联系上",
    ),
    _damage(
        "nobody is asked and yet somebody is missed",
        "{code: told, name_zh: 已送达, name_en: handed over, ends: refused}",
        "{code: told, name_zh: 已送达, name_en: handed over, ends: refused, reached: false}",
        "不问人的环节没有联系不上",
    ),
    _damage(
        "visits that begin without asking",
        "starts: [visit]",
        "starts: [assist]",
        "走访流程的首个环节须写 asks: true",
    ),
    _damage("department that is none", "lead_department: bureau", "lead_department: office", "departments.yaml 中没有 office"),
    _damage(
        "step that is none", "opens: [review, list_match]", "opens: [revue, list_match]", "steps 中没有 revue", "opens: [revue"
    ),
    _damage("end that is none", "ends: withdrawn, reasons", "ends: gone, reasons", "ends 中没有 gone"),
    _damage("start that is none", "starts: [intake]", "starts: [begin]", "steps 中没有 begin"),
    _damage("limit that is none", "limit: intake_days", "limit: intake_weeks", "time_limits.yaml 中没有 intake_weeks"),
    _damage("reason that is none", "reasons: [NOTICE_OBJECTED, ", "reasons: [NOISE, ", "core.codes 中没有 NOISE"),
    _damage("pause for no reason", "pauses: [WAITS_FOR_PAPERS]", "pauses: [WAITS]", "core.codes 中没有 WAITS"),
    _damage(
        "an end that opens",
        "ends: refused, reasons: [PAPERS_MISSING",
        "ends: refused, opens: [recheck], reasons: [PAPERS_MISSING",
        "办结的结论不能再开环节",
    ),
    _damage(
        "time without a period",
        "decided_by: time\n        limit: notice_days",
        "decided_by: time",
        "须写 limit 或 window",
        "decided_by: time",
    ),
    _damage("a form that is none", "forms: [public_notice]", "forms: [公示]", "public_notice"),
    _damage(
        "a notice that a person decides",
        "decided_by: time\n        limit: notice_days",
        "decided_by: person\n        limit: notice_days",
        "公示的环节须由时间办结",
        "forms: [public_notice]",
    ),
    _damage("a need that nothing meets", "needs: [review, list_match]", "needs: [notice]", "notice 的结论都不开 recheck"),
    _damage(
        "a join that would wait for ever",
        "name_en: agreed, opens: [recheck]}\n          - {code: refuse, name_zh: 不予通过",
        "name_en: agreed}\n          - {code: later, name_zh: 缓, name_en: later, opens: [recheck]}\n"
        "          - {code: refuse, name_zh: 不予通过",
        "会停住",
        "      - code: intake",
    ),
    _damage("an outcome twice", "{code: withdraw, name_zh: 撤回", "{code: accept, name_zh: 撤回", "accept 写了两次"),
    _damage("a step that nothing opens", "opens: [entry]}", "again: [notice]}", "没有一条路走到 entry", "      - code: entry"),
    _damage("a day that no year has", "month: 12, day: 16", "month: 2, day: 29", "不是每年都有 2月29日"),
    _damage("a window turned round", "opens: {month: 12, day: 17", "opens: {month: 12, day: 29", "末日早于首日"),
    _damage("a quota of none", "per_day: 60", "per_day: 0", "每天至少 1 件"),
    _damage(
        "limit and window",
        "        window: {opens: {month: 12, day: 17",
        "        limit: card_days\n        window: {opens: {month: 12, day: 17",
        "只写一个",
        "window: {opens: {month: 12, day: 17",
    ),
    _damage(
        "a source that is none",
        "        source: example\n",
        "        source: nowhere\n",
        "documents 中没有 nowhere",
        "source: nowhere",
    ),
]
