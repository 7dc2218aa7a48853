-- out.assessment: one row a claim: its base, relief and outcome, with the reason of a refusal or a hold
-- grain: event_id
-- reads: facts.care_event, out.claim, out.award_chain, out.award_line, out.award_share
-- source: docs/reference/relief-semantics.md, section 7; the first reason that fits decides
with
-- claims with a held line, or share of a sum of the year
late as (
    select event_id
    from out.award_line
    where is_held and event_id is not null
    union
    select event_id
    from out.award_share
    where is_held
),

-- what lies on claims: lines, and the shares of sums of the year
money as (
    select
        event_id,
        amount_fen,
        is_held
    from out.award_line
    where event_id is not null
    union all
    select
        event_id,
        amount_fen,
        is_held
    from out.award_share
),

-- of claims with a held line: what is held, and whether another line stands
doubtful as (
    select
        m.event_id,
        cast(sum(m.amount_fen) filter (where m.is_held) as bigint) as held_fen,
        bool_or(m.amount_fen <> 0 and not m.is_held) as has_firm_amount
    from money as m
    inner join late as l on m.event_id = l.event_id
    group by m.event_id
),

-- window relief of a claim that no benefit covers is an earlier payer, like that of one which the counting benefit does not cover
uncovered as (
    select
        *,
        case when $maf_is_window_relief and base_fen is not null then least(base_fen, maf_fen) else 0 end as earlier_fen
    from out.claim
    where not is_firm and (covers = 0 or base_fen is null or is_stopped)
),

met as (
    select
        event_id,
        event_kind,
        person_key,
        benefit_year,
        event_on,
        3 as gate,
        base_fen,
        relief_fen,
        window_fen,
        earlier_fen,
        left_fen,
        covers = 0 as is_left_out,
        false as is_refused,
        seen,
        false as is_elsewhere,
        null as stopped_state,
        null as stopped_code
    from out.award_chain
    where not is_firm
    union all
    select
        event_id,
        event_kind,
        person_key,
        benefit_year,
        event_on,
        gate,
        base_fen,
        0 as relief_fen,
        0 as window_fen,
        earlier_fen,
        base_fen - earlier_fen as left_fen,
        false as is_left_out,
        gate = 3 and covers = 0 as is_refused,
        0 as seen,
        is_elsewhere,
        stopped_state,
        stopped_code
    from uncovered
),

-- claims for which another payer has not delivered
unknown_payer as (
    select
        event_id,
        payers_unknown
    from facts.care_event
    where payers_unknown is not null and array_length(payers_unknown) > 0
),

-- claims whose base counts a payer that has not delivered as nothing
provisional as (
    select
        event_id,
        event_kind
    from out.claim
    where is_provisional and not is_firm
),

closing_paid as (
    select distinct
        person_key,
        benefit_year
    from out.award_line
    where list_contains(cast($closing as varchar[]), benefit_code)
),

-- claims of years that are over and stayed within a deductible which closes them: no benefit that closes paid in the year
closed as (
    select
        c.event_id,
        c.event_kind
    from out.claim as c
    left join closing_paid as p on c.person_key = p.person_key and c.benefit_year = p.benefit_year
    where c.closes and not c.is_firm and c.benefit_year < cast($this_year as integer) and p.person_key is null  -- noqa: RF02
),

judged as (
    select
        m.*,
        c.event_id is not null as is_closed,
        coalesce(d.held_fen, 0) as held_fen,
        d.event_id is not null and (m.seen & 32) <> 0 and not d.has_firm_amount as is_waiting,
        coalesce(u.payers_unknown, cast([] as varchar[])) as payers_unknown,
        p.event_id is not null as is_provisional
    from met as m
    left join doubtful as d on m.event_id = d.event_id
    left join unknown_payer as u on m.event_id = u.event_id and m.event_kind = 'care'
    left join provisional as p on m.event_id = p.event_id and m.event_kind = p.event_kind
    left join closed as c on m.event_id = c.event_id and m.event_kind = c.event_kind
),

reasoned as (
    select
        *,
        case
            when gate = 0 and is_elsewhere then 'HUKOU_ELSEWHERE'
            when gate = 0 then 'NO_CATEGORY'
            when gate = 1 then 'CARE_NOT_COVERED'
            when gate = 2 then 'POLICY_EXPIRED'
            when is_refused then 'BENEFIT_REFUSED'
            when stopped_state is not null then stopped_code
            when base_fen is null then 'PAYER_UNKNOWN'
            when is_waiting then 'IDENTITY_PROVISIONAL'
            when (seen & 32) <> 0 then null
            when (seen & 16) <> 0 then 'WINDOW_PAID'
            when is_left_out then 'LEFT_OUT'
            when (seen & 1) = 0 then 'NOTHING_LEFT'
            when (seen & 2) = 0 and is_closed then 'YEAR_CLOSED'
            when (seen & 2) = 0 then 'BELOW_DEDUCTIBLE'
            when (seen & 4) <> 0 then 'CAP_REACHED'
            when (seen & 8) <> 0 then 'BETTER_ELSEWHERE'
            when (seen & 64) = 0 then 'BELOW_DEDUCTIBLE'
            when (seen & 128) <> 0 then 'MET_EARLIER'
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
    cast(relief_fen as bigint) as relief_fen,
    held_fen,
    cast(window_fen as bigint) as window_fen,
    cast(earlier_fen as bigint) as earlier_fen,
    left_fen,
    case
        when reason_code is null then 'PAID'
        when reason_code = stopped_code and not is_refused then stopped_state
        when reason_code in ('PAYER_UNKNOWN', 'IDENTITY_PROVISIONAL') then 'HELD'
        else 'REFUSED'
    end as outcome,
    reason_code,
    payers_unknown,
    is_provisional
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
    'REFUND_STRUCK' as reason_code,
    cast([] as varchar[]) as payers_unknown,
    false as is_provisional
from facts.care_event
where state = 'STRUCK' and list_contains(cast($years as integer[]), benefit_year)
