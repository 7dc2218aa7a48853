-- out.category_counts: people, visits and money of the month by category; ALL is every listed person once, NONE the unlisted
-- grain: calendar_month, category_code
-- reads: facts.person_month
-- source: 001, 人 and 人次 by category
with month_of_run as (
    select *
    from facts.person_month
    where calendar_month = $run_month
),

counted as (
    select
        unnest(case when len(categories) = 0 then ['NONE'] else list_append(categories, 'ALL') end) as category_code,
        len(categories) > 1 as is_in_several,
        is_provisional,
        visits,
        cost_fen,
        fund_fen,
        burden_fen
    from month_of_run
)

select
    $run_month as calendar_month,
    category_code,
    count(*) as people,
    count(*) filter (where is_in_several) as people_in_several,
    count(*) filter (where is_provisional) as people_provisional,
    count(*) filter (where visits > 0) as people_treated,
    cast(sum(visits) as bigint) as visits,
    cast(sum(cost_fen) as bigint) as cost_fen,
    cast(sum(fund_fen) as bigint) as fund_fen,
    cast(sum(burden_fen) as bigint) as burden_fen
from counted
group by category_code
