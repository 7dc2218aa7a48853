-- How much relief of the month does each department decide, and how much of it waits for a late list?
-- 各部门当月救助多少，其中多少因名单逾期暂缓?
select
    department_code,
    sum(visits) as visits,
    sum(entitled_fen) as relief_fen,
    sum(held_fen) as held_fen
from out_relief_summary
where mart_month = '2026-10' and scope = 'month'
group by department_code
order by department_code
