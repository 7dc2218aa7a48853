-- one row: what a department decided about an amount of a calculation record.
-- grain: person_key, benefit_year, benefit_code, event_id, posting_no.
-- reads: ledger.award_posting, ledger.approval_item, ledger.decision, staging.reason_word.
-- source: 001 chapter 2, item 4 (parallel approval); a refusal is told with its reason in the person's record.
select
    posting.person_key,
    posting.benefit_year,
    posting.benefit_code,
    posting.event_id,
    posting.posting_no,
    posting.amount_fen,
    posting.approval_item_id,
    item.department_code,
    decision.outcome,
    decision.reason_code,
    decision.how,
    decision.decided_at,
    '部门审批:' || case decision.outcome when 'agree' then '同意' when 'return' then '退回补正' else '不予救助' end
    || '。' || word.reason_zh || if(decision.outcome = 'agree', '', '。' || word.remedy_zh) as saying_zh
from ledger.award_posting as posting
inner join ledger.approval_item as item on posting.approval_item_id = item.approval_item_id
inner join ledger.decision as decision on item.approval_item_id = decision.approval_item_id
inner join staging.reason_word as word on decision.reason_code = word.reason_code
order by posting.person_key, posting.benefit_year, posting.benefit_code, posting.event_id, posting.posting_no
