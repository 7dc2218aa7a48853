"""Reasons about who may see what in the database."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "ACCESS_UNKNOWN",
        Level.SYSTEM,
        "权限文件写到的角色、表或列不存在,或有表没有写明谁可以看",
        "the access file names a role, table or column that is not there, or forgets a table",
        "按提示改正 include/access/roles.yaml;新表写到某个角色之下,或写入 unshared",
        "correct include/access/roles.yaml where the message says; a new table stands under a role, or under unshared",
    ),
    Reason(
        "ACCESS_DATABASE",
        Level.SYSTEM,
        "这里不能设置权限:不是 PostgreSQL 15 以上,或库中没有本系统的表",
        "no walls can be made here: this is no PostgreSQL 15 or later, or holds none of the product's tables",
        "用管理员账号的地址;先运行 mianshen init 或 publish 建表",
        "give the address of an administrator; make the tables first with mianshen init or publish",
    ),
    Reason(
        "ACCESS_LOGIN",
        Level.SYSTEM,
        "账号不合规:名称、角色或部门不对",
        "the login will not do: its name, role or department is wrong",
        "一人一个账号、一个角色;名称用小写字母、数字和下划线;审批人须写部门,其他角色不写",
        "one login a person and one role a login; small letters, digits and _; an approver has a department, others have none",
    ),
)
"""The chapter, in the order of the reference."""
