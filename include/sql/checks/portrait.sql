-- checks.portrait: the person-month record and every table made of it keep people, visits and fen; tables that close do close
-- grain: check_code
-- reads: out.person_month, facts.care_event, out.assessment, out.paid_part, out.spending_layer, out.bureau_form, out.disease_flow,
-- out.portrait_trend, out.category_set, out.report_figure, out.funnel_end
-- source: conservation of people, visits and fen
-- noqa: disable=RF02
with record as (
    select
        count(*) as counted,
        count(distinct concat_ws('|', person_key, calendar_month)) as distinct_rows,
        coalesce(sum(visits), 0) as visits,
        coalesce(sum(cost_fen), 0) as cost_fen,
        coalesce(sum(cost_county_fen + cost_prefecture_fen + cost_elsewhere_fen + cost_unplaced_fen), 0) as placed_fen,
        coalesce(sum(fund_fen), 0) as fund_fen,
        coalesce(sum(burden_fen), 0) as burden_fen,
        coalesce(sum(relief_fen), 0) as relief_fen,
        coalesce(sum(paid_fen), 0) as paid_fen,
        coalesce(
            sum(
                hifp_fen + hifmi_fen + hifob_fen + cvlserv_fen + hifes_fen + hifdm_fen + window_fen + oth_fen + hosp_part_fen + acct_fen
                + others_fen
            ), 0
        ) as payer_fen
    from out.person_month
),

event as (
    select
        count(*) as visits,
        coalesce(sum(medfee_sumamt), 0) as cost_fen,
        coalesce(sum(coalesce(fund_pay_sumamt, 0)), 0) as fund_fen,
        coalesce(sum(coalesce(psn_part_amt, medfee_sumamt - coalesce(fund_pay_sumamt, 0))), 0) as burden_fen,
        coalesce(
            sum(
                coalesce(hifp_pay, 0) + coalesce(hifmi_pay, 0) + coalesce(hifob_pay, 0) + coalesce(cvlserv_pay, 0) + coalesce(hifes_pay, 0)
                + coalesce(hifdm_pay, 0) + coalesce(maf_pay, 0) + coalesce(oth_pay, 0) + coalesce(hosp_part_amt, 0)
                + coalesce(acct_pay, 0) + coalesce(pay_commercial, 0) + coalesce(pay_inclusive, 0) + coalesce(pay_mutual_aid, 0)
                + coalesce(pay_charity, 0) + coalesce(pay_emergency_fund, 0) + coalesce(pay_temporary_aid, 0)
                + coalesce(pay_third_party, 0)
            ), 0
        ) as payer_fen
    from facts.care_event
    where state = 'LIVE' and list_contains(cast($months as varchar[]), strftime(settled_on, '%Y-%m'))
),

assessed as (
    select coalesce(sum(a.relief_fen), 0) as relief_fen
    from out.assessment as a
    left join facts.care_event as e on a.event_id = e.event_id and a.event_kind = 'care'
    where list_contains(cast($months as varchar[]), strftime(coalesce(e.settled_on, a.event_on), '%Y-%m'))
),

paid as (
    select coalesce(sum(paid_fen), 0) as paid_fen
    from out.paid_part
),

layered as (
    select coalesce(sum(l.amount_fen) filter (where l.category_code = 'TOTAL' and l.scope = 'year'), 0) as fen
    from out.spending_layer as l
),

form_column as (
    select
        scope,
        payer_code,
        sum(if(category_code = 'TOTAL', people, -people)) as people,
        sum(if(category_code = 'TOTAL', visits, -visits)) as visits,
        sum(if(category_code = 'TOTAL', amount_fen, -amount_fen)) as fen
    from out.bureau_form
    group by scope, payer_code
),

form_row as (
    select
        scope,
        category_code,
        sum(if(payer_code = 'TOTAL', amount_fen, -amount_fen)) as fen
    from out.bureau_form
    where category_code <> 'REPEATED'
    group by scope, category_code
),

formed as (
    select coalesce(sum(amount_fen), 0) as fen
    from out.bureau_form
    where scope = 'year' and category_code = 'TOTAL' and payer_code = 'TOTAL'
),

flowed as (
    select
        coalesce(sum(visits), 0) as visits,
        coalesce(sum(cost_fen), 0) as fen
    from out.disease_flow
    where scope = 'year'
),

trended as (
    select
        coalesce(sum(visits), 0) as visits,
        coalesce(sum(cost_fen), 0) as fen
    from out.portrait_trend
    where category_code = 'TOTAL'
),

ending as (
    select
        coalesce(sum(relief_fen), 0) as fen,
        count(*) as visits
    from out.assessment
    where
        event_kind <> 'service'
        and benefit_year = cast(left($run_month, 4) as integer)
        and (outcome in ('PAID', 'HELD') or reason_code = 'WINDOW_PAID')
),

ended as (
    select
        coalesce(sum(relief_fen), 0) as fen,
        coalesce(sum(visits), 0) as visits
    from out.funnel_end
    where scope = 'year'
),

month_of_run as (
    select
        count(*) filter (where len(categories) > 0) as listed,
        coalesce(sum(cost_fen), 0) as cost_fen,
        coalesce(sum(care_relief_fen), 0) as relief_fen
    from out.person_month
    where calendar_month = $run_month
),

in_sets as (
    select coalesce(sum(people), 0) as people
    from out.category_set
),

printed as (
    select
        coalesce(sum(amount) filter (where figure_code = 'cost_fen'), 0) as cost_fen,
        coalesce(sum(amount) filter (where figure_code = 'relief_fen'), 0) as relief_fen,
        coalesce(sum(amount) filter (where figure_code = 'people_listed'), 0) as listed
    from out.report_figure
    where category_code = 'TOTAL'
)

select
    'record_once' as check_code,
    r.counted as examined,
    r.counted - r.distinct_rows as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from record as r
union all
select
    'cost_conserved' as check_code,
    e.visits as examined,
    cast(abs(e.visits - r.visits) as bigint) as failures,
    cast(e.cost_fen as bigint) as fen_in,
    cast(r.cost_fen as bigint) as fen_out
from record as r, event as e
union all
select
    'places_conserved' as check_code,
    r.counted as examined,
    cast(0 as bigint) as failures,
    cast(r.cost_fen as bigint) as fen_in,
    cast(r.placed_fen as bigint) as fen_out
from record as r
union all
select
    'funds_and_burden_conserved' as check_code,
    e.visits as examined,
    cast(abs(e.fund_fen - r.fund_fen) as bigint) as failures,
    cast(e.burden_fen as bigint) as fen_in,
    cast(r.burden_fen as bigint) as fen_out
from record as r, event as e
union all
select
    'payers_conserved' as check_code,
    e.visits as examined,
    cast(0 as bigint) as failures,
    cast(e.payer_fen as bigint) as fen_in,
    cast(r.payer_fen as bigint) as fen_out
from record as r, event as e
union all
select
    'relief_conserved' as check_code,
    r.counted as examined,
    cast(0 as bigint) as failures,
    cast(a.relief_fen as bigint) as fen_in,
    cast(r.relief_fen as bigint) as fen_out
from record as r, assessed as a
union all
select
    'paid_conserved' as check_code,
    r.counted as examined,
    cast(0 as bigint) as failures,
    cast(p.paid_fen as bigint) as fen_in,
    cast(r.paid_fen as bigint) as fen_out
from record as r, paid as p
union all
select
    'layers_conserved' as check_code,
    r.counted as examined,
    cast(0 as bigint) as failures,
    cast(r.cost_fen as bigint) as fen_in,
    cast(l.fen as bigint) as fen_out
from record as r, layered as l
union all
select
    'form_closes_down' as check_code,
    count(*) as examined,
    count(*) filter (where c.people <> 0 or c.visits <> 0 or c.fen <> 0) as failures,
    cast(any_value(r.cost_fen) as bigint) as fen_in,
    cast(any_value(f.fen) as bigint) as fen_out
from form_column as c, formed as f, record as r
union all
select
    'form_closes_across' as check_code,
    count(*) as examined,
    count(*) filter (where fen <> 0) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from form_row
union all
select
    'flow_conserved' as check_code,
    f.visits as examined,
    cast(abs(f.visits - r.visits) as bigint) as failures,
    cast(r.cost_fen as bigint) as fen_in,
    cast(f.fen as bigint) as fen_out
from record as r, flowed as f
union all
select
    'trend_conserved' as check_code,
    t.visits as examined,
    cast(abs(t.visits - r.visits) as bigint) as failures,
    cast(r.cost_fen as bigint) as fen_in,
    cast(t.fen as bigint) as fen_out
from record as r, trended as t
union all
select
    'sets_conserved' as check_code,
    m.listed as examined,
    cast(abs(m.listed - s.people) + abs(m.listed - p.listed) as bigint) as failures,
    cast(m.cost_fen as bigint) as fen_in,
    cast(p.cost_fen as bigint) as fen_out
from month_of_run as m, in_sets as s, printed as p
union all
select
    'figures_conserved' as check_code,
    m.listed as examined,
    cast(0 as bigint) as failures,
    cast(m.relief_fen as bigint) as fen_in,
    cast(p.relief_fen as bigint) as fen_out
from month_of_run as m, printed as p
union all
select
    'funnel_ends' as check_code,
    a.visits as examined,
    cast(abs(a.visits - b.visits) as bigint) as failures,
    cast(a.fen as bigint) as fen_in,
    cast(b.fen as bigint) as fen_out
from ending as a, ended as b
