-- out.portrait_age: listed people of the month by age band and sex, each once whatever their categories, with totals
-- grain: calendar_month, age_band, gend
-- reads: out.person_month
-- source: 001, live portrait (身份); the year of birth is known of those who were treated in the year
with listed as (
    select
        case
            when birth_year is null then 'unknown'
            when cast($run_month[1:4] as integer) - birth_year < 18 then '00-17'
            when cast($run_month[1:4] as integer) - birth_year < 45 then '18-44'
            when cast($run_month[1:4] as integer) - birth_year < 60 then '45-59'
            when cast($run_month[1:4] as integer) - birth_year < 75 then '60-74'
            else '75+'
        end as age_band,
        coalesce(gend, '9') as gend,
        visits
    from out.person_month
    where calendar_month = $run_month and len(categories) > 0
)

select
    $run_month as calendar_month,
    case when grouping(age_band) = 1 then 'TOTAL' else age_band end as age_band,
    case when grouping(gend) = 1 then 'TOTAL' else gend end as gend,
    count(*) as people,
    count(*) filter (where visits > 0) as people_treated,
    count(*) < $small_cell as is_small
from listed
group by
    grouping sets ((age_band, gend), (age_band), (gend), ())
