-- one row: a person who is due relief by the facts known now and was granted none of it (漏救).
-- grain: indicator_code, subject_id.
-- reads: out.posting_change, ledger.award_posting, ledger.approval_item, ledger.decision, facts.identity_span, facts.care_event.
-- source: 001 chapter 4 (四种监督情形); docs/domain 2.1.
-- NEVER_GRANTED: computed, no application $grace_days days after the assessment. REFUSED_THOUGH_LISTED: refused for want of an
-- identity that the newest lists confirm for the day of care.
with
granted as (
    select distinct
        person_key,
        benefit_code,
        benefit_year
    from ledger.award_posting
    where fate <> 'dead'
),

refused as (
    select
        item.approval_item_id,
        item.person_key,
        item.department_code,
        item.town,
        item.amount_fen,
        decided.decided_at,
        decided.decided_by
    from ledger.decision as decided
    inner join ledger.approval_item as item on decided.approval_item_id = item.approval_item_id
    where decided.outcome = 'refuse' and decided.reason_code in ('IDENTITY_NOT_CONFIRMED', 'NOT_LISTED')
),

listed as (
    select
        posting.approval_item_id,
        bool_and(exists (
            select 1
            from facts.identity_span as span
            where
                span.person_key = event.person_key
                and not span.is_provisional
                and span.since <= event.until_on
                and (span.until is null or span.until > event.since)
        )) as is_listed
    from ledger.award_posting as posting
    inner join facts.care_event as event on posting.event_id = event.event_id and event.state = 'LIVE'
    where posting.amount_fen > 0
    group by posting.approval_item_id
)

select
    'NEVER_GRANTED' as indicator_code,
    'award' as subject_kind,
    change.person_key || '|' || change.benefit_code || '|' || change.benefit_year || '|' || change.event_id as subject_id,
    change.person_key,
    change.department_code,
    cast(null as varchar) as town,
    cast(cast($assessed_at as date) + cast($grace_days as integer) as date) as arose_on,  -- noqa: RF02
    change.change_fen as amount_fen,
    format('clause={}; due_fen={}; assessed_at={}', change.clause_id, change.change_fen, $assessed_at) as evidence  -- noqa: RF02
from out.posting_change as change
left join granted
    on
        change.person_key = granted.person_key
        and change.benefit_code = granted.benefit_code
        and change.benefit_year = granted.benefit_year
where
    change.change_fen > change.opening_fen
    and granted.person_key is null
    and cast($assessed_at as date) + cast($grace_days as integer) <= cast($as_of as date)  -- noqa: RF02
union all
select
    'REFUSED_THOUGH_LISTED' as indicator_code,
    'item' as subject_kind,
    refused.approval_item_id as subject_id,
    refused.person_key,
    refused.department_code,
    refused.town,
    cast(substr(refused.decided_at, 1, 10) as date) as arose_on,
    refused.amount_fen,
    format('decided_at={}; decided_by={}', refused.decided_at, refused.decided_by) as evidence
from refused
inner join listed on refused.approval_item_id = listed.approval_item_id
where listed.is_listed
order by indicator_code, subject_id
