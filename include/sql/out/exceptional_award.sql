-- one row: relief that a meeting granted beyond the rules, with what became of it.
-- grain: exceptional_id.
-- reads: ledger.exceptional_award, ledger.award_posting, ledger.decision, ledger.payment_line, ledger.payment.
-- source: 会商纪要; listed apart for the supervisor, because no rule computed it.
select
    award.exceptional_id,
    award.minutes_no,
    award.document_sha256,
    award.decided_by,
    award.decided_on,
    award.department_code,
    award.fund_code,
    award.benefit_year,
    award.amount_fen,
    award.recorded_by,
    award.recorded_at,
    posting.application_id,
    coalesce(decision.outcome, 'open') as outcome,
    decision.decided_by as approved_by,
    max(payment.state) as payment_state
from ledger.exceptional_award as award
inner join ledger.award_posting as posting on award.award_id = posting.award_id
left join ledger.decision as decision on posting.approval_item_id = decision.approval_item_id
left join ledger.payment_line as line on award.award_id = line.award_id and line.is_live
left join ledger.payment as payment on line.payment_id = payment.payment_id
group by all
order by award.exceptional_id
