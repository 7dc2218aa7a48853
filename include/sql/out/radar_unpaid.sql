-- one row: a person to whom relief was agreed more than $unpaid_days days ago that has not left, or came back.
-- grain: subject_id.
-- reads: ledger.award_posting, ledger.decision, ledger.approval_item, ledger.payment_line, ledger.payment, ledger.payment_hold.
-- source: 001 chapter 4 (及时足额); docs/domain 2.1.
-- Owed is what was agreed less what a payment carries that was sent or paid; what is taken back counts against it. What was agreed later
-- than the line is not late yet. Why it did not leave stands in the evidence.
with
carried as (
    select
        line.award_id,
        sum(line.amount_fen) as carried_fen
    from ledger.payment_line as line
    inner join ledger.payment as payment on line.payment_id = payment.payment_id
    where line.is_live and payment.state in ('sent', 'paid')
    group by line.award_id
),

agreed as (
    select
        posting.person_key,
        posting.amount_fen - coalesce(carried.carried_fen, 0) as owed_fen,
        cast(substr(decided.decided_at, 1, 10) as date) as agreed_on,
        item.town,
        posting.department_code
    from ledger.award_posting as posting
    left join carried on posting.award_id = carried.award_id
    left join ledger.decision as decided on posting.approval_item_id = decided.approval_item_id
    left join ledger.approval_item as item on posting.approval_item_id = item.approval_item_id
    where posting.kind = 'award' and posting.fate = 'effective'
),

late as (
    select
        person_key,
        cast(sum(owed_fen) as bigint) as owed_fen,
        min(agreed_on) filter (where owed_fen > 0) as agreed_on,
        max_by(town, agreed_on) filter (where town is not null) as town,
        string_agg(distinct department_code, ',' order by department_code) filter (where owed_fen > 0) as departments
    from agreed
    where owed_fen < 0 or coalesce(agreed_on + cast($unpaid_days as integer) < cast($as_of as date), true)  -- noqa: RF02
    group by person_key
    having sum(owed_fen) > 0 and min(agreed_on) filter (where owed_fen > 0) is not null
),

hold as (
    select
        payee_key,
        string_agg(distinct reason_code, ',' order by reason_code) as reasons
    from ledger.payment_hold
    where lifted_at is null
    group by payee_key
)

select
    'AGREED_UNPAID' as signal_code,
    late.person_key || '|' || late.agreed_on as subject_id,
    late.person_key,
    late.town,
    cast(late.agreed_on + cast($unpaid_days as integer) + 1 as date) as arose_on,  -- noqa: RF02
    late.owed_fen as amount_fen,
    format('agreed_on={}; owed_fen={}; departments={}; held={}', late.agreed_on, late.owed_fen, late.departments, coalesce(hold.reasons, '--'))
        as evidence,
    cast(null as varchar) as waits_for
from late
left join hold on late.person_key = hold.payee_key
order by subject_id
