-- out.category_set: people of the month by the whole set of categories that they hold; every listed person stands in one row
-- grain: category_set
-- reads: out.person_month
-- source: 001, overlaps of the twelve categories
select
    $run_month as calendar_month,
    array_to_string(categories, '+') as category_set,
    len(categories) as categories_held,
    count(*) as people,
    count(*) filter (where visits > 0) as people_treated,
    cast(sum(visits) as bigint) as visits,
    cast(sum(cost_fen) as bigint) as cost_fen,
    cast(sum(burden_fen) as bigint) as burden_fen,
    cast(sum(relief_fen) as bigint) as relief_fen,
    count(*) < $small_cell as is_small
from out.person_month
where calendar_month = $run_month and len(categories) > 0
group by categories
