-- one row: relief against a rule (违规).
-- grain: indicator_code, subject_id.
-- reads: ledger.award_posting, facts.care_event, facts.death_told.
-- source: 001 chapter 4 (四种监督情形); docs/domain 2.1.
-- COST_AFTER_DEATH: granted for care that began after the day of death. STAYS_OVERLAP: two stays of one person at different hospitals
-- on the same night, both relieved. CLAIM_GONE: granted for care that was refunded, refused or withdrawn. Care on the day of death is care.
with
granted as (
    select
        posting.event_id,
        posting.person_key,
        any_value(posting.department_code) as department_code,
        cast(sum(posting.amount_fen) as bigint) as granted_fen
    from ledger.award_posting as posting
    where posting.fate = 'effective' and posting.event_id <> '' and posting.kind = 'award'
    group by posting.event_id, posting.person_key
    having sum(posting.amount_fen) > 0
),

relieved as (
    select
        granted.*,
        event.since,
        event.until_on,
        event.fixmedins_code,
        event.state
    from granted
    inner join facts.care_event as event on granted.event_id = event.event_id
)

select
    'COST_AFTER_DEATH' as indicator_code,
    'claim' as subject_kind,
    relieved.event_id as subject_id,
    relieved.person_key,
    relieved.department_code,
    cast(null as varchar) as town,
    relieved.since as arose_on,
    relieved.granted_fen as amount_fen,
    format('died_on={}; since={}', dead.died_on, relieved.since) as evidence
from relieved
inner join facts.death_told as dead on relieved.person_key = dead.person_key
where relieved.since > dead.died_on
union all
select
    'STAYS_OVERLAP' as indicator_code,
    'claim' as subject_kind,
    relieved.event_id as subject_id,
    relieved.person_key,
    any_value(relieved.department_code) as department_code,
    cast(null as varchar) as town,
    any_value(relieved.since) as arose_on,
    any_value(relieved.granted_fen) as amount_fen,
    format('other={}; since={}; until_on={}', min(other.event_id), any_value(relieved.since), any_value(relieved.until_on)) as evidence
from relieved
inner join relieved as other
    on
        relieved.person_key = other.person_key
        and relieved.event_id <> other.event_id
        and relieved.fixmedins_code <> other.fixmedins_code
        and relieved.since < other.until_on
        and relieved.until_on > other.since
where
    relieved.state = 'LIVE'
    and other.state = 'LIVE'
    and relieved.since < relieved.until_on
    and other.since < other.until_on
group by relieved.event_id, relieved.person_key
union all
select
    'CLAIM_GONE' as indicator_code,
    'claim' as subject_kind,
    relieved.event_id as subject_id,
    relieved.person_key,
    relieved.department_code,
    cast(null as varchar) as town,
    cast(cast($assessed_at as date) + cast($grace_days as integer) as date) as arose_on,  -- noqa: RF02
    relieved.granted_fen as amount_fen,
    format('state={}; since={}', relieved.state, relieved.since) as evidence
from relieved
where
    relieved.state in ('STRUCK', 'REFUSED')
    and cast($assessed_at as date) + cast($grace_days as integer) <= cast($as_of as date)  -- noqa: RF02
order by indicator_code, subject_id
