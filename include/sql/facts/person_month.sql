-- facts.person_month: one row a person and month of the year to date, who is listed or was treated in it (对象月档案)
-- grain: person_key, calendar_month
-- reads: facts.care_event, facts.identity_span, staging.roster
-- source: 001, live portrait (身份, 病种, 费用, 就医地)
with months as (
    select
        calendar_month,
        cast(calendar_month || '-01' as date) as first_on,
        cast(cast(calendar_month || '-01' as date) + interval 1 month as date) as next_on
    from (select unnest(cast($months as varchar[])) as calendar_month) as listed_month
),

listed as (
    select
        s.person_key,
        m.calendar_month,
        list(distinct s.category_code order by s.category_code) as categories,
        bool_and(s.is_provisional) as is_provisional
    from months as m
    inner join facts.identity_span as s on m.next_on > s.since and (s.until is null or m.first_on < s.until)
    group by s.person_key, m.calendar_month
),

living as (
    select
        *,
        mdtrt_admdvs <> $county_code as is_elsewhere
    from facts.care_event
    where state = 'LIVE'
),

treated as (
    select
        e.person_key,
        m.calendar_month,
        count(*) as visits,
        count(*) filter (where e.until_on > e.since) as stays,
        cast(sum(e.medfee_sumamt) as bigint) as cost_fen,
        cast(sum(coalesce(e.fund_pay_sumamt, 0)) as bigint) as fund_fen,
        cast(sum(coalesce(e.psn_part_amt, e.medfee_sumamt - coalesce(e.fund_pay_sumamt, 0))) as bigint) as burden_fen,
        count(*) filter (where e.is_elsewhere) as visits_elsewhere
    from months as m
    inner join living as e on m.first_on <= e.settled_on and m.next_on > e.settled_on
    group by e.person_key, m.calendar_month
),

delivered as (
    select
        unnest(cast($roster_deliveries as varchar[])) as delivery_id,
        unnest(cast($roster_months as varchar[])) as month
),

-- what the newest list that says it says
home as (
    select
        r.person_key,
        arg_max(r.town, (d.month, r.list_code, r.line_no)) as town,
        arg_max(r.household_key, (d.month, r.list_code, r.line_no)) as household_key,
        arg_max(r.gend, (d.month, r.list_code, r.line_no)) as gend
    from staging.roster as r
    inner join delivered as d on r.delivery_id = d.delivery_id
    group by r.person_key
),

seen as (
    select
        person_key,
        arg_max(gend, (settled_at, event_id)) as gend,
        arg_max(birth_year, (settled_at, event_id)) as birth_year
    from facts.care_event
    group by person_key
),

known as (
    select
        coalesce(l.person_key, t.person_key) as person_key,
        coalesce(l.calendar_month, t.calendar_month) as calendar_month,
        coalesce(l.categories, cast([] as varchar[])) as categories,
        coalesce(l.is_provisional, false) as is_provisional,
        coalesce(t.visits, 0) as visits,
        coalesce(t.stays, 0) as stays,
        coalesce(t.visits_elsewhere, 0) as visits_elsewhere,
        coalesce(t.cost_fen, 0) as cost_fen,
        coalesce(t.fund_fen, 0) as fund_fen,
        coalesce(t.burden_fen, 0) as burden_fen
    from listed as l
    full join treated as t on l.person_key = t.person_key and l.calendar_month = t.calendar_month
)

select
    k.person_key,
    k.calendar_month,
    k.categories,
    k.is_provisional,
    h.town,
    h.household_key,
    coalesce(s.gend, h.gend) as gend,
    s.birth_year,
    k.visits,
    k.stays,
    k.visits_elsewhere,
    k.cost_fen,
    k.fund_fen,
    k.burden_fen,
    cast(sum(k.burden_fen) over (partition by k.person_key order by k.calendar_month) as bigint) as burden_year_fen
from known as k
left join home as h on k.person_key = h.person_key
left join seen as s on k.person_key = s.person_key
