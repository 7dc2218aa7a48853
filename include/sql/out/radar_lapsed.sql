-- one row: a stay within which the person's last identity ended, of somebody who stands in no list today.
-- grain: subject_id.
-- reads: facts.care_event, facts.identity_span.
-- source: 001 chapter 1 (名单每月更新); docs/domain 2 (the stay keeps the class it began with; what comes after it does not).
-- Within: held on the first day, no longer held on the last one. An identity that another list carries on, or that is only in doubt because
-- its list is late, has not ended. Who is listed again today needs no visit.
with
listed as (
    select distinct person_key
    from facts.identity_span
    where since <= cast($as_of as date) and (until is null or until > cast($as_of as date))  -- noqa: RF02
),

stay as (
    select
        event_id,
        person_key,
        since,
        until_on,
        coalesce(psn_part_amt, medfee_sumamt - coalesce(fund_pay_sumamt, 0)) as borne_fen
    from facts.care_event
    where
        state = 'LIVE'
        and settled_on <= cast($as_of as date)  -- noqa: RF02
        and settled_on > cast($as_of as date) - to_months(cast($lapsed_months as integer))  -- noqa: RF02
),

lost as (
    select
        stay.event_id,
        max(span.until) as lost_on,
        string_agg(distinct span.category_code, ',' order by span.category_code) as categories
    from stay
    inner join facts.identity_span as span
        on
            stay.person_key = span.person_key
            and stay.since < span.until
            and stay.until_on >= span.until
    group by stay.event_id
    having bool_or(span.since <= stay.since)
)

select
    'LAPSED_IN_STAY' as signal_code,
    stay.event_id as subject_id,
    stay.person_key,
    cast(null as varchar) as town,
    lost.lost_on as arose_on,
    stay.borne_fen as amount_fen,
    format('since={}; until_on={}; lost_on={}; categories={}', stay.since, stay.until_on, lost.lost_on, lost.categories) as evidence,
    cast(null as varchar) as waits_for
from stay
inner join lost on stay.event_id = lost.event_id
left join listed on stay.person_key = listed.person_key
where
    listed.person_key is null
    and not exists (
        select 1
        from facts.identity_span as other
        where
            other.person_key = stay.person_key
            and other.since <= lost.lost_on
            and (other.until is null or other.until > lost.lost_on)
    )
order by subject_id
