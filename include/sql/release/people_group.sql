-- release.people_group: a group of people whom the release leaves alike, with its size and how mixed it is
-- grain: age_band, gend, town, category
-- reads: release.people_fate
-- source: docs/reference/release.md
select
    $made_at as as_of,
    $run_month as calendar_month,
    age_band,
    gend,
    town,
    category,
    people,
    disease_groups,
    relief_bands
from release.people_fate
where fate = 'KEPT'
