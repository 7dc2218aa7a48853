"""Reasons about sources: where deliveries are fetched from, and what stood in the way."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "SOURCE_SETTINGS",
        Level.SYSTEM,
        "来源设置不正确",
        "a source is not set up rightly",
        "按提示改正 settings.json 中该来源的设置或该连接的参数,再运行 mianshen doctor",
        "correct the source in settings.json, or its connection, as the message says; then run mianshen doctor",
    ),
    Reason(
        "SOURCE_UNREACHABLE",
        Level.SYSTEM,
        "来源连不上,或者连接中途断开",
        "the source cannot be reached, or the connection broke off",
        "系统会自动重试;多次失败时请检查网络和对方服务,收件目录没有留下半个文件",
        "it is tried again by itself; if it keeps failing look at the network and the other side. Nothing half-read was left",
    ),
    Reason(
        "SOURCE_REFUSED",
        Level.SYSTEM,
        "来源拒绝登录",
        "the source refuses the login",
        "在 Airflow 连接中核对账号、口令或密钥;系统不会自动重试,以免账号被锁",
        "check login, password or key in the Airflow connection; it is not tried again by itself, lest the account be locked",
    ),
    Reason(
        "SOURCE_HOST_KEY",
        Level.SYSTEM,
        "对方服务器的主机密钥未登记或不一致",
        "the server's host key is not known or is another one",
        "停止取件,用电话向对方管理员核对主机密钥;核对一致后再把它写入 Airflow 连接的 host_key",
        "stop; ask the other side by telephone for its host key, and only then write it into host_key of the connection",
    ),
    Reason(
        "SOURCE_MISSING",
        Level.SYSTEM,
        "来源没有这个目录、接口、表或列",
        "the source has no such folder, endpoint, table or column",
        "请提供方确认名称和授权,再改正该来源的设置",
        "ask the provider for the name and the grant, then correct the source's settings",
    ),
    Reason(
        "SOURCE_CHANGED",
        Level.SYSTEM,
        "读取过程中对方数据发生变化",
        "the data changed while they were read",
        "这一次不收;系统会自动重试,数据稳定后即可取到",
        "nothing is taken this time; it is tried again and succeeds once the data stand still",
    ),
    Reason(
        "SOURCE_PAGES",
        Level.SYSTEM,
        "接口分页有重复、缺页或总数不符",
        "pages of the interface are doubled, missing, or do not add up to their total",
        "整次不收;请提供方检查分页和排序后再取",
        "nothing of it is taken; have the provider check paging and order",
    ),
    Reason(
        "SOURCE_ANSWER",
        Level.SYSTEM,
        "来源的答复不合约定",
        "the source's reply is not what was agreed",
        "整次不收;请提供方核对接口或表的格式",
        "nothing of it is taken; have the provider compare the interface or the table with what was agreed",
    ),
    Reason(
        "SOURCE_NAME",
        Level.SYSTEM,
        "来源列出了不能作为文件名的名称",
        "the source lists a name that cannot be a file's",
        "该文件不取,其他文件照取;请提供方改名后再交",
        "this file is passed over, the others are taken; have the provider rename it",
    ),
    Reason(
        "SOURCE_BUSY",
        Level.SYSTEM,
        "同一来源正在取件",
        "the same source is being fetched by somebody else",
        "等前一次取完;系统会自动重试",
        "wait until the other one is done; it is tried again by itself",
    ),
    Reason(
        "DISK_FULL",
        Level.SYSTEM,
        "数据目录所在磁盘已满或只读",
        "the disk of the home folder is full or read-only",
        "腾出空间后重新运行;收件目录没有留下半个文件",
        "make room and run again; nothing half-written was left in the inbox",
    ),
)
