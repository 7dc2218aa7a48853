-- out.spending_layer: who bears the cost of care: one row a layer by category, of the month and the year; layers add up to the cost
-- grain: scope, category_code, layer_code
-- reads: out.person_month, out.relief_part
-- source: 001, three tiers after insurance; TOTAL is every person once, NONE the unlisted; a person in two categories counts in both
-- noqa: disable=RF02
with scoped as (
    select
        'year' as scope,
        *
    from out.person_month
    union all
    select
        'month' as scope,
        *
    from out.person_month
    where calendar_month = $run_month
),

summed as (
    select
        scope,
        unnest(case when len(categories) = 0 then ['NONE', 'TOTAL'] else list_append(categories, 'TOTAL') end) as category_code,
        person_key,
        visits,
        cost_fen,
        burden_fen,
        others_fen,
        care_relief_fen,
        hifp_fen,
        hifmi_fen,
        hifob_fen,
        cvlserv_fen,
        hifes_fen,
        hifdm_fen,
        oth_fen,
        hosp_part_fen,
        window_fen,
        pay_commercial_fen,
        pay_inclusive_fen,
        pay_mutual_aid_fen,
        pay_charity_fen,
        pay_emergency_fund_fen,
        pay_temporary_aid_fen,
        pay_third_party_fen
    from scoped
),

whole as (
    select
        scope,
        category_code,
        count(distinct person_key) filter (where visits > 0) as people_treated,
        cast(sum(cost_fen) as bigint) as cost_fen,
        cast(sum(burden_fen - others_fen - care_relief_fen) as bigint) as left_fen,
        cast(sum(burden_fen) as bigint) as burden_fen,
        cast(sum(others_fen) as bigint) as others_fen,
        cast(sum(hifp_fen) as bigint) as hifp_fen,
        cast(sum(hifmi_fen) as bigint) as hifmi_fen,
        cast(sum(hifob_fen) as bigint) as hifob_fen,
        cast(sum(cvlserv_fen) as bigint) as cvlserv_fen,
        cast(sum(hifes_fen) as bigint) as hifes_fen,
        cast(sum(hifdm_fen) as bigint) as hifdm_fen,
        cast(sum(oth_fen) as bigint) as oth_fen,
        cast(sum(hosp_part_fen) as bigint) as hosp_part_fen,
        cast(sum(window_fen) as bigint) as window_fen,
        cast(sum(pay_commercial_fen) as bigint) as pay_commercial_fen,
        cast(sum(pay_inclusive_fen) as bigint) as pay_inclusive_fen,
        cast(sum(pay_mutual_aid_fen) as bigint) as pay_mutual_aid_fen,
        cast(sum(pay_charity_fen) as bigint) as pay_charity_fen,
        cast(sum(pay_emergency_fund_fen) as bigint) as pay_emergency_fund_fen,
        cast(sum(pay_temporary_aid_fen) as bigint) as pay_temporary_aid_fen,
        cast(sum(pay_third_party_fen) as bigint) as pay_third_party_fen
    from summed
    group by scope, category_code
),

layer as (
    select
        scope,
        category_code,
        unnest(
            [
                struct_pack(layer_code := 'BASIC', place := 1, fen := hifp_fen),
                struct_pack(layer_code := 'SERIOUS_ILLNESS', place := 2, fen := hifmi_fen),
                struct_pack(layer_code := 'WORKER_LARGE', place := 3, fen := hifob_fen),
                struct_pack(layer_code := 'CIVIL_SERVANT', place := 4, fen := cvlserv_fen),
                struct_pack(layer_code := 'ENTERPRISE', place := 5, fen := hifes_fen),
                struct_pack(layer_code := 'DISABLED_SOLDIER', place := 6, fen := hifdm_fen),
                struct_pack(layer_code := 'OTHER_FUND', place := 7, fen := oth_fen),
                struct_pack(layer_code := 'HOSPITAL', place := 8, fen := hosp_part_fen),
                struct_pack(layer_code := 'RELIEF_WINDOW', place := 9, fen := window_fen),
                struct_pack(layer_code := 'PAY_COMMERCIAL', place := 10, fen := pay_commercial_fen),
                struct_pack(layer_code := 'PAY_INCLUSIVE', place := 11, fen := pay_inclusive_fen),
                struct_pack(layer_code := 'PAY_MUTUAL_AID', place := 12, fen := pay_mutual_aid_fen),
                struct_pack(layer_code := 'PAY_CHARITY', place := 13, fen := pay_charity_fen),
                struct_pack(layer_code := 'PAY_EMERGENCY_FUND', place := 14, fen := pay_emergency_fund_fen),
                struct_pack(layer_code := 'PAY_TEMPORARY_AID', place := 15, fen := pay_temporary_aid_fen),
                struct_pack(layer_code := 'PAY_THIRD_PARTY', place := 16, fen := pay_third_party_fen),
                struct_pack(layer_code := 'PERSON', place := 90, fen := left_fen),
                struct_pack(
                    layer_code := 'UNSPLIT',
                    place := 91,
                    fen := cost_fen - burden_fen - (
                        hifp_fen + hifmi_fen + hifob_fen + cvlserv_fen + hifes_fen + hifdm_fen + oth_fen
                        + hosp_part_fen + window_fen
                    )
                )
            ]
        ) as one
    from whole
),

member as (
    select
        scope,
        person_key,
        calendar_month,
        unnest(case when len(categories) = 0 then ['NONE', 'TOTAL'] else list_append(categories, 'TOTAL') end) as category_code
    from scoped
),

relief as (
    select
        s.scope,
        s.category_code,
        r.tier_code,
        cast(sum(r.relief_fen) as bigint) as fen
    from out.relief_part as r
    inner join member as s on r.person_key = s.person_key and r.calendar_month = s.calendar_month
    where r.event_kind = 'care'
    group by s.scope, s.category_code, r.tier_code
)

select
    e.scope,
    e.category_code,
    e.layer_code,
    e.place,
    w.people_treated,
    e.amount_fen,
    w.people_treated < $small_cell as is_small
from (
    select
        scope,
        category_code,
        one.layer_code,
        one.place,
        one.fen as amount_fen
    from layer
    where one.fen <> 0 or one.layer_code = 'PERSON'
    union all
    select
        scope,
        category_code,
        tier_code as layer_code,
        50 as place,
        fen as amount_fen
    from relief
    where fen <> 0
) as e
inner join whole as w on e.scope = w.scope and e.category_code = w.category_code
