"""What people try in a walled county, each with what takes away the one wall that stops it."""

from __future__ import annotations

from dataclasses import dataclass

COUNTY_CODE = "510118"
PEOPLE = {
    "li_analyst": ("analyst", ""),
    "wang_civil": ("approver", "civil_affairs"),
    "zhao_disabled": ("approver", "disabled"),
    "qian_payer": ("payer", ""),
    "sun_finance": ("finance", ""),
    "zhou_audit": ("audit", ""),
    "wu_supervisor": ("supervisor", ""),
    "zheng_engineer": ("engineer", ""),
    "feng_clerk": ("clerk", ""),
}
"""Role and department of everybody who has a login."""
MADE = {
    "draft": "insert into ledger.payment_batch select 'DRAFT', county_code, '2026-12', bank_profile, created_at, 1, 5, 0, 0, 'x',"
    " maker, null, 'drafted', null, null, null, null, audit_head, audit_count, null from ledger.payment_batch limit 1",
    "payment": "insert into ledger.payment select 'DRAFTED', 'DRAFT', 1, payee_key, account_key, 5, 'drafted', null"
    " from ledger.payment limit 1",
    "line": "update ledger.payment_line set payment_id = 'DRAFTED' where payment_line_id ="
    " (select min(payment_line_id) from ledger.payment_line)",
    "delivery": "insert into ledger.delivery values ('V1', '510118', 'roster', 'l', 'civil_affairs', '2026-10', 1, 'sha',"
    " 'a person.csv', 1, '2026-11-01T09:00:00+08:00', 'RECEIVED', null, null, 1, 1, 1, 0, 0)",
    "relief": "insert into mart.out_relief_summary (mart_county_code, mart_month, department_code, people)"
    " values ('510118', '2026-10', 'civil_affairs', 9), ('510118', '2026-10', 'disabled', 9)",
    "look-up": "insert into vault.supervisor_lookup_log values (1, 'at', 'wu', 'K1', 'wu', 'name', 1, '[]', '0', '1')",
    "funnel": "insert into mart.out_funnel (mart_county_code, mart_month, step, people) values ('510118', '2026-10', 'fetched', 9)",
    "group": "insert into mart.out_portrait_group (mart_county_code, mart_month, people, is_small) values ('510118', '2026-10', 2, true)",
    "recovery": "insert into ledger.recovery (recovery_id, county_code, person_key, benefit_year, amount_fen, way, cause, run_id, found_at)"
    " select 'R1', county_code, person_key, 2026, 5, 'small', 'x', run_id, applied_at from ledger.application limit 1",
    "answer": "insert into office.answer (approval_batch_id, chosen, signed_by) values ('B', '同意', 'zhao_disabled')",
    "custody": "insert into vault.custody values ('sha', 1, 5, '2026-11-01')",
    "link": "insert into vault.person_link (act_no, link_id, act, acted_at, actor, reason, document) values (1, 'L', 'proposed', 'x', 'x', 'x', 'x')",
}
"""Rows that the small county does not make by itself."""


@dataclass(frozen=True)
class Attempt:
    """Somebody tries to cross."""

    who: str
    tries: str
    """A statement that gives or touches a row when it goes through."""
    wall: tuple[str, ...]
    """What takes away the wall that stopped it."""


def grant(what: str, on: str, who: str) -> tuple[str, ...]:
    """Without the wall: the role of this login has the right."""
    schema = on.split(".")[0]
    role = f"mianshen_{PEOPLE[who][0]}"
    return (f"grant usage on schema {schema} to {role}", f"grant {what} on {on} to {role}")


def reads(who: str, table: str, column: str = "", where: str = "true") -> Attempt:
    """Reads a column (or whether a row is there) that was not granted."""
    tries = f"select {column or 1} from {table} where {where}"
    right = grant(f"select ({column})" if column else "select", table, who)
    return Attempt(who, tries, (*right, f"alter table {table} disable row level security"))


def sees(who: str, table: str, where: str, column: str = "1") -> Attempt:
    """Reads rows of others, of a table of which some rows are his."""
    return Attempt(who, f"select {column} from {table} where {where}", (f"alter table {table} disable row level security",))


def writes(who: str, statement: str, what: str, table: str) -> Attempt:
    """Writes where he only reads."""
    return Attempt(who, statement, (*grant(what, table, who), f"alter table {table} disable row level security"))


def signs(who: str, rows: str) -> Attempt:
    """Signs as somebody else, or a batch of others."""
    statement = f"insert into office.answer (approval_batch_id, chosen, signed_by) {rows}"
    return Attempt(who, statement, ("alter table office.answer disable row level security",))


OTHERS = "department_code <> 'civil_affairs'"
ATTEMPTS = (
    # the analyst: de-identified marts only
    reads("li_analyst", "vault.person"),
    reads("li_analyst", "vault.person_index"),
    reads("li_analyst", "vault.person_fact"),
    reads("li_analyst", "vault.lookup_log"),
    reads("li_analyst", "vault.supervisor_lookup_log"),
    reads("li_analyst", "ledger.approval_item"),
    reads("li_analyst", "ledger.payment"),
    reads("li_analyst", "ledger.award_posting", "person_key"),
    reads("li_analyst", "ledger.audit", "detail"),
    reads("li_analyst", "mart.out_award_line", "event_id"),
    Attempt("li_analyst", "select * from mart.out_assessment", grant("select (event_id)", "mart.out_assessment", "li_analyst")),
    reads("li_analyst", "mart.out_lead"),
    sees("li_analyst", "mart.out_portrait_group", "is_small", "people"),
    reads("li_analyst", "mart.out_record_decision", "person_key"),
    reads("li_analyst", "office.login_department"),
    writes("li_analyst", "update mart.out_funnel set people = 0", "update", "mart.out_funnel"),
    writes("li_analyst", "delete from mart.out_funnel", "delete", "mart.out_funnel"),
    writes("li_analyst", "insert into mart.out_funnel (mart_county_code, mart_month) values ('x', 'x') returning 1", "insert, select", "mart.out_funnel"),
    Attempt("li_analyst", "create table public.copied as select 1 as one", ("grant usage, create on schema public to mianshen_analyst",)),
    Attempt("li_analyst", "create table mart.copied as select 1 as one", ("grant create on schema mart to mianshen_analyst",)),
    Attempt("li_analyst", "create temporary table copied as select 1 as one", ("grant temporary on database walled to mianshen_analyst",)),
    # a department: its own items and fields
    sees("wang_civil", "ledger.approval_item", OTHERS, "amount_fen"),
    sees("wang_civil", "ledger.approval_batch", OTHERS, "amount_fen"),
    sees("wang_civil", "ledger.award_posting", OTHERS, "amount_fen"),
    sees("wang_civil", "ledger.payment_line", OTHERS, "amount_fen"),
    sees("wang_civil", "ledger.clock_standing", "holder_department <> 'civil_affairs'", "due_at"),
    sees("wang_civil", "ledger.case_event", "step_code <> 'civil_affairs'", "outcome_code"),
    sees("wang_civil", "mart.out_relief_summary", OTHERS, "people"),
    sees("wang_civil", "mart.out_approval_summary", OTHERS, "amount_fen"),
    sees("wang_civil", "office.login_department", "login <> 'wang_civil'", "login"),
    sees("zhao_disabled", "ledger.approval_item", "department_code = 'civil_affairs'", "amount_fen"),
    sees("zhao_disabled", "ledger.application", "application_id not in (select application_id from ledger.approval_item)", "receipt_no"),
    sees("zhao_disabled", "ledger.payment_line", "department_code = 'civil_affairs'", "amount_fen"),
    reads("wang_civil", "ledger.approval_item", "person_key"),
    Attempt("wang_civil", "select item_no from ledger.approval_item where person_key is not null", grant("select (person_key)", "ledger.approval_item", "wang_civil")),
    Attempt("wang_civil", "select * from ledger.approval_item", grant("select (person_key)", "ledger.approval_item", "wang_civil")),
    reads("wang_civil", "ledger.application", "person_key"),
    reads("wang_civil", "ledger.payment", "account_key"),
    reads("wang_civil", "ledger.payment_line", "payee_key"),
    reads("wang_civil", "vault.person"),
    reads("wang_civil", "ledger.lead"),
    writes("wang_civil", "update mart.out_relief_summary set people = 1 where department_code = 'civil_affairs'", "update", "mart.out_relief_summary"),
    writes("wang_civil", "update office.login_department set department_code = 'disabled'", "update", "office.login_department"),
    writes("wang_civil", "insert into office.login_department values ('wang', '510118', 'disabled')", "insert", "office.login_department"),
    Attempt("wang_civil", "alter table ledger.approval_item disable row level security", ("grant mianshen to wang_civil",)),
    # signing as another
    writes("wang_civil", "insert into ledger.case_event select case_id, 99, 'decided', step_code, 9, 'disabled', 'agree', 'zhao_disabled', 'x', null, '', 'person' from ledger.case_event limit 1", "insert", "ledger.case_event"),
    sees("wang_civil", "office.answer", "signed_by = 'zhao_disabled'", "chosen"),
    signs("wang_civil", "select approval_batch_id, '同意', 'zhao_disabled' from ledger.approval_batch limit 1"),
    signs("wang_civil", "values ('OTHERS', '同意', 'wang_civil')"),
    writes("wang_civil", "update office.answer set chosen = '同意'", "update", "office.answer"),
    writes("wang_civil", "insert into office.answer (approval_batch_id, chosen, signed_at) values ('B', '同意', '2020-01-01')", "insert (signed_at)", "office.answer"),
    # the payer: approved lines through one view
    reads("qian_payer", "ledger.payment"),
    reads("qian_payer", "ledger.payment_line"),
    reads("qian_payer", "ledger.payment_batch"),
    reads("qian_payer", "ledger.award_posting", "person_key"),
    reads("qian_payer", "vault.person"),
    Attempt(
        "qian_payer",
        "select amount_fen from office.payable_line where payment_id = 'DRAFTED'",
        (
            "create or replace view office.payable_line with (security_barrier = true) as select batch.payment_batch_id,"
            " paid.payment_id, paid.sequence_no, line.payment_line_id, paid.payee_key, paid.account_key, line.fund_code,"
            " line.amount_fen, paid.state as payment_state from ledger.payment_line as line join ledger.payment as paid"
            " using (payment_id) join ledger.payment_batch as batch using (payment_batch_id) where line.is_live",
        ),
    ),
    Attempt("qian_payer", "set role mianshen_supervisor; select 1 from ledger.payment", ("grant mianshen_supervisor to qian_payer",)),
    Attempt("qian_payer", "set role mianshen_pipeline; select 1 where current_user = 'mianshen_pipeline'", ("grant mianshen_pipeline to qian_payer",)),
    # finance and audit: funds, batches, evidence
    reads("sun_finance", "ledger.payment", "account_key"),
    reads("sun_finance", "ledger.payment", "payee_key"),
    reads("sun_finance", "ledger.application"),
    reads("sun_finance", "ledger.award_posting"),
    reads("sun_finance", "vault.custody"),
    reads("sun_finance", "mart.out_assessment"),
    writes("sun_finance", "delete from mart.out_payment_summary", "delete", "mart.out_payment_summary"),
    reads("zhou_audit", "ledger.recovery", "person_key"),
    reads("zhou_audit", "ledger.award_posting", "event_id"),
    reads("zhou_audit", "vault.person_link"),
    writes("zhou_audit", "update ledger.payment_hold set lifted_at = 'x'", "update, select", "ledger.payment_hold"),
    # the supervisor: everything but the vault, and nothing to write
    reads("wu_supervisor", "vault.person"),
    reads("wu_supervisor", "vault.person_index"),
    reads("wu_supervisor", "vault.person_fact"),
    reads("wu_supervisor", "vault.custody"),
    writes("wu_supervisor", "delete from mart.out_lead", "delete", "mart.out_lead"),
    writes("wu_supervisor", "update ledger.payment_hold set lifted_at = 'x'", "update", "ledger.payment_hold"),
    # the engineer: runs, no vault; the clerk: the window's page
    reads("zheng_engineer", "vault.person"),
    reads("zheng_engineer", "vault.supervisor_lookup_log"),
    reads("sun_finance", "vault.supervisor_lookup_log"),
    reads("wang_civil", "vault.supervisor_lookup_log"),
    reads("zheng_engineer", "ledger.delivery", "file_name"),
    reads("zheng_engineer", "ledger.application"),
    reads("zheng_engineer", "ledger.payment"),
    reads("zheng_engineer", "mart.out_award_line"),
    writes("zheng_engineer", "update ledger.delivery set state = 'ACCEPTED'", "update", "ledger.delivery"),
    reads("feng_clerk", "mart.out_funnel"),
    reads("feng_clerk", "ledger.case"),
    reads("feng_clerk", "vault.lookup_log"),
)  # fmt: skip
