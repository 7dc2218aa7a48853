"""All DAGs of a county: `county_dags(pack)`; a DAG file is one call (docs/adr/0011, 0012, 0013, 0015).

    sources --> fetch --> inbox                              stop: by hand, in the name of who starts it
    inbox --> receive --landed--> trigger --applied--> approve --decided--> reconcile, correct, pay --paid--> supervise
                                     |  +--opened again--> approve
                                     +--lists by month--> rosters      deadlines --overdue--> trigger, supervise
    every clock, at its due moment --missed--> supervise --> notify

A county whose law names no amount has cases alone: `handle` passes what time decides and publishes, every working day; where
files are delivered to it, they are taken in first, and people are matched with the law.

Wake-ups carry no partition: what happens while a DAG is at work waits, and one next run takes all of it. Accepted data carry
partitions: `rosters` starts when every expected list of a month was accepted, and until then the UI names the missing ones;
nothing waits for it. Each DAG that a law puts a limit on shows that limit in Browse > 截止期限.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import (
    DAG,
    Asset,
    AssetOrTimeSchedule,
    MultipleCronTriggerTimetable,
    PartitionedAssetTimetable,
    RollupMapper,
    TriggerRule,
    chain,
)
from airflow.sdk.definitions.deadline import DeadlineAlert

from mianshen_airflow import defaults, news
from mianshen_airflow.approvals import OPEN, DepartmentApprovalOperator, OpenApprovalsOperator, OpenedAgainOperator, ask_id
from mianshen_airflow.assets import CountyAssets, assets_of
from mianshen_airflow.cards import Card, DepartmentCard, card_of
from mianshen_airflow.deadlines import WatchedDeadline, WorkingDayDeadline, alert
from mianshen_airflow.fetching import DueSourcesOperator, FetchOperator, fetching_hours
from mianshen_airflow.notifying import NotifyOperator
from mianshen_airflow.operators import CompleteListsOperator, ReportOperator, StageOperator, ValidateOperator
from mianshen_airflow.partitions import ExpectedLists, ListMonthMapper
from mianshen_airflow.sensors import WorkingDayDeadlineSensor
from mianshen_airflow.starting import approve_id, deadlines_id, started
from mianshen_airflow.stopping import PaymentStopOperator, stop_form
from mianshen_airflow.timetables import WorkdayTimetable

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
"""Before every run; nothing is caught up."""
ROSTER_DUE = "roster_due"
"""The time limit of monthly lists."""
APPROVALS_AT_ONCE = 64
"""Approval runs wait for people, for days; the next batch must not wait for the last."""
ASKING_RETRIES = 8
"""An answer that comes within a second of the asking may be lost by Airflow 3.3, and the department is asked again."""
FETCHING_RETRIES = 6
"""A source that was cut is tried again after 20 s, 40 s, 80 s, …"""
LONGEST_PAUSE = timedelta(minutes=20)
"""Pause between two tries of a source at most."""
LONGEST_FETCH = timedelta(hours=2)
"""A visit that takes longer hangs."""
WATCHES_AT_ONCE = 500
"""Runs that watch due moments; each is one deferred task."""


def county_dags(pack: str) -> dict[str, DAG]:
    """Every DAG of the county by its id, for the globals of a DAG file."""
    card, assets = card_of(pack), assets_of(pack)
    relief = (_fetch, _receive, _rosters, _deadlines, _trigger, _approve, _pay, _stop, _supervise)
    cases = (*((_receive,) if card.is_delivered_to else ()), _handle, _deadlines, _supervise)
    builders = relief if card.pays_relief else cases
    return {dag.dag_id: dag for dag in (build(card, assets) for build in builders)}


def _fetch(card: Card, assets: CountyAssets) -> DAG:
    hours = fetching_hours(card.pack)
    crons = [f"0 {hour} * * *" for hour in hours]
    schedule: Any = MultipleCronTriggerTimetable(*crons, timezone=defaults.ZONE_NAME) if crons else None
    with _dag(card, "fetch", "取件", "from the sources into the inbox", schedule=schedule) as dag:
        due = DueSourcesOperator(task_id="due", task_display_name="该取的来源", pack=card.pack)
        FetchOperator.partial(
            task_id="fetch",
            task_display_name="取件入收件目录",
            pack=card.pack,
            map_index_template="{{ source }}",
            retries=FETCHING_RETRIES,
            retry_exponential_backoff=True,
            max_retry_delay=LONGEST_PAUSE,
            execution_timeout=LONGEST_FETCH,
        ).expand(source=due.output)
    return dag


def _receive(card: Card, assets: CountyAssets) -> DAG:
    schedule = _woken(assets.inbox, hour=8, month_days=card.list_days)
    with _dag(card, "receive", "收件", "files into custody", schedule=schedule) as dag:
        receive = _stage(card, "receive", "接收入库", tells=[assets.landed], teller=news.landed, watches=deadlines_id(card))
        chain(receive, _watch(card, receive))
    return dag


def _rosters(card: Card, assets: CountyAssets) -> DAG:
    expected: Any = ExpectedLists(county_code=card.county_code, list_codes=[one.list_code for one in card.lists])
    to_month: Any = ListMonthMapper()
    whole_month = RollupMapper(upstream_mapper=to_month, window=expected)
    schedule = PartitionedAssetTimetable(assets=assets.rosters, partition_mapper_config={assets.rosters: whole_month})
    with _dag(card, "rosters", "名单齐套", "every list of a month", schedule=schedule) as dag:
        CompleteListsOperator(
            task_id="complete", task_display_name="当月名单齐全", lists=len(card.lists), outlets=[assets.rosters_complete]
        )
    return dag


def _deadlines(card: Card, assets: CountyAssets) -> DAG:
    late = [_watched(card, name, code) for code, name in card.limits]
    late += [_watched(card, f"{one.department_name_zh} · {one.name_zh}", ROSTER_DUE, one.list_code) for one in card.lists]
    dag = _dag(card, "deadlines", "时限守望", "due moments", schedule=None, deadline=late, max_active_runs=WATCHES_AT_ONCE)
    with dag:
        WorkingDayDeadlineSensor(
            task_id="watch", task_display_name="到期前办结,否则记逾期", pack=card.pack, outlets=[assets.overdue]
        )
    return dag


def _trigger(card: Card, assets: CountyAssets) -> DAG:
    schedule = _woken(assets.landed | assets.overdue, hour=6)
    with _dag(card, "trigger", "触发救助", "relief triggered", schedule=schedule, deadline=_limit(card, "trigger_relief")) as dag:
        deidentify = _stage(card, "deidentify", "去标识化")
        told = [assets.settlements, assets.rosters]
        validate = _stage(card, "validate", "校验", operator=ValidateOperator, tells=told, teller=news.accepted)
        profile = _stage(card, "profile", "归集画像", each_year=True)
        assess = _stage(card, "assess", "政策核算", each_year=True)
        tells: dict[str, Any] = {"tells": [assets.applied], "teller": news.applied}
        apply = _stage(card, "apply", "自动受理", each_year=True, watches=deadlines_id(card), **tells)
        chain(deidentify, validate, profile, assess, apply, _watch(card, apply))
        again = OpenedAgainOperator(
            task_id="again", task_display_name="重新打开的事项", county_code=card.county_code, asks=approve_id(card)
        )
        chain(apply, again, started(again, approve_id(card), task_id="ask_again", name_zh="再次送审"))
    return dag


def _approve(card: Card, assets: CountyAssets) -> DAG:
    options = {"deadline": _limit(card, "approve_relief"), "max_active_runs": APPROVALS_AT_ONCE}
    with _dag(card, "approve", "并联审批", "departments decide", schedule=[assets.applied], **options) as dag:
        opened = OpenApprovalsOperator(
            task_id=OPEN,
            task_display_name="规则审批与分送",
            pack=card.pack,
            county_code=card.county_code,
            stages=("approve",),
            tells=[assets.applied],
            departments=[one.code for one in card.deciders],
        )
        asked = [_ask(card, assets, one) for one in card.deciders]
        told: dict[str, Any] = {"tells": [assets.decided], "teller": news.decided}
        close = _stage(card, "close", "审批汇总", stages=(), trigger_rule=TriggerRule.ALL_DONE, **told)
        chain(opened, asked, close)
    return dag


def _pay(card: Card, assets: CountyAssets) -> DAG:
    schedule = _woken(assets.decided, hour=16)
    with _dag(card, "pay", "资金发放", "money sent", schedule=schedule, deadline=_limit(card, "pay_relief")) as dag:
        reconcile = _stage(card, "reconcile", "银行回盘入账与对账")
        correct = _stage(card, "correct", "更正与追回")
        pay = _stage(card, "pay", "编制付款批次")
        disclose = _stage(card, "disclose", "打印批次单", tells=[assets.paid], teller=news.paid)
        tell = _stage(card, "tell", "告知短信与信函清单")
        chain(reconcile, correct, pay, disclose, tell)
    return dag


def _handle(card: Card, assets: CountyAssets) -> DAG:
    woken_by = assets.landed | assets.overdue if card.is_delivered_to else assets.overdue
    schedule = _woken(woken_by, hour=8, window=card.year_end)
    with _dag(card, "handle", "事项办理", "cases of the processes", schedule=schedule) as dag:
        taken_in = _taken_in(card) if card.is_delivered_to else ()
        passed = _stage(card, "handle", "期满办结")
        confirmed = _stage(card, "confirm", "比对与自动审批")
        published = _stage(card, "disclose", "公示与出单")
        chain(*taken_in, passed, confirmed, published)
    return dag


def _taken_in(card: Card) -> tuple[StageOperator, ...]:
    """What is done with files before cases follow from them."""
    return (
        _stage(card, "deidentify", "去标识化"),
        _stage(card, "validate", "校验", operator=ValidateOperator),
        _stage(card, "profile", "归集画像"),
    )


def _stop(card: Card, assets: CountyAssets) -> DAG:
    with _dag(card, "stop", "停发与恢复", "payments stopped and resumed by hand", schedule=None, params=stop_form()) as dag:
        PaymentStopOperator(task_id="stop", task_display_name="停发或恢复", pack=card.pack)
    return dag


def _supervise(card: Card, assets: CountyAssets) -> DAG:
    schedule = _woken(assets.paid | assets.overdue | assets.missed, hour=8, minute=30)
    with _dag(card, "supervise", "监督", "clocks and boards", schedule=schedule) as dag:
        radar = _stage(card, "radar", "应救未救提示")
        portray = _stage(card, "portray", "档案与群体画像")
        release = _stage(card, "release", "去标识化发布")
        # whatever fails before, the boards say what is missed; `report` waits for both and fails the run
        boards = ("handle", "confirm", "supervise")
        supervise = _stage(card, "supervise", "时限评估与台账", stages=boards, trigger_rule=TriggerRule.ALL_DONE)
        chain(radar, portray, release, supervise)
        chain(supervise, NotifyOperator(task_id="notify", task_display_name="逾期与临期通知", pack=card.pack))
        chain([release, supervise], _stage(card, "report", "群体画像报告", operator=ReportOperator))
    return dag


def _dag(
    card: Card,
    step: str,
    name_zh: str,
    name_en: str,
    *,
    schedule: Any,
    max_active_runs: int = 1,
    deadline: Any = None,
    params: Any = None,
) -> DAG:
    return DAG(
        dag_id=f"{card.pack}__{step}",
        dag_display_name=f"{card.county_name_zh} · {name_zh}",
        description=f"{card.county_name_zh}{name_zh} / {card.county_name_en}: {name_en}",
        schedule=schedule,
        start_date=SINCE,
        catchup=False,
        max_active_runs=max_active_runs,
        deadline=deadline,
        params=params,
        tags=[card.county_name_zh, name_zh, "免申即享"],
        default_args={"owner": card.county_name_zh, "retries": defaults.RETRIES, "retry_delay": defaults.RETRY_DELAY},
    )


def _woken(assets: Any, *, hour: int, minute: int = 0, **evenings: Any) -> AssetOrTimeSchedule:
    """Woken by news; and on working days in any case (`evenings` of WorkdayTimetable too): nothing missed waits for longer."""
    timetable: Any = WorkdayTimetable(hour=hour, minute=minute, **evenings)
    return AssetOrTimeSchedule(assets=[assets] if isinstance(assets, Asset) else assets, timetable=timetable)


def _stage(
    card: Card,
    task_id: str,
    name_zh: str,
    *,
    stages: tuple[str, ...] | None = None,
    operator: type[StageOperator] = StageOperator,
    **options: Any,
) -> StageOperator:
    return operator(
        task_id=task_id,
        task_display_name=name_zh,
        pack=card.pack,
        county_code=card.county_code,
        stages=(task_id,) if stages is None else stages,
        **options,
    )


def _watch(card: Card, stage: StageOperator) -> Any:
    """Starts one run of `deadlines` for every watch that the stage handed on."""
    return started(stage, deadlines_id(card), task_id="watch", name_zh="开启时限守望")


def _ask(card: Card, assets: CountyAssets, one: DepartmentCard) -> DepartmentApprovalOperator:
    return DepartmentApprovalOperator(
        task_id=ask_id(one.code),
        task_display_name=f"{one.name_zh}审批",
        pack=card.pack,
        department_code=one.code,
        department_name=one.name_zh,
        approver=one.approver,
        tells=[assets.applied],
        retries=ASKING_RETRIES,
    )


def _watched(card: Card, name: str, limit_code: str, list_code: str = "") -> DeadlineAlert:
    return alert(WatchedDeadline(limit_code, list_code), name=name, county_code=card.county_code)


def _limit(card: Card, code: str) -> Any:
    """The native deadline of a step; None when the pack knows no such limit."""
    if code not in dict(card.limits):
        return None
    return alert(WorkingDayDeadline(card.pack, code), name=card.limit_name(code), county_code=card.county_code)
