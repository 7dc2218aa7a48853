-- one row: a posting that apply writes into the ledger.
-- grain: person_key, benefit_code, benefit_year, event_id, posting_no.
-- reads: out.posting_change, ledger.award_posting.
-- source: 001 chapter 2; a correction is a new record that names the one it reverses.
-- Less entitlement takes back the newest postings first. New money covered by what the same department takes back from the same
-- person needs no decision; when the person's whole change is not above zero, none of it does. $go_live_on: null pays everything.
with
taken as (
    select
        reverses_award_id,
        sum(amount_fen) as taken_fen
    from ledger.award_posting
    where reverses_award_id is not null
    group by reverses_award_id
),

standing as (
    select
        granted.person_key,
        granted.benefit_code,
        granted.benefit_year,
        granted.event_id,
        granted.award_id,
        granted.posting_no as reversed_no,
        granted.kind,
        granted.fate,
        granted.category_code,
        granted.clause_id,
        granted.department_code,
        granted.fund_code,
        granted.amount_fen + coalesce(taken.taken_fen, 0) as standing_fen
    from ledger.award_posting as granted
    left join taken on granted.award_id = taken.reverses_award_id
    where granted.amount_fen > 0
),

stacked as (
    select
        standing.*,
        -change.change_fen as wanted_fen,
        change.last_posting_no,
        coalesce(sum(standing.standing_fen) over (
            partition by standing.person_key, standing.benefit_code, standing.benefit_year, standing.event_id
            order by standing.reversed_no desc
            rows between unbounded preceding and 1 preceding
        ), 0) as newer_fen
    from standing
    inner join out.posting_change as change
        on
            standing.person_key = change.person_key
            and standing.benefit_code = change.benefit_code
            and standing.benefit_year = change.benefit_year
            and standing.event_id = change.event_id
    where change.change_fen < 0 and standing.standing_fen > 0
),

reversal as (
    select
        *,
        -least(standing_fen, wanted_fen - newer_fen) as amount_fen
    from stacked
    where wanted_fen > newer_fen
),

taken_back as (
    select
        person_key,
        benefit_code,
        benefit_year,
        event_id,
        sum(amount_fen) as amount_fen
    from reversal
    group by person_key, benefit_code, benefit_year, event_id
),

below_zero as (
    select
        change.*,
        change.change_fen - coalesce(taken_back.amount_fen, 0) as amount_fen
    from out.posting_change as change
    left join taken_back
        on
            change.person_key = taken_back.person_key
            and change.benefit_code = taken_back.benefit_code
            and change.benefit_year = taken_back.benefit_year
            and change.event_id = taken_back.event_id
    where change.change_fen < 0
),

less as (
    select
        person_key,
        benefit_code,
        benefit_year,
        event_id,
        cast(null as date) as event_on,
        kind,
        category_code,
        clause_id,
        department_code,
        fund_code,
        amount_fen,
        award_id as reverses_award_id,
        fate = 'effective' as is_effective,
        true as is_covered,
        last_posting_no,
        -reversed_no as place
    from reversal
    union all
    select
        person_key,
        benefit_code,
        benefit_year,
        event_id,
        event_on,
        if(coalesce(event_on < $go_live_on, false), 'opening', 'award') as kind,
        category_code,
        clause_id,
        department_code,
        fund_code,
        amount_fen,
        null as reverses_award_id,
        true as is_effective,
        true as is_covered,
        last_posting_no,
        1 as place
    from below_zero
    where amount_fen < 0
),

more as (
    select
        * replace (opening_fen as change_fen),
        'opening' as kind
    from out.posting_change
    where opening_fen > 0
    union all
    select
        * replace (change_fen - greatest(opening_fen, 0) as change_fen),
        'award' as kind
    from out.posting_change
    where change_fen > greatest(opening_fen, 0)
),

department_change as (
    select
        person_key,
        department_code,
        sum(change_fen) filter (change_fen > 0) as more_fen,
        sum(change_fen) as net_fen
    from (
        select
            person_key,
            department_code,
            change_fen
        from more
        where kind = 'award'
        union all
        select
            person_key,
            department_code,
            amount_fen
        from less
        where kind = 'award' and is_effective
    ) as change
    group by person_key, department_code
),

cover as (
    select
        person_key,
        department_code,
        if(
            sum(net_fen) over (partition by person_key) <= 0,
            coalesce(more_fen, 0),
            coalesce(more_fen, 0) - greatest(net_fen, 0)
        ) as covered_fen
    from department_change
),

spread as (
    select
        more.*,
        case
            when more.kind = 'opening' then more.change_fen
            else least(more.change_fen, greatest(0, cover.covered_fen - coalesce(sum(more.change_fen) over (
                partition by more.person_key, more.department_code, more.kind
                order by more.event_on, more.event_id, more.benefit_code, more.benefit_year
                rows between unbounded preceding and 1 preceding
            ), 0)))
        end as covered_fen
    from more
    left join cover on more.person_key = cover.person_key and more.department_code = cover.department_code
),

due as (
    select * from less
    union all
    select
        person_key,
        benefit_code,
        benefit_year,
        event_id,
        event_on,
        kind,
        category_code,
        clause_id,
        department_code,
        fund_code,
        covered_fen as amount_fen,
        null as reverses_award_id,
        true as is_effective,
        true as is_covered,
        last_posting_no,
        if(kind = 'opening', 2, 3) as place
    from spread
    where covered_fen > 0
    union all
    select
        person_key,
        benefit_code,
        benefit_year,
        event_id,
        event_on,
        kind,
        category_code,
        clause_id,
        department_code,
        fund_code,
        change_fen - covered_fen as amount_fen,
        null as reverses_award_id,
        true as is_effective,
        false as is_covered,
        last_posting_no,
        4 as place
    from spread
    where change_fen > covered_fen
)

select
    person_key,
    benefit_code,
    benefit_year,
    event_id,
    event_on,
    kind,
    category_code,
    clause_id,
    department_code,
    fund_code,
    cast(amount_fen as bigint) as amount_fen,
    reverses_award_id,
    is_covered,
    cast(last_posting_no + row_number() over (
        partition by person_key, benefit_code, benefit_year, event_id
        order by place
    ) as integer) as posting_no
from due
order by person_key, benefit_code, benefit_year, event_id, posting_no
