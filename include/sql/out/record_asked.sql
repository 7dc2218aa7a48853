-- out.record_asked: one row a refused claim and pair of benefit and category that could still pay it: what the pair would ask beside
-- money; works within a run, is not published
-- grain: event_id, event_kind, pair_no
-- reads: out.assessment, out.award_line, out.claim, out.order_tried, facts.care_event, facts.benefit_refused, staging.plan_pair
-- source: docs/reference/relief-semantics.md, sections 4 and 5.3 to 5.5, each condition of relief turned round
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

-- sums of the year that are paid
summed as (
    select distinct
        person_key,
        benefit_year,
        benefit_code
    from out.award_line
    where event_id is null
),

refused as (
    select
        a.event_id,
        a.event_kind,
        a.person_key,
        a.benefit_year,
        a.event_on,
        a.base_fen,
        a.reason_code,
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

asked as (
    select
        r.event_id,
        r.event_kind,
        r.person_key,
        r.benefit_year,
        r.event_on,
        r.ordered_on,
        r.ordered_at,
        r.base_fen,
        r.maf_fen,
        p.pair_no,
        p.printed_turn,
        p.is_plain,
        p.purse,
        (p.counts_window or p.takes_after_window) and r.maf_fen > 0 as has_window,
        (r.held & p.category_bit) = 0 as needs_category,
        r.held | p.category_bit as held_then,
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
        if(p.takes_after_window, r.maf_fen, 0) as earlier_fen,
        s.benefit_code is not null as is_summed,
        p.is_plain or p.is_inverted as is_turned,
        not p.is_plain and coalesce((r.held & p.turn.rated_bits) <> 0, false) as holds_another
    from refused as r
    inner join staging.plan_pair as p on r.event_kind = p.event_kind
    -- what a department refused for the year no change of the claim brings back: the remedy is a review of the refusal
    left join facts.benefit_refused as f
        on r.person_key = f.person_key and r.benefit_year = f.benefit_year and p.benefit_code = f.benefit_code
    left join summed as s
        on r.person_key = s.person_key and r.benefit_year = s.benefit_year and p.benefit_code = s.benefit_code
    -- where the window paid more than is due, what another benefit adds would first be set off
    where p.is_permitted and f.benefit_code is null and not (p.takes_after_window and r.reason_code = 'WINDOW_PAID')
),

-- claims of which a benefit that cannot be turned round might make more, or a paid sum of the year, which lies on earlier claims
unknown as (
    select distinct
        event_id,
        event_kind
    from asked
    where
        needed_med_type is null and needed_dise_code is null and needed_on is null
        and (is_summed or (not is_turned and not needs_category))
),

-- another order may count after the change, and give the money to another claim, unless there is none or no other claim
sure as (
    select a.*
    from asked as a
    left join unknown as m on a.event_id = m.event_id and a.event_kind = m.event_kind
    left join tried as t on a.person_key = t.person_key and a.benefit_year = t.benefit_year
    left join covered as c on a.person_key = c.person_key and a.benefit_year = c.benefit_year
    where
        m.event_id is null
        and not a.is_summed
        and a.is_turned
        -- who is rated by a stepped benefit already is told of that category, not of eleven others
        and not (a.needs_category and a.holds_another)
        and (
            (not $has_orders and a.printed_turn is not null)
            or a.event_kind <> 'care'
            or ($has_orders and c.person_key is null)
            or (
                t.person_key is null and a.printed_turn is not null and not a.needs_category
                and a.needed_med_type is null and a.needed_dise_code is null and a.needed_on is null
            )
        )
),

sharing as (
    select distinct
        benefit_code,
        event_kind,
        purse.bucket_code
    from staging.plan_pair
    where purse is not null
),

-- what the shared purses had given before each claim
taken as (
    select
        l.person_key,
        l.benefit_year,
        b.bucket_code,
        b.event_kind,
        c.ordered_on,
        c.ordered_at,
        l.event_id,
        l.entitled_fen,
        false as is_asked
    from out.award_line as l
    inner join sharing as b on l.benefit_code = b.benefit_code
    inner join out.claim as c on l.event_id = c.event_id and b.event_kind = c.event_kind and not c.is_firm
    union all
    select distinct
        person_key,
        benefit_year,
        purse.bucket_code,
        event_kind,
        ordered_on,
        ordered_at,
        event_id,
        0 as entitled_fen,
        true as is_asked
    from sure
    where purse is not null
),

used as (
    select
        event_id,
        event_kind,
        bucket_code,
        is_asked,
        coalesce(sum(entitled_fen) over (
            partition by person_key, benefit_year, bucket_code
            order by event_kind asc, ordered_on asc, ordered_at asc nulls first, event_id asc, is_asked desc
            rows between unbounded preceding and 1 preceding
        ), 0) as used_fen
    from taken
)

select
    s.event_id,
    s.event_kind,
    s.person_key,
    s.benefit_year,
    s.event_on,
    s.ordered_on,
    s.ordered_at,
    s.base_fen,
    s.maf_fen,
    s.pair_no,
    s.is_plain,
    s.has_window,
    s.needs_category,
    s.held_then,
    s.needed_med_type,
    s.needed_dise_code,
    s.needed_on,
    s.earlier_fen
from sure as s
left join used as u
    on s.event_id = u.event_id and s.event_kind = u.event_kind and s.purse.bucket_code = u.bucket_code and u.is_asked
where
    -- what the window paid would turn from an earlier payer into an advance: no closed form
    not (s.has_window and (s.needs_category or s.needed_med_type is not null or s.needed_dise_code is not null))
    -- whichever of the claim's categories counts, its bound of the purse must not be used up
    and (
        s.purse is null
        or u.used_fen < list_min(list_transform(
            list_filter(s.purse.bounds, lambda one: (s.held_then & one.bit) <> 0), lambda one: one.fen
        ))
    )
    -- the base itself would be scaled otherwise
    and not (
        $has_scales and (s.needs_category or s.needed_med_type is not null or s.needed_dise_code is not null or s.needed_on is not null)
    )
