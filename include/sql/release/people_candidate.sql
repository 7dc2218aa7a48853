-- release.people_candidate: a listed person of the month as known inside the bureau, before anything is generalised; never published
-- grain: person_key
-- reads: facts.person_month, facts.care_event, out.award_line
-- source: 001, release to departments for a purpose; GB/T 37964-2019 (guide); disease groups of national/portrait.yaml
-- Who is in no list of the month is not here: the costs of the whole insured serve the radar alone. Diseases and relief are of the year to date.
with listed as (
    select
        person_key,
        birth_year,
        gend,
        town,
        categories
    from facts.person_month
    where calendar_month = $run_month and len(categories) > 0
),

prefix as (
    select
        unnest(cast($group_codes as varchar[])) as disease_group_code,
        unnest(cast($group_prefixes as varchar[])) as prefix
),

written as (
    select distinct dise_code
    from facts.care_event
    where dise_code is not null
),

-- of several beginnings that fit a diagnosis the longest counts
diagnosis as (
    select
        d.dise_code,
        max_by(p.disease_group_code, length(p.prefix)) as disease_group_code
    from written as d
    inner join prefix as p on starts_with(d.dise_code, p.prefix)
    group by d.dise_code
),

by_group as (
    select
        e.person_key,
        case when e.dise_code is null then 'UNKNOWN' else coalesce(d.disease_group_code, 'OTHER') end as disease_group,
        sum(coalesce(e.medfee_sumamt, 0)) as cost_fen
    from facts.care_event as e
    left join diagnosis as d on e.dise_code = d.dise_code
    where e.state = 'LIVE' and e.benefit_year = $run_year and e.settled_on < cast($next_on as date)  -- noqa: RF02
    group by all
),

costliest as (
    select
        person_key,
        arg_max(disease_group, (cost_fen, disease_group)) as disease_group
    from by_group
    group by person_key
),

relieved as (
    select
        person_key,
        cast(sum(entitled_fen) as bigint) as relief_fen
    from out.award_line
    where benefit_year = $run_year and event_on < cast($next_on as date) and not is_held
    group by person_key
),

band as (
    select
        unnest(cast($band_names as varchar[])) as relief_band,
        unnest(cast($band_since_fen as bigint[])) as since_fen,
        unnest(cast($band_until_fen as bigint[])) as until_fen
),

grouped as (
    select
        unnest(cast($grouped_towns as varchar[])) as town,
        unnest(cast($town_groups as varchar[])) as town_group
)

select
    l.person_key,
    case when $run_year >= l.birth_year then $run_year - l.birth_year end as age,  -- noqa: RF02
    coalesce(l.gend, '9') as gend,
    coalesce(l.town, 'unknown') as town,
    coalesce(g.town_group, l.town, 'unknown') as town_group,
    array_to_string(list_sort(l.categories), '+') as category_set,
    case when len(l.categories) = 1 then l.categories[1] else 'several' end as category_single,
    coalesce(c.disease_group, 'NONE') as disease_group,
    b.relief_band
from listed as l
left join costliest as c on l.person_key = c.person_key
left join relieved as r on l.person_key = r.person_key
left join grouped as g on l.town = g.town
inner join band as b
    on coalesce(r.relief_fen, 0) >= b.since_fen and (b.until_fen is null or coalesce(r.relief_fen, 0) < b.until_fen)
