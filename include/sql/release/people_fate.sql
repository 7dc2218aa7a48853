-- release.people_fate: what becomes of each group of the chosen recoding: kept, or suppressed, by itself or for another's sake; never published
-- grain: age_band, gend, town, category
-- reads: release.people_class
-- source: docs/reference/release.md (secondary suppression)
-- A town's total gives back what is suppressed in it unless that is nothing, or several groups, k people together, and more people than
-- groups. Where it would, the smallest safe group goes too: it brings k people, so that one is enough. A town without a safe group keeps its
-- total back; so does the smallest other town where the county's total would give back what those towns suppress.
with chosen as (
    select
        age_band,
        gend,
        town,
        category,
        people,
        disease_groups,
        relief_bands,
        is_safe,
        row_number() over (partition by town, is_safe order by people, age_band, gend, category) as place
    from release.people_class
    where recoding_no = $recoding_no
),

of_town as (
    select
        town,
        count(*) filter (where is_safe) as groups_safe,
        count(*) filter (where not is_safe) as groups_unsafe,
        coalesce(sum(people) filter (where not is_safe), 0) as people_unsafe
    from chosen
    group by town
),

first_look as (
    select
        c.*,
        t.groups_safe,
        t.groups_unsafe = 0 or (t.groups_unsafe >= 2 and t.people_unsafe >= $k and t.people_unsafe > t.groups_unsafe) as is_covered  -- noqa: RF02
    from chosen as c
    inner join of_town as t on c.town = t.town
),

looked as (
    select
        *,
        not is_safe or (not is_covered and place = 1) as is_gone,
        not is_covered and groups_safe = 0 as is_total_kept_back
    from first_look
),

-- what the county's total would give back: all that is gone in towns whose total is kept back
outside as (
    select
        count(*) as groups_gone,
        coalesce(sum(people), 0) as people_gone
    from looked
    where is_total_kept_back
),

spare as (
    select town
    from looked
    where not is_gone and not is_total_kept_back
    order by people, town, age_band, gend, category
    limit 1
),

second_look as (
    select
        l.*,
        (o.groups_gone = 0 or (o.groups_gone >= 2 and o.people_gone >= $k and o.people_gone > o.groups_gone)) as is_county_covered,  -- noqa: RF02
        coalesce(l.town = s.town, false) as is_of_spare,
        row_number() over (partition by l.town, l.is_gone order by l.people, l.age_band, l.gend, l.category) as place_left
    from looked as l
    cross join outside as o
    left join spare as s on true
)

select
    age_band,
    gend,
    town,
    category,
    people,
    disease_groups,
    relief_bands,
    case
        when not is_safe then 'SMALL_OR_UNIFORM'
        when is_gone then 'FOR_ANOTHER'
        when not is_county_covered and is_of_spare and place_left = 1 then 'FOR_ANOTHER'
        else 'KEPT'
    end as fate,
    is_total_kept_back or (not is_county_covered and is_of_spare) as is_total_kept_back
from second_look
