-- one row: items of an approval batch with the same outcome.
-- grain: approval_batch_id, route, outcome, reason_code.
-- reads: ledger.approval_batch, ledger.approval_item, ledger.decision.
-- source: 001 chapter 2, item 4 (parallel approval).
select
    batch.approval_batch_id,
    batch.month as batch_month,
    batch.department_code,
    item.route,
    coalesce(decision.outcome, 'open') as outcome,
    coalesce(decision.reason_code, 'DECISION_PENDING') as reason_code,
    coalesce(decision.how, 'open') as how,
    count(*) as items,
    cast(sum(item.amount_fen) as bigint) as amount_fen
from ledger.approval_batch as batch
inner join ledger.approval_item as item on batch.approval_batch_id = item.approval_batch_id
left join ledger.decision as decision on item.approval_item_id = decision.approval_item_id
group by all
order by batch.department_code, batch.approval_batch_id, item.route, outcome, reason_code, how
