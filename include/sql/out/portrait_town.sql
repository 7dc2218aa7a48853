-- out.portrait_town: listed people of the month by town, each once whatever their categories, their care and their relief, with a total
-- grain: calendar_month, town
-- reads: out.person_month
-- source: 001, live portrait; empty text where no list says the town
with listed as (
    select
        coalesce(town, '') as town,
        visits,
        cost_fen,
        burden_fen,
        relief_fen
    from out.person_month
    where calendar_month = $run_month and len(categories) > 0
)

select
    $run_month as calendar_month,
    case when grouping(town) = 1 then 'TOTAL' else town end as town,
    count(*) as people,
    count(*) filter (where visits > 0) as people_treated,
    count(*) filter (where relief_fen <> 0) as people_relieved,
    cast(sum(visits) as bigint) as visits,
    cast(sum(cost_fen) as bigint) as cost_fen,
    cast(sum(burden_fen) as bigint) as burden_fen,
    cast(sum(relief_fen) as bigint) as relief_fen,
    count(*) < $small_cell as is_small
from listed
group by
    grouping sets ((town), ())
