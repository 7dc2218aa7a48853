-- one row: a list past its day on which people's relief waits (漏救), shown once as the cause instead of each of them.
-- grain: indicator_code, subject_id.
-- reads: out.clock_board, out.award_line, facts.identity_span.
-- source: 001 chapter 4 (四种监督情形); docs/domain 2.1 (late is not wrong: say why).
-- LIST_AWAITED: identities of the list are in doubt since it is late, and relief that rests on them is held. It is nobody's fault but the
-- holder's of the list; who waits is nowhere a lead of his own. A late list on which nothing waits is a miss of its clock only.
with
late as (
    select
        subject_id,
        split_part(subject_id, '|', 1) as list_code,
        holder_department,
        due_on,
        due_at,
        days_late
    from out.clock_board
    where subject_kind = 'list' and state = 'overdue'
),

doubted as (
    select distinct
        list_code,
        person_key
    from facts.identity_span
    where is_provisional and (until is null or until > cast($as_of as date))
),

held as (
    select
        person_key,
        cast(sum(amount_fen) as bigint) as held_fen
    from out.award_line
    where is_held and amount_fen > 0
    group by person_key
)

select
    'LIST_AWAITED' as indicator_code,
    'list' as subject_kind,
    late.subject_id,
    cast(null as varchar) as person_key,
    late.holder_department as department_code,
    cast(null as varchar) as town,
    cast(substr(late.due_at, 1, 10) as date) as arose_on,
    cast(sum(held.held_fen) as bigint) as amount_fen,
    format('list={}; due_on={}; days_late={}; people={}', late.list_code, late.due_on, late.days_late, count(*)) as evidence
from late
inner join doubted on late.list_code = doubted.list_code
inner join held on doubted.person_key = held.person_key
group by late.subject_id, late.list_code, late.holder_department, late.due_on, late.due_at, late.days_late
order by late.subject_id
