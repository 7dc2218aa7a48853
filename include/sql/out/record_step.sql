-- out.record_step: one row a claim, covering plain benefit and rated category that it holds: totals of the year and the relief on them
-- grain: event_id, pair_no
-- reads: out.claim, out.award_line, out.award_share, out.order_tried, staging.plan_pair
-- source: docs/reference/relief-semantics.md, section 5; the year's totals again, from what each benefit saw
with benefit as (
    select distinct
        benefit_place,
        benefit_code,
        event_kind,
        printed_turn,
        counts_window
    from staging.plan_pair
),

-- the order that counts for a person-year of care, where there was a choice
chosen as (
    select
        person_key,
        benefit_year,
        string_split(arrangement, '>') as codes
    from out.order_tried
    where is_chosen
),

-- what each benefit took of each claim
money as (
    select
        event_id,
        benefit_code,
        entitled_fen
    from out.award_line
    where event_id is not null
    union all
    select
        event_id,
        benefit_code,
        amount_fen as entitled_fen
    from out.award_share
),

-- each covering benefit, at its turn in that order, with what it gave
stood as (
    select
        c.event_id,
        c.person_key,
        c.benefit_year,
        c.ordered_on,
        c.ordered_at,
        c.base_fen,
        c.maf_fen,
        c.held,
        b.benefit_place,
        b.benefit_code,
        b.counts_window,
        (c.covers & (cast(1 as bigint) << (b.benefit_place - 1))) <> 0 as is_covering,
        if(
            c.event_kind = 'care' and o.codes is not null, nullif(list_position(o.codes, b.benefit_code), 0), b.printed_turn
        ) as turn
    from out.claim as c
    inner join benefit as b on c.event_kind = b.event_kind
    left join chosen as o on c.person_key = o.person_key and c.benefit_year = o.benefit_year
    where not c.is_firm and c.gate = 3 and not c.is_stopped and c.base_fen is not null
),

given as (
    select
        s.*,
        coalesce(l.entitled_fen, 0) as entitled_fen,
        if(s.is_covering, coalesce(l.entitled_fen, 0), s.maf_fen) as taken_fen
    from stood as s
    left join money as l on s.event_id = l.event_id and s.benefit_code = l.benefit_code
    where s.turn is not null and (s.is_covering or s.counts_window)
),

seen as (
    select
        *,
        greatest(
            0,
            base_fen - coalesce(sum(taken_fen) over (
                partition by event_id order by turn rows between unbounded preceding and 1 preceding
            ), 0)
        ) as burden_fen,
        coalesce(sum(if(is_covering, entitled_fen, 0)) over (
            partition by person_key, benefit_year, benefit_place order by ordered_on, ordered_at nulls first, event_id
            rows between unbounded preceding and 1 preceding
        ), 0) as received_before_fen
    from given
),

summed as (
    select
        s.event_id,
        s.person_key,
        s.benefit_year,
        s.ordered_on,
        s.ordered_at,
        p.pair_no,
        p.benefit_place,
        p.benefit_code,
        p.category_code,
        p.deductible_fen,
        p.cap_fen,
        p.brackets,
        cast(s.burden_fen as bigint) as burden_fen,
        s.entitled_fen,
        cast(s.received_before_fen as bigint) as received_before_fen,
        cast(sum(s.burden_fen) over (
            partition by s.person_key, s.benefit_year, p.pair_no order by s.ordered_on, s.ordered_at nulls first, s.event_id
            rows between unbounded preceding and current row
        ) as bigint) as total_fen
    from seen as s
    inner join staging.plan_pair as p on s.benefit_place = p.benefit_place and p.is_plain and (s.held & p.category_bit) <> 0
    where s.is_covering
),

measured as (
    select
        * exclude (brackets),
        greatest(total_fen - deductible_fen, 0) as excess_fen,
        list_filter(
            list_transform(
                brackets,
                lambda one: struct_pack(
                    length_fen := greatest(
                        least(greatest(total_fen - deductible_fen, 0), coalesce(one.high_fen, total_fen)) - one.low_fen, 0
                    ),
                    ratio_ppm := one.ratio_ppm,
                    ratio_zh := one.ratio_zh
                )
            ),
            lambda part: part.length_fen > 0
        ) as parts
    from summed
),

rounded as (
    select
        *,
        cast((coalesce(list_sum(list_transform(parts, lambda part: part.length_fen * part.ratio_ppm)), 0) + 500000) // 1000000 as bigint)
            as exact_fen
    from measured
)

select
    event_id,
    person_key,
    benefit_year,
    ordered_on,
    ordered_at,
    pair_no,
    benefit_place,
    benefit_code,
    category_code,
    burden_fen,
    received_before_fen,
    entitled_fen,
    total_fen,
    deductible_fen,
    excess_fen,
    parts,
    exact_fen,
    cap_fen,
    least(exact_fen, coalesce(cap_fen, exact_fen)) as relief_fen
from rounded
