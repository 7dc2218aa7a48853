-- one row: a matter that was taken on, is past due and on which nobody acted (受而不办).
-- grain: indicator_code, subject_id.
-- reads: out.clock_board, ledger.approval_item, ledger.decision.
-- source: 001 chapter 4 (四种监督情形); docs/domain 2.1.
-- ITEM_UNDECIDED: an item of a batch past its limit without a decision. DELIVERY_UNTRIGGERED: accepted data of which no application was
-- made in time. STEP_IDLE: a step of a case past its limit. A limit that is paused, or not over, is nobody's fault.
with
late as (
    select *
    from out.clock_board
    where state = 'overdue'
)

select
    'ITEM_UNDECIDED' as indicator_code,
    'item' as subject_kind,
    item.approval_item_id as subject_id,
    item.person_key,
    item.department_code,
    item.town,
    cast(substr(late.due_at, 1, 10) as date) as arose_on,
    item.amount_fen,
    format('batch={}; due_on={}; days_late={}', item.approval_batch_id, late.due_on, late.days_late) as evidence
from ledger.approval_item as item
inner join late on item.approval_batch_id = late.subject_id and late.subject_kind = 'batch'
left join ledger.decision as decided on item.approval_item_id = decided.approval_item_id
where decided.approval_item_id is null
union all
select
    if(late.subject_kind = 'delivery', 'DELIVERY_UNTRIGGERED', 'STEP_IDLE') as indicator_code,
    late.subject_kind,
    late.subject_id,
    cast(null as varchar) as person_key,
    late.holder_department as department_code,
    cast(null as varchar) as town,
    cast(substr(late.due_at, 1, 10) as date) as arose_on,
    cast(0 as bigint) as amount_fen,
    format('limit={}; due_on={}; days_late={}', late.time_limit_code, late.due_on, late.days_late) as evidence
from late
where late.subject_kind in ('delivery', 'case_step')
order by indicator_code, subject_id
