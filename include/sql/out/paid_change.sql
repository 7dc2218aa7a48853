-- out.paid_change: by what the money that reached an account for a month's care differs between two printings of the portrait, by category
-- grain: category_code, cause
-- reads: out.person_month_before, out.person_month_after
-- source: docs/howto/read-the-portrait.md; who came to or left a category brings or takes what was paid then; the rest is money; works within
-- a task only
with side as (
    select
        'then' as side,
        person_key,
        categories,
        paid_fen
    from out.person_month_before
    where calendar_month = $run_month
    union all
    select
        'now' as side,
        person_key,
        categories,
        paid_fen
    from out.person_month_after
    where calendar_month = $run_month
),

person as (
    select
        person_key,
        coalesce(sum(paid_fen) filter (where side = 'then'), 0) as then_fen,
        coalesce(sum(paid_fen) filter (where side = 'now'), 0) as now_fen
    from side
    group by person_key
),

member as (
    select
        side,
        person_key,
        unnest(case when len(categories) = 0 then ['NONE', 'TOTAL'] else list_append(categories, 'TOTAL') end) as category_code
    from side
),

placed as (
    select
        m.category_code,
        p.then_fen,
        p.now_fen,
        bool_or(m.side = 'then') as was_in,
        bool_or(m.side = 'now') as is_in
    from member as m
    inner join person as p on m.person_key = p.person_key
    group by m.category_code, m.person_key, p.then_fen, p.now_fen
),

moved as (
    select
        category_code,
        case when is_in = (category_code <> 'NONE') then 'identity_added' else 'identity_revoked' end as cause,
        case when is_in then then_fen else -then_fen end as part_fen
    from placed
    where was_in <> is_in
    union all
    select
        category_code,
        case when now_fen > then_fen then 'money_paid' else 'money_back' end as cause,
        now_fen - then_fen as part_fen
    from placed
    where is_in
),

total as (
    select
        category_code,
        cast(coalesce(sum(then_fen) filter (where was_in), 0) as bigint) as then_fen,
        cast(coalesce(sum(now_fen) filter (where is_in), 0) as bigint) as now_fen
    from placed
    group by category_code
)

select
    t.category_code,
    coalesce(m.cause, 'none') as cause,
    any_value(t.then_fen) as then_fen,
    any_value(t.now_fen) as now_fen,
    cast(coalesce(sum(m.part_fen), 0) as bigint) as part_fen
from total as t
left join moved as m on t.category_code = m.category_code and m.part_fen <> 0
group by t.category_code, coalesce(m.cause, 'none')
