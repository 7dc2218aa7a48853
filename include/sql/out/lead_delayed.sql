-- one row: a matter that was decided or finished after its time (受而缓办).
-- grain: indicator_code, subject_id.
-- reads: out.clock_board, ledger.approval_item, ledger.decision.
-- source: 001 chapter 4 (四种监督情形); docs/domain 2.1.
-- DECIDED_LATE: a decision at the due moment of its batch or later. FINISHED_LATE: a case's step or triggered data that ended late.
with
limited as (
    select *
    from out.clock_board
    where subject_kind in ('batch', 'delivery', 'case_step')
)

select
    'DECIDED_LATE' as indicator_code,
    'item' as subject_kind,
    item.approval_item_id as subject_id,
    item.person_key,
    item.department_code,
    item.town,
    cast(substr(limited.due_at, 1, 10) as date) as arose_on,
    item.amount_fen,
    format('batch={}; due_on={}; decided_at={}; how={}', item.approval_batch_id, limited.due_on, decided.decided_at, decided.how)
        as evidence
from ledger.decision as decided
inner join ledger.approval_item as item on decided.approval_item_id = item.approval_item_id
inner join limited on item.approval_batch_id = limited.subject_id and limited.subject_kind = 'batch'
where decided.decided_at >= limited.due_at
union all
select
    'FINISHED_LATE' as indicator_code,
    limited.subject_kind,
    limited.subject_id,
    cast(null as varchar) as person_key,
    limited.holder_department as department_code,
    cast(null as varchar) as town,
    cast(substr(limited.due_at, 1, 10) as date) as arose_on,
    cast(0 as bigint) as amount_fen,
    format('limit={}; due_on={}; closed_at={}', limited.time_limit_code, limited.due_on, limited.closed_at) as evidence
from limited
where limited.subject_kind <> 'batch' and limited.state = 'met_late'
order by indicator_code, subject_id
