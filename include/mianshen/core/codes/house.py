"""Reasons about the installation itself: settings, policies, calendar, stages."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "POLICY_DAMAGED",
        Level.SYSTEM,
        "政策文件无法读取或内容不合规",
        "the policy file cannot be read or breaks its schema",
        "按提示的文件和行改正政策文件后重新运行",
        "correct the policy file at the line named and run again",
    ),
    Reason(
        "POLICY_UNKNOWN",
        Level.SYSTEM,
        "没有这个县区的政策包",
        "there is no policy pack of this name",
        "检查 --pack 的写法,或先在 include/policies 建立该县区",
        "check --pack, or add the county under include/policies first",
    ),
    Reason(
        "MONTH_INVALID",
        Level.SYSTEM,
        "月份写法不正确",
        "the month is not written as 2026-10",
        "按 2026-10 或 202610 的写法重填",
        "write it as 2026-10 or 202610",
    ),
    Reason(
        "MOMENT_WITHOUT_ZONE",
        Level.SYSTEM,
        "时刻没有时区",
        "the moment has no time zone",
        "给出带时区的时刻,例如 2026-11-22T09:00:00+08:00",
        "give a moment with its zone, such as 2026-11-22T09:00:00+08:00",
    ),
    Reason(
        "CALENDAR_MISSING",
        Level.SYSTEM,
        "该年度的工作日历没有数据",
        "the working-day calendar has no data for this year",
        "把国务院办公厅放假通知录入 include/policies/national/workdays",
        "enter the State Council notice under include/policies/national/workdays",
    ),
    Reason(
        "HOME_MISSING",
        Level.SYSTEM,
        "数据目录不存在或不完整",
        "the data directory is missing or incomplete",
        "先运行 mianshen init,或检查 MIANSHEN_HOME",
        "run mianshen init first, or check MIANSHEN_HOME",
    ),
    Reason(
        "KEYS_UNSAFE",
        Level.SYSTEM,
        "密钥文件缺失、过短或权限过宽",
        "the key file is missing, too short or readable by others",
        "把密钥文件设为仅本人可读写(0600),长度不少于 32 字节",
        "set the key file to mode 0600 and at least 32 bytes",
    ),
    Reason(
        "STAGE_UNKNOWN",
        Level.SYSTEM,
        "没有这个处理阶段",
        "there is no stage of this name",
        "使用 mianshen.stages.catalogue 列出的阶段名",
        "use a stage that the catalogue lists",
    ),
    Reason(
        "CONSERVATION_BROKEN",
        Level.SYSTEM,
        "行数或金额前后不一致",
        "rows or fen in differ from rows or fen out",
        "停止付款,核对该阶段的守恒记录",
        "stop paying and compare the conservation record of the stage",
    ),
    Reason(
        "INTERNAL_STATE",
        Level.SYSTEM,
        "台账状态与预期不符",
        "the ledger is not in the state expected",
        "停止该批次,由数据工程师核对台账后再运行",
        "stop the batch; an engineer compares the ledger before it runs again",
    ),
)
