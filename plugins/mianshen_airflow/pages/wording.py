"""What states, subjects and events are called on the pages: in Chinese, in English."""

from __future__ import annotations

HEADINGS = (
    ("县区", "county"),
    ("时限", "limit"),
    ("责任部门", "holder"),
    ("乡镇", "town"),
    ("状态", "state"),
    ("起算", "started"),
    ("到期日", "due"),
    ("暂定", "provisional"),
    ("办结", "closed"),
    ("逾期天数", "days late"),
    ("逾期原因", "cause"),
    ("对象", "subject"),
    ("编号", "clock"),
)
"""Of the workbook."""
STATE_NAMES = {
    "overdue": ("逾期未办结", "overdue"),
    "due_soon": ("临期", "due soon"),
    "open": ("办理中", "running"),
    "paused": ("中止", "paused"),
    "met_late": ("逾期办结", "done late"),
    "met": ("按期办结", "in time"),
    "exempted": ("免责", "exempted"),
}
"""What the states are called."""
KIND_NAMES = {
    "application": ("受理", "application"),
    "batch": ("审批批次", "approval batch"),
    "delivery": ("数据", "delivery"),
    "list": ("名单", "list"),
    "claim": ("暂缓结算", "held claim"),
    "case_step": ("事项环节", "step of a case"),
}
"""What the subjects of clocks are called."""
EVENT_NAMES = {
    "opened": ("起算", "opened"),
    "warned_2": ("提前两天预警", "warned two days ahead"),
    "warned_1": ("提前一天预警", "warned one day ahead"),
    "missed": ("逾期", "missed"),
    "closed": ("办结", "closed"),
    "paused": ("中止计时", "time stands still"),
    "turned": ("转办或恢复", "handed on, or runs again"),
    "exemption_applied": ("申请容错免责", "exemption applied for"),
    "exemption_granted": ("认定免责", "exemption granted"),
    "exemption_denied": ("不予认定免责", "exemption denied"),
}
"""What happened, in words."""


HAPPENING_NAMES = {
    "opened": ("立案", "opened"),
    "step_opened": ("进入环节", "step opened"),
    "papers": ("收到材料", "papers came"),
    "delegated": ("转办", "handed on"),
    "paused": ("中止计时", "paused"),
    "resumed": ("恢复计时", "runs again"),
    "decided": ("作出决定", "decided"),
    "cancelled": ("撤销环节", "step cancelled"),
    "ended": ("办结", "ended"),
}
"""What happens in a case, in words."""
OUTCOME_NAMES = {"agree": ("同意", "agreed"), "refuse": ("不予救助", "refused"), "return": ("退回补正", "returned")}
"""What departments decide on relief; other processes have outcomes of their own."""
STATES = {
    "RECEIVED": ("已接收", "received"),
    "KEYED": ("已去标识", "keyed"),
    "ACCEPTED": ("已入库", "accepted"),
    "SUPERSEDED": ("已被更新", "superseded"),
    "REJECTED": ("退回", "rejected"),
    "HELD": ("暂缓", "held"),
    "WITHDRAWN": ("已收回", "withdrawn"),
    "MISSING": ("未交", "missing"),
    "drafted": ("已编制", "drafted"),
    "approved": ("已复核", "approved"),
    "sent": ("已送银行", "sent"),
    "cancelled": ("已撤销", "cancelled"),
    "paid": ("已到账", "paid"),
    "returned": ("退汇", "returned"),
    "reissued": ("已重发", "reissued"),
    "manual": ("人工", "by hand"),
}
"""How deliveries, payments and their batches stand."""
WAITS_FOR = {
    "nobody": ("不等任何人", "nobody"),
    "machine": ("系统", "the machine"),
    "bureau": ("医保局核看", "the bureau"),
    "sender": ("报送部门", "the sender"),
}
"""Who must act before a feed's period is whole."""
LEAD_WORDS = {
    "受而不办": "taken in and left undone",
    "受而缓办": "taken in and done late",
    "少救": "too little",
    "漏救": "left out",
    "人情救助": "by favour",
    "违规": "against the rules",
    "及时足额": "in time and in full",
}
"""The words of source 001 for what looks wrong, in English."""
EVIDENCE_NAMES = {
    "agreed_on": ("同意日", "agreed on"),
    "assessed_at": ("核算时刻", "assessed at"),
    "batch": ("批次", "batch"),
    "borne_fen": ("个人负担(元)", "borne, yuan"),
    "categories": ("人员类别", "categories"),
    "cause": ("原因", "cause"),
    "claims": ("结算笔数", "claims"),
    "clause": ("条款", "clause"),
    "closed_at": ("办结时刻", "closed at"),
    "crossed_on": ("越线日", "over the line on"),
    "days_late": ("逾期天数", "days late"),
    "decided_at": ("决定时刻", "decided at"),
    "decided_by": ("决定人", "decided by"),
    "departments": ("部门", "departments"),
    "died_on": ("死亡日", "died on"),
    "due_fen": ("应救助(元)", "due, yuan"),
    "due_on": ("到期日", "due on"),
    "held": ("暂缓原因", "held for"),
    "how": ("方式", "how"),
    "identity_until": ("身份止于", "identity until"),
    "items": ("事项数", "items"),
    "limit": ("时限", "limit"),
    "list": ("名单", "list"),
    "listed_since": ("列入名单日", "listed since"),
    "lost_on": ("失去身份日", "identity lost on"),
    "missing_fen": ("少救(元)", "missing, yuan"),
    "other": ("另一笔结算", "other claim"),
    "owed_fen": ("应付未付(元)", "owed, yuan"),
    "paid_fen": ("已付(元)", "paid, yuan"),
    "payees": ("领款人数", "payees"),
    "people": ("人数", "people"),
    "reason": ("原因", "reason"),
    "seconds": ("间隔(秒)", "seconds"),
    "sent_at": ("送银行时刻", "sent at"),
    "since": ("自", "since"),
    "state": ("状态", "state"),
    "until_on": ("至", "until"),
    "year": ("年度", "year"),
}
"""What the evidence of leads and signals is called."""
