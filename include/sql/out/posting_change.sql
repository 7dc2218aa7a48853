-- one row: an entitlement that differs from what the ledger has posted for it.
-- grain: person_key, benefit_code, benefit_year, event_id.
-- reads: out.award_line, out.award_opening, out.assessment, ledger.award_posting.
-- source: 001 chapter 2 (relief is what the facts known now give, minus what was granted already).
-- Held amounts are left as they stand, and so is all that the person is due in a year whose paid claim is held. An event that gives nothing any more has the target 0. What a hospital window paid above
-- the benefit offsets other amounts of the same benefit and year and is not taken back beyond them. Every year with a posting is compared: one whose claims were all withdrawn is taken back whole.
-- A sum of the year stands under an empty event_id. It does not fall while a claim of the person's year is held. $go_live_on: what was due
-- before it is an opening (what a clinic is due, out.clinic_due, is no award of a person); of a sum, what the claims of before it give by themselves.
-- An opening below 0 whose event gives nothing any more is lifted by an opening: nobody is paid for it.
with
entitled as (
    select
        person_key,
        benefit_code,
        benefit_year,
        coalesce(event_id, '') as event_id,
        cast(sum(amount_fen) as bigint) as amount_fen,
        bool_or(is_held) as is_held,
        min(event_on) as event_on,
        max_by(category_code, (amount_fen, category_code)) as category_code,
        max_by(clause_id, (amount_fen, category_code)) as clause_id,
        min(department_code) as department_code,
        min(fund_code) as fund_code
    from out.award_line
    where
        event_id is null
        or event_id not in (
            select s.event_id from out.assessment as s
            where s.event_kind = 'service'
        )
    group by person_key, benefit_code, benefit_year, coalesce(event_id, '')
),

offset_by_window as (
    select
        *,
        sum(if(is_held, 0, greatest(amount_fen, 0))) over (partition by person_key, benefit_code, benefit_year) as due_fen,
        coalesce(sum(if(is_held, 0, greatest(-amount_fen, 0))) over (
            partition by person_key, benefit_code, benefit_year
            order by event_on, event_id
            rows between unbounded preceding and 1 preceding
        ), 0) as offset_before_fen
    from entitled
),

target as (
    select
        *,
        cast(if(
            amount_fen >= 0,
            amount_fen,
            -least(-amount_fen, greatest(0, due_fen - offset_before_fen))
        ) as bigint) as target_fen
    from offset_by_window
),

posted as (
    select
        person_key,
        benefit_code,
        benefit_year,
        event_id,
        cast(sum(amount_fen) as bigint) as posted_fen,
        cast(coalesce(sum(amount_fen) filter (where kind = 'opening'), 0) as bigint) as opened_fen,
        max(posting_no) as last_posting_no,
        max_by(category_code, posting_no) as category_code,
        max_by(clause_id, posting_no) as clause_id,
        min(department_code) as department_code,
        min(fund_code) as fund_code
    from ledger.award_posting
    group by person_key, benefit_code, benefit_year, event_id
),

held as (
    select distinct
        event_id,
        person_key,
        benefit_year
    from out.assessment
    where outcome = 'HELD'
),

-- sums of the year that would fall
falling as (
    select
        p.person_key,
        p.benefit_year
    from posted as p
    left join target as t
        on
            p.person_key = t.person_key
            and p.benefit_code = t.benefit_code
            and p.benefit_year = t.benefit_year
            and t.event_id = ''
    where p.event_id = '' and p.posted_fen > coalesce(t.target_fen, 0)
),

-- years in which money stands on a claim that is held now: nothing of them moves until it is decided, or the cap would be paid twice
waiting as (
    select distinct
        person_key,
        benefit_year
    from posted
    where posted_fen > 0 and event_id in (select h.event_id from held as h)
    union
    select
        f.person_key,
        f.benefit_year
    from falling as f
    inner join held as h on f.person_key = h.person_key and f.benefit_year = h.benefit_year
)

select
    coalesce(target.person_key, posted.person_key) as person_key,
    coalesce(target.benefit_code, posted.benefit_code) as benefit_code,
    coalesce(target.benefit_year, posted.benefit_year) as benefit_year,
    coalesce(target.event_id, posted.event_id) as event_id,
    target.event_on,
    coalesce(target.category_code, posted.category_code) as category_code,
    coalesce(target.clause_id, posted.clause_id) as clause_id,
    coalesce(target.department_code, posted.department_code) as department_code,
    coalesce(target.fund_code, posted.fund_code) as fund_code,
    coalesce(target.target_fen, 0) - coalesce(posted.posted_fen, 0) as change_fen,
    cast(case
        when coalesce(target.event_on < $go_live_on, false) then coalesce(target.target_fen, 0) - coalesce(posted.posted_fen, 0)  -- noqa: RF02
        when target.event_id = ''
            then
                least(
                    target.target_fen - coalesce(posted.posted_fen, 0),
                    greatest(0, coalesce(opening.amount_fen, 0) - coalesce(posted.opened_fen, 0))
                )
        when target.event_id is null then least(greatest(0, -posted.posted_fen), greatest(0, -posted.opened_fen))
        else 0
    end as bigint) as opening_fen,
    coalesce(posted.last_posting_no, 0) as last_posting_no
from target
full join posted
    on
        target.person_key = posted.person_key
        and target.benefit_code = posted.benefit_code
        and target.benefit_year = posted.benefit_year
        and target.event_id = posted.event_id
left join out.award_opening as opening
    on
        target.person_key = opening.person_key
        and target.benefit_code = opening.benefit_code
        and target.benefit_year = opening.benefit_year
        and target.event_id = ''
where
    coalesce(target.target_fen, 0) <> coalesce(posted.posted_fen, 0)
    and not coalesce(target.is_held, false)
    and (target.event_id is not null or posted.event_id not in (select held.event_id from held))
    and (coalesce(target.person_key, posted.person_key), coalesce(target.benefit_year, posted.benefit_year))
    not in (select (w.person_key, w.benefit_year) from waiting as w)
order by person_key, benefit_code, benefit_year, event_id
