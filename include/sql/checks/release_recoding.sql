-- checks.release_recoding: a recoding that was tried, what it would suppress, and which one was chosen
-- grain: recoding_no
-- reads: release.people_class
-- source: docs/reference/release.md (the rule of choice)
-- Within the share that may be suppressed the recoding with most groups is chosen, else the one that suppresses fewest people; ties go to
-- fewer suppressed, then to the first in the order in which they are tried.
with recoding as (
    select
        unnest(cast($recoding_nos as integer[])) as recoding_no,
        unnest(cast($age_levels as varchar[])) as age_level,
        unnest(cast($gend_levels as varchar[])) as gend_level,
        unnest(cast($town_levels as varchar[])) as town_level,
        unnest(cast($category_levels as varchar[])) as category_level
),

tried as (
    select
        recoding_no,
        count(*) as groups_in,
        count(*) filter (where is_safe) as groups_safe,
        cast(sum(people) as bigint) as people_in,
        cast(coalesce(sum(people) filter (where not is_safe), 0) as bigint) as people_suppressed
    from release.people_class
    group by recoding_no
),

judged as (
    select
        *,
        people_suppressed * 1000000 <= people_in * $suppressed_ppm as is_within
    from tried
)

select
    r.recoding_no,
    r.age_level,
    r.gend_level,
    r.town_level,
    r.category_level,
    j.groups_in,
    j.groups_safe,
    j.people_in,
    j.people_suppressed,
    j.is_within,
    row_number() over (
        order by
            j.is_within desc,
            case when j.is_within then j.groups_safe end desc nulls last,
            j.people_suppressed asc,
            j.groups_safe desc,
            r.recoding_no asc
    ) = 1 as is_chosen
from recoding as r
inner join judged as j on r.recoding_no = j.recoding_no
