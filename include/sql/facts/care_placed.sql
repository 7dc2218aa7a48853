-- facts.care_placed: one row a settlement of care that lives, in the month it was settled in, with its place and the person's burden
-- grain: event_id
-- reads: facts.care_event
-- source: 001, live portrait (费用, 就医地); only the months of the year to date; not published
-- noqa: disable=RF02
with month_to_date as (
    select unnest(cast($months as varchar[])) as calendar_month
)

select
    e.event_id,
    e.person_key,
    m.calendar_month,
    case
        when e.mdtrt_admdvs is null then 'UNKNOWN'
        when list_contains(cast($county_codes as varchar[]), e.mdtrt_admdvs) then 'COUNTY'
        when
            list_contains(
                list_transform(cast($county_codes as varchar[]), lambda code: substr(code, 1, 4)), substr(e.mdtrt_admdvs, 1, 4)
            )
            then 'PREFECTURE'
        else 'ELSEWHERE'
    end as care_place_code,
    coalesce(e.psn_part_amt, e.medfee_sumamt - coalesce(e.fund_pay_sumamt, 0)) as burden_fen
from facts.care_event as e
inner join month_to_date as m on strftime(e.settled_on, '%Y-%m') = m.calendar_month
where e.state = 'LIVE'
