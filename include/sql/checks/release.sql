-- checks.release: nobody is lost, every group is large and mixed enough, totals add up and give nothing back
-- grain: check_code
-- reads: release.people_candidate, release.people, release.people_group, release.people_total, release.people_fate
-- source: docs/reference/release.md
with grouped as (
    select
        age_band,
        gend,
        town,
        category,
        count(*) as people,
        count(distinct disease_group) as disease_groups,
        count(distinct relief_band) as relief_bands
    from release.people
    group by age_band, gend, town, category
),

counted as (
    select
        (select count(*) from release.people_candidate) as people_in,
        (select count(*) from release.people) as people_out,
        (select coalesce(sum(people) filter (where fate <> 'KEPT'), 0) from release.people_fate) as people_gone
),

told as (
    select
        f.town,
        count(*) filter (where f.fate <> 'KEPT') as groups_gone,
        coalesce(sum(f.people) filter (where f.fate <> 'KEPT'), 0) as people_gone
    from release.people_fate as f
    inner join release.people_total as t on f.town = t.town and t.people is not null
    group by f.town
    union all
    select
        'COUNTY' as town,
        count(*) as groups_gone,
        coalesce(sum(f.people), 0) as people_gone
    from release.people_fate as f
    inner join release.people_total as t on t.town = 'COUNTY' and t.people is not null
    where f.fate <> 'KEPT' and f.is_total_kept_back
),

found as (
    select
        'people_accounted' as check_code,
        people_in as examined,
        abs(people_in - people_out - people_gone) as failures
    from counted
    union all
    select
        'groups_large' as check_code,
        count(*) as examined,
        count(*) filter (where people < $k) as failures
    from grouped
    union all
    select
        'groups_mixed' as check_code,
        count(*) as examined,
        count(*) filter (where disease_groups < $l_disease_group or relief_bands < $l_relief_band) as failures
    from grouped
    union all
    select
        'groups_told' as check_code,
        count(*) as examined,
        count(*) filter (where g.people is distinct from t.people) as failures
    from grouped as g
    full join release.people_group as t
        on g.age_band = t.age_band and g.gend = t.gend and g.town = t.town and g.category = t.category
    union all
    select
        'totals_give_nothing_back' as check_code,
        count(*) as examined,
        count(*) filter (
            where groups_gone > 0 and not (groups_gone >= 2 and people_gone >= $k and people_gone > groups_gone)
        ) as failures
    from told
)

select
    check_code,
    cast(examined as bigint) as examined,
    cast(failures as bigint) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from found
