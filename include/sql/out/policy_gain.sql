-- out.policy_gain: who gains from which policy: people, claims and relief by benefit and the category that counted, of month and year
-- grain: scope, benefit_code, category_code
-- reads: out.relief_part, out.paid_part
-- source: 001, policy portrait (政策画像); fees and packages are claims as well; what was paid is of the same claims
-- noqa: disable=RF02
with relief as (
    select
        'year' as scope,
        *
    from out.relief_part
    union all
    select
        'month' as scope,
        *
    from out.relief_part
    where calendar_month = $run_month
),

paid as (
    select
        scope,
        benefit_code,
        category_code,
        any_value(department_code) as department_code,
        any_value(fund_code) as fund_code,
        cast(sum(paid_fen) as bigint) as paid_fen
    from (
        select
            'year' as scope,
            *
        from out.paid_part
        union all
        select
            'month' as scope,
            *
        from out.paid_part
        where calendar_month = $run_month
    ) as scoped
    group by scope, benefit_code, category_code
),

gained as (
    select
        scope,
        benefit_code,
        category_code,
        any_value(tier_code) as tier_code,
        any_value(department_code) as department_code,
        any_value(fund_code) as fund_code,
        count(distinct person_key) as people,
        count(distinct event_id) as visits,
        cast(sum(relief_fen) as bigint) as relief_fen,
        cast(sum(held_fen) as bigint) as held_fen
    from relief
    group by scope, benefit_code, category_code
)

select
    coalesce(g.scope, p.scope) as scope,
    g.tier_code,
    coalesce(g.department_code, p.department_code) as department_code,
    coalesce(g.fund_code, p.fund_code) as fund_code,
    coalesce(g.benefit_code, p.benefit_code) as benefit_code,
    coalesce(g.category_code, p.category_code) as category_code,
    coalesce(g.people, 0) as people,
    coalesce(g.visits, 0) as visits,
    coalesce(g.relief_fen, 0) as relief_fen,
    coalesce(g.held_fen, 0) as held_fen,
    coalesce(p.paid_fen, 0) as paid_fen,
    coalesce(g.people, 0) < $small_cell as is_small
from gained as g
full join paid as p on g.scope = p.scope and g.benefit_code = p.benefit_code and g.category_code = p.category_code
