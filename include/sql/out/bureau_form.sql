-- out.bureau_form: the bureau's fixed form: people, visits and money of care by category and payer, of the month and of the year to date
-- grain: scope, category_code, payer_code
-- reads: out.claim_payer, out.relief_part
-- source: 001, 人数, 人次, 金额. TOTAL is everybody once, NONE the unlisted, REPEATED takes off who stands in several categories: the other
-- rows add up to TOTAL, in people, visits and money. Payers add up to the payer TOTAL in money; a person and a visit have several payers.
with scoped as (
    select
        'year' as scope,
        *
    from out.claim_payer
    union all
    select
        'month' as scope,
        *
    from out.claim_payer
    where calendar_month = $run_month
),

member as (
    select
        *,
        unnest(case when len(categories) = 0 then ['NONE', 'TOTAL'] else list_append(categories, 'TOTAL') end) as category_code
    from scoped
),

-- per person first, so that each counts once
person as (
    select
        scope,
        category_code,
        person_key,
        count(*) as total_visits,
        count(*) filter (where hifp_fen <> 0) as hifp_fen_visits,
        count(*) filter (where hifmi_fen <> 0) as hifmi_fen_visits,
        count(*) filter (where hifob_fen <> 0) as hifob_fen_visits,
        count(*) filter (where cvlserv_fen <> 0) as cvlserv_fen_visits,
        count(*) filter (where hifes_fen <> 0) as hifes_fen_visits,
        count(*) filter (where hifdm_fen <> 0) as hifdm_fen_visits,
        count(*) filter (where oth_fen <> 0) as oth_fen_visits,
        count(*) filter (where hosp_part_fen <> 0) as hosp_part_fen_visits,
        count(*) filter (where window_fen <> 0) as window_fen_visits,
        count(*) filter (where pay_commercial_fen <> 0) as pay_commercial_fen_visits,
        count(*) filter (where pay_inclusive_fen <> 0) as pay_inclusive_fen_visits,
        count(*) filter (where pay_mutual_aid_fen <> 0) as pay_mutual_aid_fen_visits,
        count(*) filter (where pay_charity_fen <> 0) as pay_charity_fen_visits,
        count(*) filter (where pay_emergency_fund_fen <> 0) as pay_emergency_fund_fen_visits,
        count(*) filter (where pay_temporary_aid_fen <> 0) as pay_temporary_aid_fen_visits,
        count(*) filter (where pay_third_party_fen <> 0) as pay_third_party_fen_visits,
        count(*) filter (where left_fen <> 0) as left_fen_visits,
        count(*) filter (where unsplit_fen <> 0) as unsplit_fen_visits,
        sum(hifp_fen) as hifp_fen,
        sum(hifmi_fen) as hifmi_fen,
        sum(hifob_fen) as hifob_fen,
        sum(cvlserv_fen) as cvlserv_fen,
        sum(hifes_fen) as hifes_fen,
        sum(hifdm_fen) as hifdm_fen,
        sum(oth_fen) as oth_fen,
        sum(hosp_part_fen) as hosp_part_fen,
        sum(window_fen) as window_fen,
        sum(pay_commercial_fen) as pay_commercial_fen,
        sum(pay_inclusive_fen) as pay_inclusive_fen,
        sum(pay_mutual_aid_fen) as pay_mutual_aid_fen,
        sum(pay_charity_fen) as pay_charity_fen,
        sum(pay_emergency_fund_fen) as pay_emergency_fund_fen,
        sum(pay_temporary_aid_fen) as pay_temporary_aid_fen,
        sum(pay_third_party_fen) as pay_third_party_fen,
        sum(left_fen) as left_fen,
        sum(unsplit_fen) as unsplit_fen,
        sum(cost_fen) as cost_fen
    from member
    group by scope, category_code, person_key
),

counted as (
    select
        scope,
        category_code,
        unnest(
            [
                struct_pack(payer_code := 'BASIC', place := 1, people := count(*) filter (where hifp_fen_visits > 0), visits := sum(hifp_fen_visits), fen := sum(hifp_fen)),
                struct_pack(payer_code := 'SERIOUS_ILLNESS', place := 2, people := count(*) filter (where hifmi_fen_visits > 0), visits := sum(hifmi_fen_visits), fen := sum(hifmi_fen)),
                struct_pack(payer_code := 'WORKER_LARGE', place := 3, people := count(*) filter (where hifob_fen_visits > 0), visits := sum(hifob_fen_visits), fen := sum(hifob_fen)),
                struct_pack(payer_code := 'CIVIL_SERVANT', place := 4, people := count(*) filter (where cvlserv_fen_visits > 0), visits := sum(cvlserv_fen_visits), fen := sum(cvlserv_fen)),
                struct_pack(payer_code := 'ENTERPRISE', place := 5, people := count(*) filter (where hifes_fen_visits > 0), visits := sum(hifes_fen_visits), fen := sum(hifes_fen)),
                struct_pack(payer_code := 'DISABLED_SOLDIER', place := 6, people := count(*) filter (where hifdm_fen_visits > 0), visits := sum(hifdm_fen_visits), fen := sum(hifdm_fen)),
                struct_pack(payer_code := 'OTHER_FUND', place := 7, people := count(*) filter (where oth_fen_visits > 0), visits := sum(oth_fen_visits), fen := sum(oth_fen)),
                struct_pack(payer_code := 'HOSPITAL', place := 8, people := count(*) filter (where hosp_part_fen_visits > 0), visits := sum(hosp_part_fen_visits), fen := sum(hosp_part_fen)),
                struct_pack(payer_code := 'RELIEF_WINDOW', place := 9, people := count(*) filter (where window_fen_visits > 0), visits := sum(window_fen_visits), fen := sum(window_fen)),
                struct_pack(payer_code := 'PAY_COMMERCIAL', place := 10, people := count(*) filter (where pay_commercial_fen_visits > 0), visits := sum(pay_commercial_fen_visits), fen := sum(pay_commercial_fen)),
                struct_pack(payer_code := 'PAY_INCLUSIVE', place := 11, people := count(*) filter (where pay_inclusive_fen_visits > 0), visits := sum(pay_inclusive_fen_visits), fen := sum(pay_inclusive_fen)),
                struct_pack(payer_code := 'PAY_MUTUAL_AID', place := 12, people := count(*) filter (where pay_mutual_aid_fen_visits > 0), visits := sum(pay_mutual_aid_fen_visits), fen := sum(pay_mutual_aid_fen)),
                struct_pack(payer_code := 'PAY_CHARITY', place := 13, people := count(*) filter (where pay_charity_fen_visits > 0), visits := sum(pay_charity_fen_visits), fen := sum(pay_charity_fen)),
                struct_pack(payer_code := 'PAY_EMERGENCY_FUND', place := 14, people := count(*) filter (where pay_emergency_fund_fen_visits > 0), visits := sum(pay_emergency_fund_fen_visits), fen := sum(pay_emergency_fund_fen)),
                struct_pack(payer_code := 'PAY_TEMPORARY_AID', place := 15, people := count(*) filter (where pay_temporary_aid_fen_visits > 0), visits := sum(pay_temporary_aid_fen_visits), fen := sum(pay_temporary_aid_fen)),
                struct_pack(payer_code := 'PAY_THIRD_PARTY', place := 16, people := count(*) filter (where pay_third_party_fen_visits > 0), visits := sum(pay_third_party_fen_visits), fen := sum(pay_third_party_fen)),
                struct_pack(payer_code := 'PERSON', place := 90, people := count(*) filter (where left_fen_visits > 0), visits := sum(left_fen_visits), fen := sum(left_fen)),
                struct_pack(payer_code := 'UNSPLIT', place := 91, people := count(*) filter (where unsplit_fen_visits > 0), visits := sum(unsplit_fen_visits), fen := sum(unsplit_fen)),
                struct_pack(payer_code := 'TOTAL', place := 99, people := count(*), visits := sum(total_visits), fen := sum(cost_fen))
            ]
        ) as one
    from person
    group by scope, category_code
),

relief as (
    select
        m.scope,
        m.category_code,
        r.department_code,
        count(distinct r.person_key) as people,
        count(distinct r.event_id) as visits,
        sum(r.relief_fen) as fen
    from out.relief_part as r
    inner join member as m on r.event_id = m.event_id
    where r.event_kind = 'care' and r.relief_fen <> 0
    group by m.scope, m.category_code, r.department_code
),

cell as (
    select
        scope,
        category_code,
        one.payer_code,
        one.place,
        cast(one.people as bigint) as people,
        cast(one.visits as bigint) as visits,
        cast(one.fen as bigint) as amount_fen
    from counted
    union all
    select
        scope,
        category_code,
        'RELIEF_' || upper(department_code) as payer_code,
        50 as place,
        people,
        visits,
        cast(fen as bigint) as amount_fen
    from relief
),

repeated as (
    select
        scope,
        'REPEATED' as category_code,
        payer_code,
        place,
        cast(sum(if(category_code = 'TOTAL', people, -people)) as bigint) as people,
        cast(sum(if(category_code = 'TOTAL', visits, -visits)) as bigint) as visits,
        cast(sum(if(category_code = 'TOTAL', amount_fen, -amount_fen)) as bigint) as amount_fen
    from cell
    group by scope, payer_code, place
)

select
    scope,
    if(scope = 'month', $run_month, substr($run_month, 1, 4)) as period,
    category_code,
    payer_code,
    cast(place as integer) as place,
    people,
    visits,
    amount_fen,
    category_code <> 'REPEATED' and people < $small_cell as is_small
from (
    select *
    from cell
    where people > 0
    union all
    select *
    from repeated
    where people <> 0 or visits <> 0 or amount_fen <> 0
) as each_cell
