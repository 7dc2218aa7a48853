-- out.record_change: one row a refused claim: the smallest change that would have brought relief; works within a run, is not published
-- grain: event_id, event_kind
-- reads: out.assessment, out.claim, out.order_tried, out.record_step, out.record_trace, facts.care_event, facts.benefit_refused,
-- staging.plan_pair
-- source: docs/reference/relief-semantics.md, sections 4 to 7, each condition of relief turned round
-- noqa: disable=RF02
with tried as (
    select distinct
        person_key,
        benefit_year
    from out.order_tried
),

covered as (
    select distinct
        person_key,
        benefit_year
    from out.claim
    where event_kind = 'care' and covers <> 0 and not is_firm and not is_stopped
),

refused as (
    select
        a.event_id,
        a.event_kind,
        a.person_key,
        a.benefit_year,
        a.event_on,
        a.base_fen,
        c.ordered_on,
        c.ordered_at,
        c.maf_fen,
        c.held,
        e.med_type,
        e.dise_code
    from out.assessment as a
    inner join out.claim as c on a.event_id = c.event_id and a.event_kind = c.event_kind and not c.is_firm and not c.is_stopped
    left join facts.care_event as e on a.event_id = e.event_id and a.event_kind = 'care'
    where a.outcome = 'REFUSED' and a.base_fen is not null
),

-- what each pair of benefit and category would still ask of the claim
asked as (
    select
        r.*,
        p.pair_no,
        p.benefit_place,
        p.category_code,
        p.category_bit,
        p.deductible_fen,
        p.cap_fen,
        p.brackets,
        p.counts_window,
        p.printed_turn,
        p.is_plain,
        p.is_lasting,
        p.halves,
        (p.counts_window or p.takes_after_window) and r.maf_fen > 0 as has_window,
        (r.held & p.category_bit) = 0 as needs_category,
        if(len(p.med_types) > 0 and not coalesce(list_contains(p.med_types, r.med_type), false), p.med_types[1], null) as needed_med_type,
        if(
            len(p.dise_codes) > 0
            and len(list_filter(p.dise_codes, lambda code: coalesce(starts_with(r.dise_code, code), false))) = 0,
            p.dise_codes[1], null
        ) as needed_dise_code,
        case
            when r.event_on < p.valid_since then p.valid_since
            when r.event_on >= p.valid_until then cast(p.valid_until - interval 1 day as date)
        end as needed_on,
        if(p.takes_after_window, r.maf_fen, 0) as earlier_fen
    from refused as r
    inner join staging.plan_pair as p on r.event_kind = p.event_kind
    -- what a department refused for the year no change of the claim brings back: the remedy is a review of the refusal
    left join facts.benefit_refused as f
        on r.person_key = f.person_key and r.benefit_year = f.benefit_year and p.benefit_code = f.benefit_code
    where (p.is_plain or p.is_inverted) and p.is_permitted and f.benefit_code is null
),

-- another order may count after the change, and give the money to another claim, unless there is none or no other claim
sure as (
    select a.*
    from asked as a
    left join tried as t on a.person_key = t.person_key and a.benefit_year = t.benefit_year
    left join covered as c on a.person_key = c.person_key and a.benefit_year = c.benefit_year
    where
        (not $has_orders and a.printed_turn is not null)
        or a.event_kind <> 'care'
        or ($has_orders and c.person_key is null)
        or (
            t.person_key is null and a.printed_turn is not null and not a.needs_category
            and a.needed_med_type is null and a.needed_dise_code is null and a.needed_on is null
        )
),

-- totals before the claim: in order with the steps of the same person, year and pair
placed as (
    select
        person_key,
        benefit_year,
        pair_no,
        benefit_place,
        ordered_on,
        ordered_at,
        event_id,
        burden_fen as added_fen,
        received_before_fen + entitled_fen as received_fen,
        false as is_asked
    from out.record_step
    union all
    select
        person_key,
        benefit_year,
        pair_no,
        benefit_place,
        ordered_on,
        ordered_at,
        event_id,
        0 as added_fen,
        cast(null as bigint) as received_fen,
        true as is_asked
    from sure
    where is_plain and person_key in (select s.person_key from out.record_step as s)
),

before as (
    select
        event_id,
        pair_no,
        is_asked,
        coalesce(sum(added_fen) over (
            partition by person_key, benefit_year, pair_no order by ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ), 0) as total_before_fen,
        coalesce(max(received_fen) over (
            partition by person_key, benefit_year, benefit_place order by ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ), 0) as received_before_fen
    from placed
),

aimed as (
    select
        a.*,
        coalesce(b.total_before_fen, 0) as total_before_fen,
        coalesce(b.received_before_fen, 0) + if(a.counts_window, a.maf_fen, 0) + 1 as aim_fen
    from sure as a
    left join before as b on a.event_id = b.event_id and a.pair_no = b.pair_no and b.is_asked
    where a.is_plain
),

-- the least excess on which the pair's relief reaches the aim
reached as (
    select
        *,
        list_min(list_transform(
            list_filter(
                brackets,
                lambda one: one.ratio_ppm > 0 and (
                    one.high_fen is null
                    or one.weight + (one.high_fen - one.low_fen) * one.ratio_ppm >= aim_fen * 1000000 - 500000
                )
            ),
            lambda one: one.low_fen + (greatest(aim_fen * 1000000 - 500000 - one.weight, 1) + one.ratio_ppm - 1) // one.ratio_ppm
        )) as aim_excess_fen
    from aimed
    where
        (cap_fen is null or aim_fen <= cap_fen)
        -- what the window paid would turn from an earlier payer into an advance: no closed form
        and not (has_window and (needs_category or needed_med_type is not null or needed_dise_code is not null))
),

costed as (
    select
        *,
        greatest(0, deductible_fen + aim_excess_fen - total_before_fen + earlier_fen - base_fen) as needed_fen
    from reached
    where aim_excess_fen is not null
),

-- pairs whose steps run one after the other: what each step had come to before the claim, in order with the traces of the same pair
traced as (
    select
        t.person_key,
        t.benefit_year,
        p.pair_no,
        p.benefit_place,
        c.ordered_on,
        c.ordered_at,
        t.event_id,
        t.burden_fen as borne_fen,
        t.excess_fen,
        coalesce(list_sum(list_transform(list_filter(t.parts, lambda one: one is not null), lambda one: one.fen * one.ratio_ppm)), 0) as weight,
        t.rounded_fen as paid_fen,
        t.capped_fen * coalesce(t.factor_ppm, 1000000) as cut_weight,
        t.received_before_fen + t.entitled_fen as received_fen,
        false as is_asked
    from out.record_trace as t
    inner join staging.plan_pair as p on t.benefit_place = p.benefit_place and t.category_bit = p.category_bit
    inner join out.claim as c on t.event_id = c.event_id and t.event_kind = c.event_kind and not c.is_firm
    where p.is_inverted
    union all
    select
        person_key,
        benefit_year,
        pair_no,
        benefit_place,
        ordered_on,
        ordered_at,
        event_id,
        0 as borne_fen,
        0 as excess_fen,
        0 as weight,
        0 as paid_fen,
        0 as cut_weight,
        cast(null as bigint) as received_fen,
        true as is_asked
    from sure
    where not is_plain
),

run as (
    select
        *,
        coalesce(sum(borne_fen) over year_before, 0) as year_borne_fen,
        coalesce(sum(borne_fen) over ever_before, 0) as ever_borne_fen,
        coalesce(sum(excess_fen) over year_before, 0) as excess_before_fen,
        coalesce(sum(weight) over year_before, 0) as weight_before,
        coalesce(sum(paid_fen) over year_before, 0) as paid_before_fen,
        coalesce(sum(cut_weight) over year_before, 0) as cut_before,
        coalesce(max(received_fen) over benefit_before, 0) as received_before_fen
    from traced
    window
        year_before as (
            partition by person_key, benefit_year, pair_no order by ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ),
        ever_before as (
            partition by person_key, pair_no
            order by benefit_year asc, ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ),
        benefit_before as (
            partition by person_key, benefit_year, benefit_place
            order by ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        )
),

-- backwards through the steps: what the caps must let through, what must come to them, the weight behind it
pressed as (
    select
        a.*,
        r.excess_before_fen,
        r.weight_before,
        if(a.is_lasting, r.ever_borne_fen, r.year_borne_fen) as borne_before_fen,
        factor_of(a.halves, a.held_then, true) as before_ppm,
        r.paid_before_fen + greatest(
            1,
            ((r.received_before_fen + 1) * 1000000 - 500000 - r.cut_before + factor_of(a.halves, a.held_then, false) - 1)
            // factor_of(a.halves, a.held_then, false)
        ) as aim_paid_fen
    from (
        select
            *,
            held | if(needs_category, category_bit, 0) as held_then
        from sure
        where not is_plain
    ) as a
    inner join run as r on a.event_id = r.event_id and a.pair_no = r.pair_no and r.is_asked
    where factor_of(a.halves, a.held_then, false) > 0 and factor_of(a.halves, a.held_then, true) > 0
),

weighed as (
    select
        *,
        coalesce(list_sum(list_transform(
            brackets,
            lambda one: greatest(0, least(excess_before_fen, coalesce(one.high_fen, excess_before_fen)) - one.low_fen) * one.ratio_ppm
        )), 0)
        + greatest(1, ((aim_paid_fen * 1000000 - 500000 - weight_before) * 1000000 + before_ppm - 1) // before_ppm) as aim_weight
    from pressed
    where cap_fen is null or aim_paid_fen <= cap_fen
),

brought as (
    select
        *,
        list_min(list_transform(
            list_filter(
                brackets,
                lambda one: one.ratio_ppm > 0
                and (one.high_fen is null or one.weight + (one.high_fen - one.low_fen) * one.ratio_ppm >= aim_weight)
            ),
            lambda one: one.low_fen + (greatest(aim_weight - one.weight, 1) + one.ratio_ppm - 1) // one.ratio_ppm
        )) as aim_excess_fen
    from weighed
),

-- the worth of a service package is the policy's: nobody can bear more of it
possible as (
    select
        event_id,
        event_kind,
        pair_no,
        category_code,
        needs_category,
        needed_med_type,
        needed_dise_code,
        needed_on,
        needed_fen,
        ordered_on
    from costed
    where event_kind <> 'service' or needed_fen = 0
    union all
    select
        event_id,
        event_kind,
        pair_no,
        category_code,
        needs_category,
        needed_med_type,
        needed_dise_code,
        needed_on,
        greatest(0, aim_excess_fen - excess_before_fen + greatest(0, deductible_fen - borne_before_fen) + earlier_fen - base_fen)
        as needed_fen,
        ordered_on
    from brought
    where aim_excess_fen is not null and event_kind <> 'service'
)

select
    event_id,
    event_kind,
    arg_min(
        struct_pack(
            pair_no := pair_no,
            category_code := if(needs_category, category_code, null),
            med_type := needed_med_type,
            dise_code := needed_dise_code,
            needed_on := needed_on,
            fen := cast(needed_fen as bigint),
            held_on := if(needs_category, ordered_on, null)
        ),
        struct_pack(
            changes := if(needs_category, 1, 0) + if(needed_med_type is null and needed_dise_code is null, 0, 1)
            + if(needed_on is null, 0, 1) + if(needed_fen > 0, 1, 0),
            is_elsewhen := needed_on is not null,
            is_other := needs_category,
            fen := cast(needed_fen as bigint),
            pair_no := pair_no
        )
    ) as change
from possible
group by event_id, event_kind
