-- release.people_recoded: a person of the month in the words of one recoding; never published
-- grain: recoding_no, person_key
-- reads: release.people_candidate
-- source: GB/T 37964-2019 (guide): generalisation
with recoding as (
    select
        unnest(cast($recoding_nos as integer[])) as recoding_no,
        unnest(cast($age_levels as varchar[])) as age_level,
        unnest(cast($gend_levels as varchar[])) as gend_level,
        unnest(cast($town_levels as varchar[])) as town_level,
        unnest(cast($category_levels as varchar[])) as category_level
),

banded as (
    select
        r.*,
        c.*,
        try_cast(r.age_level as integer) as years,
        c.age // try_cast(r.age_level as integer) * try_cast(r.age_level as integer) as age_from
    from recoding as r
    cross join release.people_candidate as c
)

select
    recoding_no,
    person_key,
    case
        when age_level = 'all' then 'all'
        when age_from is null then 'unknown'
        -- few are older than ninety: the last band is open
        when age_from + years > 90 then cast(90 // years * years as varchar) || '+'
        else lpad(cast(age_from as varchar), 2, '0') || '-' || lpad(cast(age_from + years - 1 as varchar), 2, '0')
    end as age_band,
    case gend_level when 'all' then 'all' else gend end as gend,
    case town_level when 'all' then 'all' when 'group' then town_group else town end as town,
    case category_level when 'all' then 'all' when 'single' then category_single else category_set end as category,
    disease_group,
    relief_band
from banded
