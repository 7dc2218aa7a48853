-- facts.person_month: one row a person and month of the year to date, who is listed or was treated in it (对象月档案)
-- grain: person_key, calendar_month
-- reads: facts.care_placed, facts.care_event, facts.identity_span, staging.roster
-- source: 001, live portrait (身份, 病种, 费用, 就医地)
with months as (
    select
        calendar_month,
        cast(calendar_month || '-01' as date) as first_on,
        cast(cast(calendar_month || '-01' as date) + interval 1 month as date) as next_on
    from (select unnest(cast($months as varchar[])) as calendar_month) as listed_month
),

-- every person's spans once, as a list in order, the open ends far away
spanned as (
    select
        person_key,
        min(since) as first_on,
        max(coalesce(until, date '9999-12-31')) as next_on,
        len(list_distinct(list(category_code))) = count(*) as has_one_each,
        list_sort(
            list(
                struct_pack(
                    category_code := category_code,
                    list_code := list_code,
                    since := since,
                    until := coalesce(until, date '9999-12-31'),
                    is_provisional := is_provisional
                )
            )
        ) as spans
    from facts.identity_span
    group by person_key
),

-- of these what lies in each month, cut to it; spans of one category each stay in order
cut as (
    select
        s.person_key,
        s.has_one_each,
        m.calendar_month,
        [
            struct_pack(
                category_code := one.category_code,
                list_code := one.list_code,
                since := greatest(one.since, m.first_on),
                until := least(one.until, m.next_on),
                is_provisional := one.is_provisional
            )
            for one in s.spans if one.since < m.next_on and one.until > m.first_on
        ] as held
    from spanned as s
    inner join months as m on s.first_on < m.next_on and s.next_on > m.first_on
),

listed as (
    select
        person_key,
        calendar_month,
        case
            when has_one_each or len(held) = 1 then [one.category_code for one in held]
            else list_sort(list_distinct([one.category_code for one in held]))
        end as categories,
        case when has_one_each or len(held) = 1 then held else list_sort(held) end as held,
        not list_contains([one.is_provisional for one in held], false) as is_provisional
    from cut
    where len(held) > 0
),

treated as (
    select
        p.person_key,
        p.calendar_month,
        count(*) as visits,
        count(*) filter (where e.until_on > e.since) as stays,
        max(date_diff('day', e.since, e.until_on)) as longest_days,
        count(*) filter (where p.care_place_code = 'COUNTY') as visits_county,
        count(*) filter (where p.care_place_code = 'PREFECTURE') as visits_prefecture,
        count(*) filter (where p.care_place_code = 'ELSEWHERE') as visits_elsewhere,
        count(*) filter (where p.care_place_code = 'UNKNOWN') as visits_unplaced,
        count(*) filter (where len(e.payers_unknown) > 0) as visits_payer_unknown,
        cast(sum(e.medfee_sumamt) as bigint) as cost_fen,
        cast(sum(e.medfee_sumamt) filter (where p.care_place_code = 'COUNTY') as bigint) as cost_county_fen,
        cast(sum(e.medfee_sumamt) filter (where p.care_place_code = 'PREFECTURE') as bigint) as cost_prefecture_fen,
        cast(sum(e.medfee_sumamt) filter (where p.care_place_code = 'ELSEWHERE') as bigint) as cost_elsewhere_fen,
        cast(sum(e.medfee_sumamt) filter (where p.care_place_code = 'UNKNOWN') as bigint) as cost_unplaced_fen,
        cast(sum(coalesce(e.fund_pay_sumamt, 0)) as bigint) as fund_fen,
        cast(sum(coalesce(e.hifp_pay, 0)) as bigint) as hifp_fen,
        cast(sum(coalesce(e.hifmi_pay, 0)) as bigint) as hifmi_fen,
        cast(sum(coalesce(e.hifob_pay, 0)) as bigint) as hifob_fen,
        cast(sum(coalesce(e.cvlserv_pay, 0)) as bigint) as cvlserv_fen,
        cast(sum(coalesce(e.hifes_pay, 0)) as bigint) as hifes_fen,
        cast(sum(coalesce(e.hifdm_pay, 0)) as bigint) as hifdm_fen,
        cast(sum(coalesce(e.maf_pay, 0)) as bigint) as window_fen,
        cast(sum(coalesce(e.oth_pay, 0)) as bigint) as oth_fen,
        cast(sum(coalesce(e.hosp_part_amt, 0)) as bigint) as hosp_part_fen,
        cast(sum(coalesce(e.acct_pay, 0)) as bigint) as acct_fen,
        cast(sum(coalesce(e.pay_commercial, 0)) as bigint) as pay_commercial_fen,
        cast(sum(coalesce(e.pay_inclusive, 0)) as bigint) as pay_inclusive_fen,
        cast(sum(coalesce(e.pay_mutual_aid, 0)) as bigint) as pay_mutual_aid_fen,
        cast(sum(coalesce(e.pay_charity, 0)) as bigint) as pay_charity_fen,
        cast(sum(coalesce(e.pay_emergency_fund, 0)) as bigint) as pay_emergency_fund_fen,
        cast(sum(coalesce(e.pay_temporary_aid, 0)) as bigint) as pay_temporary_aid_fen,
        cast(sum(coalesce(e.pay_third_party, 0)) as bigint) as pay_third_party_fen,
        cast(sum(p.burden_fen) as bigint) as burden_fen
    from facts.care_placed as p
    inner join facts.care_event as e on p.event_id = e.event_id
    group by p.person_key, p.calendar_month
),

delivered as (
    select
        unnest(cast($roster_deliveries as varchar[])) as delivery_id,
        unnest(cast($roster_months as varchar[])) as month
),

-- every person's burden by month, to be added up to a month
borne as (
    select
        person_key,
        list(struct_pack(calendar_month := calendar_month, burden_fen := burden_fen)) as months
    from treated
    where burden_fen is not null
    group by person_key
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
        coalesce(l.held, []) as held,
        coalesce(l.is_provisional, false) as is_provisional,
        coalesce(t.visits, 0) as visits,
        coalesce(t.stays, 0) as stays,
        coalesce(t.longest_days, 0) as longest_days,
        coalesce(t.visits_county, 0) as visits_county,
        coalesce(t.visits_prefecture, 0) as visits_prefecture,
        coalesce(t.visits_elsewhere, 0) as visits_elsewhere,
        coalesce(t.visits_unplaced, 0) as visits_unplaced,
        coalesce(t.visits_payer_unknown, 0) as visits_payer_unknown,
        coalesce(t.cost_fen, 0) as cost_fen,
        coalesce(t.cost_county_fen, 0) as cost_county_fen,
        coalesce(t.cost_prefecture_fen, 0) as cost_prefecture_fen,
        coalesce(t.cost_elsewhere_fen, 0) as cost_elsewhere_fen,
        coalesce(t.cost_unplaced_fen, 0) as cost_unplaced_fen,
        coalesce(t.fund_fen, 0) as fund_fen,
        coalesce(t.hifp_fen, 0) as hifp_fen,
        coalesce(t.hifmi_fen, 0) as hifmi_fen,
        coalesce(t.hifob_fen, 0) as hifob_fen,
        coalesce(t.cvlserv_fen, 0) as cvlserv_fen,
        coalesce(t.hifes_fen, 0) as hifes_fen,
        coalesce(t.hifdm_fen, 0) as hifdm_fen,
        coalesce(t.window_fen, 0) as window_fen,
        coalesce(t.oth_fen, 0) as oth_fen,
        coalesce(t.hosp_part_fen, 0) as hosp_part_fen,
        coalesce(t.acct_fen, 0) as acct_fen,
        coalesce(t.pay_commercial_fen, 0) as pay_commercial_fen,
        coalesce(t.pay_inclusive_fen, 0) as pay_inclusive_fen,
        coalesce(t.pay_mutual_aid_fen, 0) as pay_mutual_aid_fen,
        coalesce(t.pay_charity_fen, 0) as pay_charity_fen,
        coalesce(t.pay_emergency_fund_fen, 0) as pay_emergency_fund_fen,
        coalesce(t.pay_temporary_aid_fen, 0) as pay_temporary_aid_fen,
        coalesce(t.pay_third_party_fen, 0) as pay_third_party_fen,
        coalesce(t.burden_fen, 0) as burden_fen
    from listed as l
    full join treated as t on l.person_key = t.person_key and l.calendar_month = t.calendar_month
)

select
    k.person_key,
    k.calendar_month,
    k.categories,
    k.held,
    k.is_provisional,
    h.town,
    h.household_key,
    coalesce(s.gend, h.gend) as gend,
    s.birth_year,
    k.visits,
    k.stays,
    k.longest_days,
    k.visits_county,
    k.visits_prefecture,
    k.visits_elsewhere,
    k.visits_unplaced,
    k.visits_payer_unknown,
    k.cost_fen,
    k.cost_county_fen,
    k.cost_prefecture_fen,
    k.cost_elsewhere_fen,
    k.cost_unplaced_fen,
    k.fund_fen,
    k.hifp_fen,
    k.hifmi_fen,
    k.hifob_fen,
    k.cvlserv_fen,
    k.hifes_fen,
    k.hifdm_fen,
    k.window_fen,
    k.oth_fen,
    k.hosp_part_fen,
    k.acct_fen,
    k.pay_commercial_fen,
    k.pay_inclusive_fen,
    k.pay_mutual_aid_fen,
    k.pay_charity_fen,
    k.pay_emergency_fund_fen,
    k.pay_temporary_aid_fen,
    k.pay_third_party_fen,
    k.burden_fen,
    coalesce(
        cast(list_sum([one.burden_fen for one in b.months if one.calendar_month <= k.calendar_month]) as bigint), 0
    ) as burden_year_fen
from known as k
left join home as h on k.person_key = h.person_key
left join seen as s on k.person_key = s.person_key
left join borne as b on k.person_key = b.person_key
