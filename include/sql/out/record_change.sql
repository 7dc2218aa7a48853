-- out.record_change: one row a refused claim: the smallest change that would have brought relief; works within a run, is not published
-- grain: event_id, event_kind
-- reads: out.record_asked, out.record_step, out.record_turned, staging.plan_pair
-- source: docs/reference/relief-semantics.md, sections 4 to 7, each condition of relief turned round
-- noqa: disable=RF02
-- totals before the claim: in order with the steps of the same person, year and pair
with placed as (
    select
        s.person_key,
        s.benefit_year,
        s.pair_no,
        s.benefit_place,
        s.ordered_on,
        s.ordered_at,
        s.event_id,
        s.burden_fen as added_fen,
        -- what a shared purse cut off counts in the year's relief all the same
        if(p.purse is null, s.received_before_fen + s.entitled_fen, s.relief_fen) as received_fen,
        false as is_asked
    from out.record_step as s
    inner join staging.plan_pair as p on s.pair_no = p.pair_no
    union all
    select
        a.person_key,
        a.benefit_year,
        a.pair_no,
        p.benefit_place,
        a.ordered_on,
        a.ordered_at,
        a.event_id,
        0 as added_fen,
        cast(null as bigint) as received_fen,
        true as is_asked
    from out.record_asked as a
    inner join staging.plan_pair as p on a.pair_no = p.pair_no
    where a.is_plain and a.person_key in (select s.person_key from out.record_step as s)
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
        p.deductible_fen,
        p.cap_fen,
        p.brackets,
        coalesce(b.total_before_fen, 0) as total_before_fen,
        coalesce(b.received_before_fen, 0) + if(p.counts_window, a.maf_fen, 0) + 1 as aim_fen
    from out.record_asked as a
    inner join staging.plan_pair as p on a.pair_no = p.pair_no
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
    where cap_fen is null or aim_fen <= cap_fen
),

costed as (
    select
        *,
        greatest(0, deductible_fen + aim_excess_fen - total_before_fen + earlier_fen - base_fen) as needed_fen
    from reached
    where aim_excess_fen is not null
),

-- the worth of a service package is the policy's: nobody can bear more or less of it
possible as (
    select
        event_id,
        event_kind,
        pair_no,
        needed_fen
    from costed
    where event_kind <> 'service' or needed_fen = 0
    union all
    select
        event_id,
        event_kind,
        pair_no,
        needed_fen
    from out.record_turned
    where needed_fen is not null and (event_kind <> 'service' or needed_fen = 0)
),

unsolved as (
    select distinct
        event_id,
        event_kind
    from out.record_turned
    where is_open
)

select
    c.event_id,
    c.event_kind,
    arg_min(
        struct_pack(
            pair_no := c.pair_no,
            category_code := if(a.needs_category, p.category_code, null),
            med_type := a.needed_med_type,
            dise_code := a.needed_dise_code,
            needed_on := a.needed_on,
            fen := cast(c.needed_fen as bigint),
            held_on := if(a.needs_category, a.ordered_on, null)
        ),
        struct_pack(
            changes := if(a.needs_category, 1, 0) + if(a.needed_med_type is null and a.needed_dise_code is null, 0, 1)
            + if(a.needed_on is null, 0, 1) + if(c.needed_fen <> 0, 1, 0),
            is_elsewhen := a.needed_on is not null,
            is_other := a.needs_category,
            is_less := c.needed_fen < 0,
            fen := abs(cast(c.needed_fen as bigint)),
            pair_no := c.pair_no
        )
    ) as change
from possible as c
inner join out.record_asked as a on c.event_id = a.event_id and c.event_kind = a.event_kind and c.pair_no = a.pair_no
inner join staging.plan_pair as p on c.pair_no = p.pair_no
-- where one pair stays open, what another one asks may not be the smallest
left join unsolved as o on c.event_id = o.event_id and c.event_kind = o.event_kind
where o.event_id is null
group by c.event_id, c.event_kind
