-- one row: relief that may be a favour (人情救助).
-- grain: indicator_code, subject_id.
-- reads: ledger.award_posting, ledger.approval_item, ledger.approval_batch, ledger.decision, ledger.payment, ledger.payment_batch, facts.identity_span,
--   facts.care_event.
-- source: 001 chapter 4 (四种监督情形); docs/domain 2.1.
-- IDENTITY_MISSING: granted for care on whose days no list names the person. IDENTITY_BRIEF: the only identity that touches the care
-- began at most $brief_before_days before it and ended within $brief_after_days. ACCOUNT_SHARED: one account of several payees.
-- DECIDED_IN_HASTE: a person decided within $haste_seconds of the batch's opening. DECIDED_AT_NIGHT: from $night_from to $night_until.
with
granted as (
    select
        posting.event_id,
        posting.person_key,
        any_value(posting.department_code) as department_code,
        cast(sum(posting.amount_fen) as bigint) as granted_fen,
        any_value(event.since) as since,
        any_value(event.until_on) as until_on
    from ledger.award_posting as posting
    inner join facts.care_event as event on posting.event_id = event.event_id
    where posting.fate = 'effective'
    group by posting.event_id, posting.person_key
    having sum(posting.amount_fen) > 0
),

touching as (
    select
        granted.event_id,
        count(*) as spans,
        bool_and(
            span.since >= granted.since - cast($brief_before_days as integer)  -- noqa: RF02
            and coalesce(span.until <= granted.until_on + cast($brief_after_days as integer), false)  -- noqa: RF02
        ) as is_brief,
        max(span.until) as until
    from granted
    inner join facts.identity_span as span
        on
            granted.person_key = span.person_key
            and granted.until_on >= span.since
            and (span.until is null or granted.since < span.until)
    group by granted.event_id
),

shared as (
    select
        account_key,
        count(distinct payee_key) as payees,
        cast(sum(amount_fen) as bigint) as amount_fen
    from ledger.payment
    where account_key is not null and state <> 'cancelled'
    group by account_key
    having count(distinct payee_key) > 1
),

-- one act a row: a batch decided at once is one act
decided as (
    select
        batch.approval_batch_id,
        batch.department_code,
        decision.decided_at,
        decision.decided_by,
        count(*) as items,
        cast(sum(item.amount_fen) as bigint) as amount_fen,
        date_diff('second', cast(batch.opened_at as timestamptz), cast(decision.decided_at as timestamptz)) as seconds,
        cast(substr(decision.decided_at, 12, 2) as integer) as hour
    from ledger.decision as decision
    inner join ledger.approval_item as item on decision.approval_item_id = item.approval_item_id
    inner join ledger.approval_batch as batch on item.approval_batch_id = batch.approval_batch_id
    where decision.how <> 'rule' and decision.outcome = 'agree'
    group by batch.approval_batch_id, batch.department_code, batch.opened_at, decision.decided_at, decision.decided_by
)

select
    if(touching.event_id is null, 'IDENTITY_MISSING', 'IDENTITY_BRIEF') as indicator_code,
    'claim' as subject_kind,
    granted.event_id as subject_id,
    granted.person_key,
    granted.department_code,
    cast(null as varchar) as town,
    coalesce(touching.until, granted.until_on) as arose_on,
    granted.granted_fen as amount_fen,
    format('since={}; until_on={}; identity_until={}', granted.since, granted.until_on, coalesce(cast(touching.until as varchar), '--'))
        as evidence
from granted
left join touching on granted.event_id = touching.event_id
where touching.event_id is null or touching.is_brief
union all
select
    'ACCOUNT_SHARED' as indicator_code,
    'payment' as subject_kind,
    payment.payment_id as subject_id,
    payment.payee_key as person_key,
    cast(null as varchar) as department_code,
    cast(null as varchar) as town,
    cast(substr(batch.created_at, 1, 10) as date) as arose_on,
    payment.amount_fen,
    format('payees={}; paid_fen={}', shared.payees, shared.amount_fen) as evidence
from ledger.payment as payment
inner join shared on payment.account_key = shared.account_key
inner join ledger.payment_batch as batch on payment.payment_batch_id = batch.payment_batch_id
where payment.state <> 'cancelled'
union all
select
    if(decided.seconds < $haste_seconds, 'DECIDED_IN_HASTE', 'DECIDED_AT_NIGHT') as indicator_code,  -- noqa: RF02
    'decision' as subject_kind,
    decided.approval_batch_id || '|' || decided.decided_by || '|' || decided.decided_at as subject_id,
    cast(null as varchar) as person_key,
    decided.department_code,
    cast(null as varchar) as town,
    cast(substr(decided.decided_at, 1, 10) as date) as arose_on,
    decided.amount_fen,
    format('items={}; seconds={}; decided_by={}', decided.items, decided.seconds, decided.decided_by) as evidence
from decided
where decided.seconds < $haste_seconds or decided.hour >= $night_from or decided.hour < $night_until  -- noqa: RF02
order by indicator_code, subject_id
