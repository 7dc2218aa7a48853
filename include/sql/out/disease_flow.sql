-- out.disease_flow: people, visits and money by disease group, place of care, hospital level and hospital, of the month and the year
-- grain: scope, disease_group_code, care_place_code, hosp_lv, fixmedins_code
-- reads: out.care_grouped, facts.care_placed, facts.care_event
-- source: 001, live portrait (病种, 就医地); every settlement that lives, listed or not; a small cell must not leave the bureau
with treated as (
    select
        g.calendar_month,
        g.person_key,
        g.disease_group_code,
        g.care_place_code,
        coalesce(e.hosp_lv, 'UNKNOWN') as hosp_lv,
        coalesce(e.fixmedins_code, 'UNKNOWN') as fixmedins_code,
        e.until_on > e.since as is_stay,
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
    disease_group_code,
    care_place_code,
    hosp_lv,
    fixmedins_code,
    count(distinct person_key) as people,
    count(*) as visits,
    count(*) filter (where is_stay) as stays,
    cast(sum(medfee_sumamt) as bigint) as cost_fen,
    cast(sum(fund_fen) as bigint) as fund_fen,
    cast(sum(burden_fen) as bigint) as burden_fen,
    count(distinct person_key) < $small_cell as is_small
from scoped
group by scope, disease_group_code, care_place_code, hosp_lv, fixmedins_code
