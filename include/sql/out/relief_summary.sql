-- out.relief_summary: relief by tier, department, benefit and fund, for the month and the year
-- grain: scope, benefit_code
-- reads: out.award_line
-- source: 001, three tiers and seven departments
with scoped as (
    select
        'year' as scope,
        *
    from out.award_line
    where benefit_year = $run_year
    union all
    select
        'month' as scope,
        *
    from out.award_line
    where strftime(event_on, '%Y-%m') = $run_month
)

select
    scope,
    tier_code,
    department_code,
    benefit_code,
    fund_code,
    count(distinct person_key) as people,
    count(distinct event_id) as visits,
    cast(sum(entitled_fen) as bigint) as entitled_fen,
    cast(sum(window_fen) as bigint) as window_fen,
    cast(sum(amount_fen) as bigint) as amount_fen,
    cast(coalesce(sum(amount_fen) filter (where is_held), 0) as bigint) as held_fen
from scoped
group by scope, tier_code, department_code, benefit_code, fund_code
