-- In which towns are most people seen who may need help and are not reached? Signals that only a missing list explains are left out.
-- 哪些镇街应救未救的提示最多?只因名单未到的不算。
select
    coalesce(town, '-') as town,
    count(distinct person_key) as people,
    count(*) as signals
from out_radar
where mart_month = '2026-10' and waits_for is null
group by coalesce(town, '-')
order by people desc, town asc
