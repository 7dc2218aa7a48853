-- out.person_month: the person-month record (对象月档案): one row a person and month of the year to date, listed, treated or relieved in it
-- grain: person_key, calendar_month
-- reads: facts.person_month, out.care_grouped, out.relief_part, out.paid_part
-- source: 001, live portrait (身份, 病种, 费用, 就医地); lines of flags in include/policies/national/portrait.yaml; a pseudonym names nobody
-- noqa: disable=RF02
with relief as (
    select
        person_key,
        calendar_month,
        cast(sum(relief_fen) as bigint) as relief_fen,
        cast(coalesce(sum(relief_fen) filter (where event_kind = 'care'), 0) as bigint) as care_relief_fen,
        cast(sum(held_fen) as bigint) as held_fen
    from out.relief_part
    group by person_key, calendar_month
),

paid as (
    select
        person_key,
        calendar_month,
        cast(sum(paid_fen) as bigint) as paid_fen
    from out.paid_part
    group by person_key, calendar_month
),

illness as (
    select
        person_key,
        calendar_month,
        list(distinct disease_group_code order by disease_group_code) as disease_groups
    from out.care_grouped
    group by person_key, calendar_month
),

given as (
    select
        coalesce(r.person_key, p.person_key) as person_key,
        coalesce(r.calendar_month, p.calendar_month) as calendar_month,
        coalesce(r.relief_fen, 0) as relief_fen,
        coalesce(r.care_relief_fen, 0) as care_relief_fen,
        coalesce(r.held_fen, 0) as held_fen,
        coalesce(p.paid_fen, 0) as paid_fen
    from relief as r
    full join paid as p on r.person_key = p.person_key and r.calendar_month = p.calendar_month
),

-- a person whose relief stands in a month without list and care, such as a fee that was paid, has a row there as well
known as (
    select
        coalesce(f.person_key, g.person_key) as person_key,
        coalesce(f.calendar_month, g.calendar_month) as calendar_month,
        coalesce(f.categories, cast([] as varchar[])) as categories,
        coalesce(f.held, []) as held,
        coalesce(f.is_provisional, false) as is_provisional,
        f.town,
        f.household_key,
        f.gend,
        f.birth_year,
        coalesce(i.disease_groups, cast([] as varchar[])) as disease_groups,
        coalesce(f.visits, 0) as visits,
        coalesce(f.stays, 0) as stays,
        coalesce(f.longest_days, 0) as longest_days,
        coalesce(f.visits_county, 0) as visits_county,
        coalesce(f.visits_prefecture, 0) as visits_prefecture,
        coalesce(f.visits_elsewhere, 0) as visits_elsewhere,
        coalesce(f.visits_unplaced, 0) as visits_unplaced,
        coalesce(f.visits_payer_unknown, 0) as visits_payer_unknown,
        coalesce(f.cost_fen, 0) as cost_fen,
        coalesce(f.cost_county_fen, 0) as cost_county_fen,
        coalesce(f.cost_prefecture_fen, 0) as cost_prefecture_fen,
        coalesce(f.cost_elsewhere_fen, 0) as cost_elsewhere_fen,
        coalesce(f.cost_unplaced_fen, 0) as cost_unplaced_fen,
        coalesce(f.fund_fen, 0) as fund_fen,
        coalesce(f.hifp_fen, 0) as hifp_fen,
        coalesce(f.hifmi_fen, 0) as hifmi_fen,
        coalesce(f.hifob_fen, 0) as hifob_fen,
        coalesce(f.cvlserv_fen, 0) as cvlserv_fen,
        coalesce(f.hifes_fen, 0) as hifes_fen,
        coalesce(f.hifdm_fen, 0) as hifdm_fen,
        coalesce(f.window_fen, 0) as window_fen,
        coalesce(f.oth_fen, 0) as oth_fen,
        coalesce(f.hosp_part_fen, 0) as hosp_part_fen,
        coalesce(f.acct_fen, 0) as acct_fen,
        coalesce(f.pay_commercial_fen, 0) as pay_commercial_fen,
        coalesce(f.pay_inclusive_fen, 0) as pay_inclusive_fen,
        coalesce(f.pay_mutual_aid_fen, 0) as pay_mutual_aid_fen,
        coalesce(f.pay_charity_fen, 0) as pay_charity_fen,
        coalesce(f.pay_emergency_fund_fen, 0) as pay_emergency_fund_fen,
        coalesce(f.pay_temporary_aid_fen, 0) as pay_temporary_aid_fen,
        coalesce(f.pay_third_party_fen, 0) as pay_third_party_fen,
        coalesce(f.burden_fen, 0) as burden_fen,
        coalesce(g.relief_fen, 0) as relief_fen,
        coalesce(g.care_relief_fen, 0) as care_relief_fen,
        coalesce(g.held_fen, 0) as held_fen,
        coalesce(g.paid_fen, 0) as paid_fen
    from facts.person_month as f
    full join given as g on f.person_key = g.person_key and f.calendar_month = g.calendar_month
    left join illness as i on f.person_key = i.person_key and f.calendar_month = i.calendar_month
),

home as (
    select
        person_key,
        any_value(town) as town,
        any_value(household_key) as household_key,
        any_value(gend) as gend,
        any_value(birth_year) as birth_year
    from facts.person_month
    group by person_key
),

summed as (
    select
        *,
        pay_commercial_fen + pay_inclusive_fen + pay_mutual_aid_fen + pay_charity_fen + pay_emergency_fund_fen + pay_temporary_aid_fen
        + pay_third_party_fen as others_fen,
        cast(sum(burden_fen) over person_year as bigint) as burden_year_fen,
        cast(sum(relief_fen) over person_year as bigint) as relief_year_fen,
        cast(sum(paid_fen) over person_year as bigint) as paid_year_fen,
        cast(
            sum(
                burden_fen - care_relief_fen - pay_commercial_fen - pay_inclusive_fen - pay_mutual_aid_fen - pay_charity_fen
                - pay_emergency_fund_fen - pay_temporary_aid_fen - pay_third_party_fen
            ) over person_year as bigint
        ) as left_year_fen,
        count(*) filter (where len(categories) > 0) over (
            partition by person_key order by calendar_month rows between unbounded preceding and 1 preceding
        ) as months_listed_before,
        cast(substr(calendar_month, 6, 2) as bigint) as months_to_date
    from known
    window person_year as (partition by person_key order by calendar_month)
),

lined as (
    select
        *,
        cast($minimum_living_fen as bigint) * months_to_date as minimum_living_fen,
        cast($income_fen as bigint) * months_to_date as income_line_fen,
        max(left_year_fen) over (
            partition by person_key order by calendar_month rows between unbounded preceding and 1 preceding
        ) as left_before_fen
    from summed
)

select
    l.person_key,
    l.calendar_month,
    l.categories,
    l.held,
    l.is_provisional,
    coalesce(l.town, h.town) as town,
    coalesce(l.household_key, h.household_key) as household_key,
    coalesce(l.gend, h.gend) as gend,
    coalesce(l.birth_year, h.birth_year) as birth_year,
    l.disease_groups,
    l.visits,
    l.stays,
    l.longest_days,
    l.visits_county,
    l.visits_prefecture,
    l.visits_elsewhere,
    l.visits_unplaced,
    l.visits_payer_unknown,
    l.cost_fen,
    l.cost_county_fen,
    l.cost_prefecture_fen,
    l.cost_elsewhere_fen,
    l.cost_unplaced_fen,
    l.fund_fen,
    l.hifp_fen,
    l.hifmi_fen,
    l.hifob_fen,
    l.cvlserv_fen,
    l.hifes_fen,
    l.hifdm_fen,
    l.window_fen,
    l.oth_fen,
    l.hosp_part_fen,
    l.acct_fen,
    l.pay_commercial_fen,
    l.pay_inclusive_fen,
    l.pay_mutual_aid_fen,
    l.pay_charity_fen,
    l.pay_emergency_fund_fen,
    l.pay_temporary_aid_fen,
    l.pay_third_party_fen,
    l.burden_fen,
    l.others_fen,
    l.relief_fen,
    l.care_relief_fen,
    l.held_fen,
    l.paid_fen,
    l.burden_year_fen,
    l.relief_year_fen,
    l.paid_year_fen,
    l.left_year_fen,
    l.minimum_living_fen,
    l.burden_year_fen * 1000000 // l.minimum_living_fen as burden_to_minimum_living_ppm,
    l.income_line_fen,
    l.burden_year_fen * 1000000 // l.income_line_fen as burden_to_income_line_ppm,
    l.burden_year_fen >= cast($catastrophic_fen as bigint) as is_catastrophic,
    l.stays > 0 and l.longest_days >= $long_stay_days as is_long_stay,
    l.visits >= $frequent_visits as is_frequent,
    list_contains(l.disease_groups, 'DIALYSIS') as is_dialysis,
    l.months_listed_before = 0
    and l.left_year_fen >= cast($poor_by_illness_fen as bigint)
    and coalesce(l.left_before_fen, 0) < cast($poor_by_illness_fen as bigint) as is_newly_poor
from lined as l
left join home as h on l.person_key = h.person_key
