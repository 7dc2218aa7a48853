-- out.record_stood: one row a refused claim and pair of a benefit with several steps: where each step stood before the claim, in its
-- period, and what the claim is to it; works within a run, is not published
-- grain: event_id, event_kind, pair_no
-- reads: out.claim, out.record_asked, out.record_trace, facts.care_event, staging.plan_pair
-- source: docs/reference/relief-semantics.md, 5.1 to 5.3
-- noqa: disable=RF02
with listed as (
    select
        c.person_key,
        c.benefit_year,
        coalesce(e.stay_id, c.event_id) as stay,
        row_number() over (
            partition by c.person_key, c.benefit_year order by c.ordered_on asc, c.ordered_at asc nulls first, c.event_id asc
        ) as turn_no,
        coalesce(list_contains(cast($admission_med_types as varchar[]), e.med_type), false) and not c.is_stopped as counts
    from out.claim as c
    inner join facts.care_event as e on c.event_id = e.event_id
    where c.event_kind = 'care' and not c.is_firm
),

admitted as (
    select
        person_key,
        benefit_year,
        stay,
        dense_rank() over (partition by person_key, benefit_year order by min(turn_no)) as admission_no
    from listed
    where counts
    group by person_key, benefit_year, stay
),

-- the claim as it would be with all that the pair asks beside money
asked as (
    select
        a.*,
        p.benefit_place,
        p.category_bit,
        p.turn,
        coalesce(e.stay_id, a.event_id) as stay,
        greatest(coalesce(e.until_on - e.since, 1), 1) as days,
        coalesce(n.admission_no, 0) as admission_no,
        struct_pack(
            med_type := coalesce(a.needed_med_type, e.med_type),
            dise_code := coalesce(a.needed_dise_code, e.dise_code),
            hosp_level := e.hosp_lv,
            care_place := e.care_place,
            is_referred := e.is_referred,
            held := a.held_then,
            event_on := coalesce(a.needed_on, a.event_on)
        ) as claim,
        a.needs_category or a.needed_med_type is not null or a.needed_dise_code is not null or a.needed_on is not null as is_new
    from out.record_asked as a
    inner join staging.plan_pair as p on a.pair_no = p.pair_no
    left join facts.care_event as e on a.event_id = e.event_id and a.event_kind = 'care'
    left join admitted as n
        on a.person_key = n.person_key and a.benefit_year = n.benefit_year and coalesce(e.stay_id, a.event_id) = n.stay and a.event_kind = 'care'
    where
        not a.is_plain
        -- another kind of care would number the admissions anew
        and not (a.needed_med_type is not null and len(p.turn.deductibles) > 1)
),

traced as (
    select
        t.* exclude (parts, caps),
        p.pair_no,
        p.turn,
        c.ordered_on,
        c.ordered_at,
        c.event_on,
        coalesce(e.stay_id, t.event_id) as stay,
        list_filter(t.caps, lambda one: one is not null) as caps,
        coalesce(list_sum(list_transform(list_filter(t.parts, lambda one: one is not null), lambda one: one.fen * one.ratio_ppm)), 0)
            as weight
    from out.record_trace as t
    inner join staging.plan_pair as p on t.benefit_place = p.benefit_place and t.category_bit = p.category_bit
    inner join out.claim as c on t.event_id = c.event_id and t.event_kind = c.event_kind and not c.is_firm
    left join facts.care_event as e on t.event_id = e.event_id and t.event_kind = 'care'
    where p.is_inverted and not p.turn.is_year_sum
),

-- what each step had come to before the claim, in order with the traces of the same pair and period
placed as (
    select
        person_key,
        benefit_year,
        pair_no,
        benefit_place,
        event_id,
        ordered_on,
        ordered_at,
        period_key(turn.deductible_period, benefit_year, event_on, stay, event_id) as deductible_key,
        period_key(turn.bracket_period, benefit_year, event_on, stay, event_id) as bracket_key,
        period_key(turn.rounding_period, benefit_year, event_on, stay, event_id) as rounding_key,
        if(is_waived or turn.is_gate, 0, burden_fen) as borne_fen,
        if(turn.is_on_amount, burden_fen, excess_fen) as measured_fen,
        weight,
        rounded_fen as paid_fen,
        capped_fen * coalesce(factor_ppm, 1000000) as cut_weight,
        relief_fen,
        year_fen,
        false as is_asked
    from traced
    union all
    select
        person_key,
        benefit_year,
        pair_no,
        benefit_place,
        event_id,
        ordered_on,
        ordered_at,
        period_key(turn.deductible_period, benefit_year, claim.event_on, stay, event_id) as deductible_key,
        period_key(turn.bracket_period, benefit_year, claim.event_on, stay, event_id) as bracket_key,
        period_key(turn.rounding_period, benefit_year, claim.event_on, stay, event_id) as rounding_key,
        0 as borne_fen,
        0 as measured_fen,
        0 as weight,
        0 as paid_fen,
        0 as cut_weight,
        0 as relief_fen,
        cast(null as bigint) as year_fen,
        true as is_asked
    from asked
    where not turn.is_year_sum and person_key in (select t.person_key from traced as t)
),

run as (
    select
        event_id,
        pair_no,
        is_asked,
        coalesce(sum(borne_fen) over (
            partition by person_key, pair_no, deductible_key
            order by benefit_year asc, ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ), 0) as borne_before_fen,
        coalesce(sum(measured_fen) over (
            partition by person_key, pair_no, bracket_key
            order by benefit_year asc, ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ), 0) as measured_before_fen,
        coalesce(sum(weight) over rounding_before, 0) as weight_before,
        coalesce(sum(paid_fen) over rounding_before, 0) as paid_before_fen,
        coalesce(sum(cut_weight) over rounding_before, 0) as cut_before,
        coalesce(sum(relief_fen) over rounding_before, 0) as cut_paid_before_fen,
        coalesce(sum(relief_fen) over (
            partition by person_key, benefit_year, pair_no
            order by ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ), 0) as relief_before_fen,
        coalesce(max(year_fen) over (
            partition by person_key, benefit_year, benefit_place
            order by ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ), 0) as best_before_fen,
        sum(borne_fen) over (partition by person_key, benefit_year, pair_no) as year_borne_fen,
        sum(borne_fen) over (partition by person_key, benefit_year, pair_no, event_id) as own_borne_fen,
        sum(relief_fen) over (partition by person_key, benefit_year, pair_no) as year_relief_fen
    from placed
    window
        rounding_before as (
            partition by person_key, pair_no, rounding_key
            order by benefit_year asc, ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        )
),

capped as (
    select
        person_key,
        benefit_year,
        pair_no,
        event_id,
        ordered_on,
        ordered_at,
        cap.cap_no,
        period_key(turn.caps[cap.cap_no].period, benefit_year, event_on, stay, event_id) as cap_key,
        cap.came_fen,
        cast(null as bigint) as bound_fen,
        false as is_asked
    from (
        select
            *,
            unnest(caps) as cap
        from traced
    ) as met
    union all
    select
        person_key,
        benefit_year,
        pair_no,
        event_id,
        ordered_on,
        ordered_at,
        cap.cap_no,
        period_key(cap.period, benefit_year, claim.event_on, stay, event_id) as cap_key,
        0 as came_fen,
        cap.amount_fen * if(cap.is_per_day, days, 1) as bound_fen,
        true as is_asked
    from (
        select
            *,
            unnest(list_filter(turn.caps, lambda one: not one.is_all_or_nothing and not any_fits(one.waived, claim))) as cap
        from asked
    ) as meant
),

room as (
    select
        event_id,
        pair_no,
        min(room_fen) as room_fen
    from (
        select
            event_id,
            pair_no,
            is_asked,
            bound_fen - coalesce(sum(came_fen) over (
                partition by person_key, pair_no, cap_no, cap_key
                order by benefit_year asc, ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
                rows between unbounded preceding and 1 preceding
            ), 0) as room_fen
        from capped
    ) as left_over
    where is_asked
    group by event_id, pair_no
),

-- the category that counts for a whole year, and how far the next one is behind
yearly as (
    select
        person_key,
        benefit_year,
        benefit_place,
        pair_no,
        sum(relief_fen) as year_relief_fen
    from traced
    where turn.is_one_category
    group by person_key, benefit_year, benefit_place, pair_no
),

rivalled as (
    select
        a.event_id,
        a.pair_no,
        max(y.year_relief_fen) as rival_fen
    from asked as a
    inner join yearly as y
        on a.person_key = y.person_key and a.benefit_year = y.benefit_year and a.benefit_place = y.benefit_place and a.pair_no <> y.pair_no
    where a.turn.is_one_category
    group by a.event_id, a.pair_no
),

-- the totals of a sum of the year
totalled as (
    select
        t.person_key,
        t.benefit_year,
        p.pair_no,
        t.burden_fen as year_fen
    from out.record_trace as t
    inner join staging.plan_pair as p on t.benefit_place = p.benefit_place and t.category_bit = p.category_bit
    where t.event_id is null
)

select
    a.event_id,
    a.event_kind,
    a.pair_no,
    a.benefit_year,
    a.base_fen - a.earlier_fen as own_fen,
    a.is_new,
    a.claim,
    a.claim.held & a.turn.rated_bits & ~a.category_bit as rival_bits,
    cast(coalesce(r.borne_before_fen, 0) as bigint) as borne_before_fen,
    cast(coalesce(r.measured_before_fen, 0) as bigint) as measured_before_fen,
    cast(coalesce(r.weight_before, 0) as bigint) as weight_before,
    cast(coalesce(r.paid_before_fen, 0) as bigint) as paid_before_fen,
    cast(coalesce(r.cut_before, 0) as bigint) as cut_before,
    cast(coalesce(r.cut_paid_before_fen, 0) as bigint) as cut_paid_before_fen,
    cast(coalesce(r.relief_before_fen, 0) as bigint) as relief_before_fen,
    coalesce(r.best_before_fen, 0) as best_before_fen,
    cast(coalesce(r.year_borne_fen, 0) as bigint) as year_borne_fen,
    cast(coalesce(r.own_borne_fen, 0) as bigint) as own_borne_fen,
    cast(coalesce(r.year_relief_fen, 0) as bigint) as year_relief_fen,
    cast(m.room_fen as bigint) as room_fen,
    cast(v.rival_fen as bigint) as rival_fen,
    if(
        a.turn.is_year_sum,
        coalesce(y.year_fen, 0) + if(a.is_new, greatest(a.base_fen - a.earlier_fen, 0), 0),
        coalesce(o.burden_fen, a.base_fen - a.earlier_fen)
    ) as burden_fen,
    any_fits(a.turn.waived, a.claim) as is_waived,
    a.turn.deductibles[least(greatest(a.admission_no, 1), len(a.turn.deductibles))] as deductible_fen,
    list_min(list_transform(
        list_filter(a.turn.caps, lambda one: one.is_all_or_nothing and not any_fits(one.waived, a.claim)), lambda one: one.amount_fen
    )) as most_fen
from asked as a
left join run as r on a.event_id = r.event_id and a.pair_no = r.pair_no and r.is_asked
left join room as m on a.event_id = m.event_id and a.pair_no = m.pair_no
left join rivalled as v on a.event_id = v.event_id and a.pair_no = v.pair_no
left join traced as o on a.event_id = o.event_id and a.pair_no = o.pair_no
left join totalled as y on a.person_key = y.person_key and a.benefit_year = y.benefit_year and a.pair_no = y.pair_no
