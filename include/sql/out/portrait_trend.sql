-- out.portrait_trend: people, visits and money by month of the year to date and category; TOTAL is everybody once, NONE the unlisted
-- grain: calendar_month, category_code
-- reads: out.person_month
-- source: 001, live portrait; a person in two categories counts in both and once in TOTAL
with member as (
    select
        *,
        unnest(case when len(categories) = 0 then ['NONE', 'TOTAL'] else list_append(categories, 'TOTAL') end) as category_code
    from out.person_month
)

select
    calendar_month,
    category_code,
    count(*) as people,
    count(*) filter (where visits > 0) as people_treated,
    count(*) filter (where relief_fen <> 0) as people_relieved,
    cast(sum(visits) as bigint) as visits,
    cast(sum(stays) as bigint) as stays,
    cast(sum(cost_fen) as bigint) as cost_fen,
    cast(sum(fund_fen) as bigint) as fund_fen,
    cast(sum(burden_fen) as bigint) as burden_fen,
    cast(sum(relief_fen) as bigint) as relief_fen,
    cast(sum(paid_fen) as bigint) as paid_fen,
    count(*) filter (where is_catastrophic) as people_catastrophic,
    count(*) filter (where is_long_stay) as people_long_stay,
    count(*) filter (where is_frequent) as people_frequent,
    count(*) filter (where is_dialysis) as people_dialysis,
    count(*) filter (where is_newly_poor) as people_newly_poor,
    count(*) < $small_cell as is_small
from member
group by calendar_month, category_code
