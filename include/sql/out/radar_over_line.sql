-- one row: a person who bore more than the line in the months looked at and stands in no list today.
-- grain: subject_id.
-- reads: facts.care_event, facts.identity_span, facts.roster_snapshot.
-- source: 001 chapter 1 (因病致困的家庭); the line is data (national/radar.yaml), illustrative.
-- Borne is the person's part less every other payer told; care that is struck, held or refused bears nothing. Exactly the line is not over it.
-- A list that never came leaves open who stands in it: then the row waits for that list and names it, and nobody is visited for it.
with
listed as (
    select distinct person_key
    from facts.identity_span
    where since <= cast($as_of as date) and (until is null or until > cast($as_of as date))  -- noqa: RF02
),

borne as (
    select
        event_id,
        person_key,
        settled_on,
        benefit_year,
        greatest(
            0,
            coalesce(psn_part_amt, medfee_sumamt - coalesce(fund_pay_sumamt, 0))
            - coalesce(pay_commercial, 0)
            - coalesce(pay_inclusive, 0)
            - coalesce(pay_mutual_aid, 0)
            - coalesce(pay_charity, 0)
            - coalesce(pay_emergency_fund, 0)
            - coalesce(pay_temporary_aid, 0)
            - coalesce(pay_third_party, 0)
        ) as borne_fen
    from facts.care_event
    where
        state = 'LIVE'
        and settled_on <= cast($as_of as date)  -- noqa: RF02
        and settled_on > cast($as_of as date) - to_months(cast($burden_months as integer))  -- noqa: RF02
),

running as (
    select
        *,
        sum(borne_fen) over (
            partition by person_key
            order by settled_on, event_id
            rows between unbounded preceding and current row
        ) as so_far_fen
    from borne
),

crossed as (
    select
        person_key,
        count(*) as claims,
        cast(sum(borne_fen) as bigint) as borne_fen,
        min(settled_on) filter (where so_far_fen > cast($burden_line_yuan as bigint) * 100) as crossed_on
    from running
    group by person_key
    having sum(borne_fen) > cast($burden_line_yuan as bigint) * 100
),

awaited as (
    select string_agg(list_code, ',' order by list_code) as waits_for
    from (select unnest(cast($expected_lists as varchar[])) as list_code) as expected
    where list_code not in (select came.list_code from facts.roster_snapshot as came)
)

select
    'OVER_LINE_UNLISTED' as signal_code,
    crossed.person_key || '|' || year(cast($as_of as date)) as subject_id,  -- noqa: RF02
    crossed.person_key,
    cast(null as varchar) as town,
    crossed.crossed_on as arose_on,
    crossed.borne_fen as amount_fen,
    format('borne_fen={}; claims={}; crossed_on={}', crossed.borne_fen, crossed.claims, crossed.crossed_on) as evidence,
    awaited.waits_for
from crossed
cross join awaited
left join listed on crossed.person_key = listed.person_key
where listed.person_key is null
order by subject_id
