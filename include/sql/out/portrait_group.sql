-- out.portrait_group: the portrait of groups (群体画像): people, visits and money of the month by category, age, sex and town
-- grain: calendar_month, category_code, age_band, gend, town
-- reads: facts.person_month
-- source: 001, live portrait; a person in two categories counts in both, a small cell is marked and must not leave the bureau
with listed as (
    select
        unnest(categories) as category_code,
        case
            when birth_year is null then 'unknown'
            when cast($run_month[1:4] as integer) - birth_year < 18 then '00-17'
            when cast($run_month[1:4] as integer) - birth_year < 45 then '18-44'
            when cast($run_month[1:4] as integer) - birth_year < 60 then '45-59'
            when cast($run_month[1:4] as integer) - birth_year < 75 then '60-74'
            else '75+'
        end as age_band,
        coalesce(gend, '9') as gend,
        coalesce(town, 'unknown') as town,
        visits,
        stays,
        cost_fen,
        fund_fen,
        burden_fen
    from facts.person_month
    where calendar_month = $run_month
)

select
    $run_month as calendar_month,
    category_code,
    age_band,
    gend,
    town,
    count(*) as people,
    count(*) filter (where visits > 0) as people_treated,
    cast(sum(visits) as bigint) as visits,
    cast(sum(stays) as bigint) as stays,
    cast(sum(cost_fen) as bigint) as cost_fen,
    cast(sum(fund_fen) as bigint) as fund_fen,
    cast(sum(burden_fen) as bigint) as burden_fen,
    count(*) < $small_cell as is_small
from listed
group by category_code, age_band, gend, town
