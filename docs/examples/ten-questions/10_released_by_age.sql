-- What may be told outside: the released people of the month by age band and disease group.
-- 可以对外说的：当月发布人员按年龄段、病组的人数。
select
    age_band,
    disease_group,
    count(*) as people
from release_people
where mart_month = '2026-10'
group by age_band, disease_group
order by age_band, disease_group
