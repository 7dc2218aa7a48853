-- one row: a listed person without any trace of enrolment in the benefit year, from $enrolment_month on.
-- grain: subject_id.
-- reads: facts.identity_span, facts.enrolment_event, facts.care_event.
-- source: 001 chapter 1 (医前保障资助); when a year's fee is overdue is data (national/radar.yaml), illustrative.
-- A trace is a fee for the year, care of the year that a fund paid for, or care as an insured worker (310) within $worker_months months: workers pay no
-- fee. Who is listed only in doubt is not asked. A year of which no fee was delivered at all says nothing of anybody: the row waits for the feed.
with
listed as (
    select
        person_key,
        min(since) as since,
        string_agg(distinct category_code, ',' order by category_code) as categories
    from facts.identity_span
    where
        not is_provisional
        and since <= cast($as_of as date)  -- noqa: RF02
        and (until is null or until > cast($as_of as date))  -- noqa: RF02
    group by person_key
),

traced as (
    select person_key
    from facts.enrolment_event
    where benefit_year = year(cast($as_of as date))  -- noqa: RF02
    union
    select person_key
    from facts.care_event
    where
        state = 'LIVE'
        and (
            (benefit_year = year(cast($as_of as date)) and fund_pay_sumamt > 0)  -- noqa: RF02
            or (insutype = '310' and settled_on > cast($as_of as date) - to_months(cast($worker_months as integer)))  -- noqa: RF02
        )
),

fed as (
    select count(*) as fees
    from facts.enrolment_event
    where benefit_year = year(cast($as_of as date))  -- noqa: RF02
)

select
    'ENROLMENT_MISSING' as signal_code,
    listed.person_key || '|' || year(cast($as_of as date)) as subject_id,  -- noqa: RF02
    listed.person_key,
    cast(null as varchar) as town,
    cast(greatest(listed.since, make_date(year(cast($as_of as date)), cast($enrolment_month as integer), 1)) as date) as arose_on,  -- noqa: RF02
    cast(0 as bigint) as amount_fen,
    format('listed_since={}; categories={}; year={}', listed.since, listed.categories, year(cast($as_of as date))) as evidence,  -- noqa: RF02
    if(fed.fees = 0, 'enrolment', null) as waits_for
from listed
cross join fed
left join traced on listed.person_key = traced.person_key
where traced.person_key is null and month(cast($as_of as date)) >= cast($enrolment_month as integer)  -- noqa: RF02
order by subject_id
