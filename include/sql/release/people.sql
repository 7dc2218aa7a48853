-- release.people: a listed person of the month, generalised, without any key; who stands in a group that is too small or too uniform is not here
-- grain: row_no
-- reads: release.people_recoded, release.people_fate
-- source: 001, release for a purpose; docs/reference/release.md
-- Rows are numbered by what they say, so that their order tells nothing else.
select
    $made_at as as_of,  -- noqa: RF02
    $run_month as calendar_month,  -- noqa: RF02
    row_number() over (order by p.age_band, p.gend, p.town, p.category, p.disease_group, p.relief_band) as row_no,
    p.age_band,
    p.gend,
    p.town,
    p.category,
    p.disease_group,
    p.relief_band
from release.people_recoded as p
inner join release.people_fate as f
    on p.age_band = f.age_band and p.gend = f.gend and p.town = f.town and p.category = f.category
where p.recoding_no = $recoding_no and f.fate = 'KEPT'  -- noqa: RF02
