"""Reasons about files that are reckoned without a home: which file it is, and where the result goes."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "LIST_UNCLEAR",
        Level.FILE,
        "文件适合该县区的多份名单,无法确定是哪一份",
        "the file fits several lists of the county",
        "用 --list 指明名单代码,或按约定的文件名命名",
        "name its list with --list, or name the file as agreed",
    ),
    Reason(
        "RESULT_FORMAT",
        Level.SYSTEM,
        "不支持的结果文件类型",
        "results are not written to files of this kind",
        "结果文件以 .csv、.parquet 或 .xlsx 结尾",
        "end the name of the result in .csv, .parquet or .xlsx",
    ),
    Reason(
        "RESULT_TOO_LONG",
        Level.SYSTEM,
        "结果超过一张工作表的行数",
        "the result has more rows than a sheet holds",
        "改用 .csv 或 .parquet",
        "write .csv or .parquet instead",
    ),
    Reason(
        "RESULT_STANDS",
        Level.SYSTEM,
        "结果文件已存在,不覆盖",
        "the result file exists and is not overwritten",
        "换一个文件名,或先移走原文件",
        "choose another name, or move the file away first",
    ),
    Reason(
        "RUN_UNKNOWN",
        Level.SYSTEM,
        "没有这次核算,或其中没有这次就医",
        "there is no such run, or the claim is not in it",
        "核对县区、月份、运行编号和结算流水号",
        "check county, month, run and claim",
    ),
    Reason(
        "RUN_DAMAGED",
        Level.SYSTEM,
        "存档的数据与其登记的摘要不符,已被改动",
        "stored data differs from its recorded hash: it was changed",
        "停止使用该次运行,从备份恢复后再重放",
        "do not use the run; restore it from a backup and replay again",
    ),
    Reason(
        "SPARK_NOT_ANSI",
        Level.SYSTEM,
        "Spark 会话未启用 ANSI,金额溢出时不会报错",
        "the Spark session does not run in ANSI mode, so an amount too large would wrap in silence",
        "以 spark.sql.ansi.enabled=true 建立会话后重新核算",
        "build the session with spark.sql.ansi.enabled=true and assess again",
    ),
)
