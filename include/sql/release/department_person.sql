-- release.department_person: one of a department's own listed people of the month, banded; never published, its key is put in place when it leaves
-- grain: person_key
-- reads: out.person_month, out.award_line, out.radar
-- source: 001, 限权开放: own category, cost bands, own relief, gaps; docs/howto/department-extract.md
-- Own: the month's categories that this department keeps, the relief that it decides. Costs, relief and gaps are of the year to date. What identifies
-- together and is shared by too few is hidden in two steps: age and town first, then the rest.
with own as (
    select
        person_key,
        list_sort(list_intersect(categories, cast($own_categories as varchar[]))) as categories,
        birth_year,
        gend,
        town
    from out.person_month
    where calendar_month = $run_month and list_has_any(categories, cast($own_categories as varchar[]))
),

spent as (
    select
        person_key,
        cast(sum(cost_fen) as bigint) as cost_fen,
        cast(sum(burden_fen) as bigint) as burden_fen
    from out.person_month
    where calendar_month <= $run_month and calendar_month[1:4] = $run_month[1:4]
    group by person_key
),

relieved as (
    select
        person_key,
        cast(sum(entitled_fen) as bigint) as relief_fen
    from out.award_line
    where department_code = $department_code and benefit_year = $run_year and event_on < cast($next_on as date) and not is_held
    group by person_key
),

unenrolled as (
    select distinct person_key
    from out.radar
    where signal_code = 'ENROLMENT_MISSING' and waits_for is null
),

band as (
    select
        unnest(cast($band_names as varchar[])) as band,
        unnest(cast($band_since_fen as bigint[])) as since_fen,
        unnest(cast($band_until_fen as bigint[])) as until_fen
),

banded as (
    select
        o.person_key,
        array_to_string(o.categories, '+') as category,
        case
            when o.birth_year is null or o.birth_year > $run_year then 'unknown'  -- noqa: RF02
            else
                cast(($run_year - o.birth_year) // $age_years * $age_years as varchar)  -- noqa: RF02
                || '-'
                || cast(($run_year - o.birth_year) // $age_years * $age_years + $age_years - 1 as varchar)  -- noqa: RF02
        end as age_band,
        coalesce(o.gend, '9') as gend,
        coalesce(o.town, 'unknown') as town,
        c.band as cost_band,
        b.band as burden_band,
        coalesce(r.relief_fen, 0) as relief_fen,
        concat_ws(
            '+',
            case when u.person_key is not null then 'ENROLMENT_MISSING' end,
            case
                when $decides and coalesce(s.burden_fen, 0) >= $gap_fen and coalesce(r.relief_fen, 0) = 0  -- noqa: RF02
                    then 'BURDEN_WITHOUT_RELIEF'
            end
        ) as gaps
    from own as o
    left join spent as s on o.person_key = s.person_key
    left join relieved as r on o.person_key = r.person_key
    left join unenrolled as u on o.person_key = u.person_key
    inner join band as c
        on coalesce(s.cost_fen, 0) >= c.since_fen and (c.until_fen is null or coalesce(s.cost_fen, 0) < c.until_fen)
    inner join band as b
        on coalesce(s.burden_fen, 0) >= b.since_fen and (b.until_fen is null or coalesce(s.burden_fen, 0) < b.until_fen)
),

counted as (
    select
        *,
        count(*) over (partition by age_band, gend, town, cost_band, burden_band) >= $fewest_alike as is_shared
    from banded
),

coarser as (
    select
        *,
        is_shared or count(*) over (partition by is_shared, gend, cost_band, burden_band) >= $fewest_alike as is_shared_in_part
    from counted
)

select
    person_key,
    category,
    case when is_shared then age_band else '*' end as age_band,
    case when is_shared_in_part then gend else '*' end as gend,
    case when is_shared then town else '*' end as town,
    case when is_shared_in_part then cost_band else '*' end as cost_band,
    case when is_shared_in_part then burden_band else '*' end as burden_band,
    relief_fen,
    gaps
from coarser
