-- out.category_pair: people of the month who hold two categories at once, by pair; a category beside itself is everybody who holds it
-- grain: category_code, other_category_code
-- reads: out.person_month
-- source: 001, overlaps of the twelve categories; both orders of a pair are listed, so that the table reads as a square
with month_of_run as (
    select *
    from out.person_month
    where calendar_month = $run_month and len(categories) > 0
),

paired as (
    select
        one_side.*,
        unnest(one_side.categories) as other_category_code
    from (
        select
            *,
            unnest(categories) as category_code
        from month_of_run
    ) as one_side
)

select
    $run_month as calendar_month,
    category_code,
    other_category_code,
    count(*) as people,
    count(*) filter (where visits > 0) as people_treated,
    cast(sum(visits) as bigint) as visits,
    cast(sum(cost_fen) as bigint) as cost_fen,
    cast(sum(burden_fen) as bigint) as burden_fen,
    cast(sum(relief_fen) as bigint) as relief_fen,
    count(*) < $small_cell as is_small
from paired
group by category_code, other_category_code
