-- How many working days have awards taken since their data arrived, by department: paid ones, open ones, the slowest, those over 20?
-- 从数据到达起几个工作日，按部门：已付、未付、最慢的、超过 20 个工作日的?
select
    department_code,
    count(paid_on) as paid,
    count(*) - count(paid_on) as not_paid,
    max(arrival_workdays) as slowest_workdays,
    sum(case when arrival_workdays > 20 then 1 else 0 end) as over_twenty
from out_award_days
where mart_month = '2026-10'
group by department_code
order by department_code
