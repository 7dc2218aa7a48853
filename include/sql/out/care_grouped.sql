-- out.care_grouped: one row a settlement of care that lives, in the months of the year to date, with its disease group
-- grain: event_id
-- reads: facts.care_placed, facts.care_event
-- source: include/policies/national/portrait.yaml and a county's own page; of several beginnings that fit a diagnosis the longest counts
with prefix as (
    select
        unnest(cast($group_codes as varchar[])) as disease_group_code,
        unnest(cast($group_prefixes as varchar[])) as prefix
),

diagnosis as (
    select distinct dise_code
    from facts.care_event
    where dise_code is not null
),

grouped as (
    select
        d.dise_code,
        max_by(p.disease_group_code, length(p.prefix)) as disease_group_code
    from diagnosis as d
    inner join prefix as p on starts_with(d.dise_code, p.prefix)
    group by d.dise_code
)

select
    p.event_id,
    p.person_key,
    p.calendar_month,
    p.care_place_code,
    case when e.dise_code is null then 'UNKNOWN' else coalesce(g.disease_group_code, 'OTHER') end as disease_group_code
from facts.care_placed as p
inner join facts.care_event as e on p.event_id = e.event_id
left join grouped as g on e.dise_code = g.dise_code
