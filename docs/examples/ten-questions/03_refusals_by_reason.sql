-- Why did claims of the month get nothing, or wait? The commonest reason first.
-- 当月没有得到救助或暂缓的，是什么原因?最常见的在前。
select
    reason_code,
    outcome,
    sum(people) as people,
    sum(visits) as visits
from out_refusals
where mart_month = '2026-10' and scope = 'month' and reason_code is not null
group by reason_code, outcome
order by visits desc, reason_code asc, outcome asc
