-- out.assessment: one row a claim: its base, relief and outcome, with the reason of a refusal or a hold
-- grain: event_id
-- reads: facts.care_event, out.claim, out.award_chain, out.award_line
-- source: docs/reference/relief-semantics.md, section 7; the first reason that fits decides
with paid as (
    select
        event_id,
        cast(sum(amount_fen) as bigint) as relief_fen,
        cast(coalesce(sum(amount_fen) filter (where is_held), 0) as bigint) as held_fen,
        cast(sum(window_fen) as bigint) as window_fen,
        bool_or(amount_fen <> 0) as has_amount,
        bool_or(amount_fen <> 0 and not is_held) as has_firm_amount
    from out.award_line
    group by event_id
),

-- window relief of a claim that the counting benefit does not cover is an earlier payer
claimed as (
    select
        *,
        case when $maf_is_window_relief then least(base_fen, maf_fen) else 0 end as outside_fen
    from out.claim
    where not is_firm
),

judged as (
    select
        c.*,
        coalesce(p.relief_fen, 0) as relief_fen,
        coalesce(p.held_fen, 0) as held_fen,
        coalesce(p.window_fen, 0) as window_fen,
        coalesce(a.earlier_fen, c.outside_fen) as earlier_fen,
        coalesce(a.left_fen, c.base_fen - c.outside_fen) as left_fen,
        p.event_id is not null as has_line,
        coalesce(p.has_amount, false) as has_amount,
        coalesce(p.has_firm_amount, false) as has_firm_amount,
        coalesce(a.seen, 0) as seen
    from claimed as c
    left join out.award_chain as a on c.event_id = a.event_id and c.event_kind = a.event_kind and not a.is_firm
    left join paid as p on c.event_id = p.event_id
),

reasoned as (
    select
        *,
        case
            when gate = 0 then 'NO_CATEGORY'
            when gate = 1 then 'CARE_NOT_COVERED'
            when gate = 2 then 'POLICY_EXPIRED'
            when base_fen is null then 'PAYER_UNKNOWN'
            when has_amount and not has_firm_amount then 'IDENTITY_PROVISIONAL'
            when has_amount then null
            when has_line then 'WINDOW_PAID'
            when (seen & 1) = 0 then 'NOTHING_LEFT'
            when (seen & 2) = 0 then 'BELOW_DEDUCTIBLE'
            when (seen & 4) <> 0 then 'CAP_REACHED'
            when (seen & 8) <> 0 then 'BETTER_ELSEWHERE'
            else 'BELOW_ONE_FEN'
        end as reason_code
    from judged
)

select
    event_id,
    event_kind,
    person_key,
    benefit_year,
    event_on,
    base_fen,
    relief_fen,
    held_fen,
    window_fen,
    case when base_fen is null then 0 else earlier_fen end as earlier_fen,
    left_fen,
    case
        when reason_code is null then 'PAID'
        when reason_code in ('PAYER_UNKNOWN', 'IDENTITY_PROVISIONAL') then 'HELD'
        else 'REFUSED'
    end as outcome,
    reason_code
from reasoned
union all
select
    event_id,
    'care' as event_kind,
    person_key,
    benefit_year,
    case when $is_by_discharge then until_on else settled_on end as event_on,
    cast(0 as bigint) as base_fen,
    cast(0 as bigint) as relief_fen,
    cast(0 as bigint) as held_fen,
    cast(0 as bigint) as window_fen,
    cast(0 as bigint) as earlier_fen,
    cast(0 as bigint) as left_fen,
    'REFUSED' as outcome,
    'REFUND_STRUCK' as reason_code
from facts.care_event
where state = 'STRUCK' and list_contains(cast($years as integer[]), benefit_year)
