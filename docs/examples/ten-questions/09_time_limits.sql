-- Which time limits were met, met late, are open or overdue, and with whom?
-- 哪些时限按期办结、逾期办结、在办、逾期未办结，在谁手里?
select
    time_limit_code,
    holder_department,
    state,
    count(*) as clocks,
    max(days_late) as most_days_late
from out_clock_board
where mart_month = '2026-10'
group by time_limit_code, holder_department, state
order by time_limit_code, holder_department, state
