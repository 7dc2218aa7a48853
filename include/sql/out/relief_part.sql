-- out.relief_part: one row a claim of the year to date and benefit with its assessed relief, in the month that the record lays it in
-- grain: event_id, benefit_code
-- reads: out.assessment, out.award_line, out.award_share, facts.care_placed
-- source: docs/howto/read-the-portrait.md; care stands in the month it was settled in, other claims in that of their day; a sum of the
-- year lies on its claims by its shares; works within a task, is not published
-- noqa: disable=RF02
with claim as (
    select
        a.event_id,
        a.event_kind,
        coalesce(p.calendar_month, strftime(a.event_on, '%Y-%m')) as calendar_month
    from out.assessment as a
    left join facts.care_placed as p on a.event_id = p.event_id and a.event_kind = 'care'
),

part as (
    select
        event_id,
        person_key,
        tier_code,
        department_code,
        benefit_code,
        fund_code,
        category_code,
        amount_fen,
        is_held
    from out.award_line
    where event_id is not null
    union all
    select
        s.event_id,
        s.person_key,
        l.tier_code,
        l.department_code,
        l.benefit_code,
        l.fund_code,
        l.category_code,
        s.amount_fen,
        s.is_held
    from out.award_share as s
    inner join out.award_line as l
        on l.event_id is null and s.person_key = l.person_key and s.benefit_year = l.benefit_year and s.benefit_code = l.benefit_code
)

select
    p.event_id,
    p.person_key,
    c.calendar_month,
    c.event_kind,
    p.tier_code,
    p.department_code,
    p.benefit_code,
    p.fund_code,
    p.category_code,
    p.amount_fen as relief_fen,
    if(p.is_held, p.amount_fen, cast(0 as bigint)) as held_fen
from part as p
inner join claim as c on p.event_id = c.event_id
where list_contains(cast($months as varchar[]), c.calendar_month)
