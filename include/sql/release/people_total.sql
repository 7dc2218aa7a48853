-- release.people_total: the listed people of a town, and of the county, suppressed ones included; null where it would give back a group
-- grain: town
-- reads: release.people_fate
-- source: docs/reference/release.md (secondary suppression)
with by_town as (
    select
        town,
        cast(sum(people) as bigint) as people,
        cast(coalesce(sum(people) filter (where fate = 'KEPT'), 0) as bigint) as people_released,
        bool_or(is_total_kept_back) as is_kept_back
    from release.people_fate
    group by town
),

outside as (
    select
        count(*) as groups_gone,
        coalesce(sum(people), 0) as people_gone
    from release.people_fate
    where is_total_kept_back and fate <> 'KEPT'
)

select
    $made_at as as_of,
    $run_month as calendar_month,
    town,
    case when not is_kept_back then people end as people,
    people_released
from by_town
where town <> 'all'
union all
select
    $made_at as as_of,  -- noqa: RF02
    $run_month as calendar_month,  -- noqa: RF02
    'COUNTY' as town,
    cast(
        case
            when max(o.groups_gone) = 0 then sum(t.people)
            when max(o.groups_gone) >= 2 and max(o.people_gone) >= $k and max(o.people_gone) > max(o.groups_gone) then sum(t.people)  -- noqa: RF02
        end as bigint
    ) as people,
    cast(sum(t.people_released) as bigint) as people_released
from by_town as t
cross join outside as o
having count(*) > 0
