-- out.level_flow: people, visits and money by hospital level and place of care, each with its total, of the month and the year
-- grain: scope, hosp_lv, care_place_code
-- reads: out.care_grouped, facts.care_placed, facts.care_event
-- source: 001, live portrait (医院等级, 就医地); every settlement that lives; a person counts once in each cell, so people do not add up
with treated as (
    select
        g.calendar_month,
        g.person_key,
        coalesce(e.hosp_lv, 'UNKNOWN') as hosp_lv,
        g.care_place_code,
        e.medfee_sumamt,
        coalesce(e.fund_pay_sumamt, 0) as fund_fen,
        p.burden_fen
    from out.care_grouped as g
    inner join facts.care_placed as p on g.event_id = p.event_id
    inner join facts.care_event as e on g.event_id = e.event_id
),

scoped as (
    select
        'year' as scope,
        *
    from treated
    union all
    select
        'month' as scope,
        *
    from treated
    where calendar_month = $run_month
)

select
    scope,
    case when grouping(hosp_lv) = 1 then 'TOTAL' else hosp_lv end as hosp_lv,
    case when grouping(care_place_code) = 1 then 'TOTAL' else care_place_code end as care_place_code,
    count(distinct person_key) as people,
    count(*) as visits,
    cast(sum(medfee_sumamt) as bigint) as cost_fen,
    cast(sum(fund_fen) as bigint) as fund_fen,
    cast(sum(burden_fen) as bigint) as burden_fen,
    count(distinct person_key) < $small_cell as is_small
from scoped
group by
    grouping sets (
        (scope, hosp_lv, care_place_code), (scope, hosp_lv), (scope, care_place_code), (scope)
    )
