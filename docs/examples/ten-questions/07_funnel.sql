-- How many people and visits came in, how many entitle to relief, how many are relieved?
-- 归集多少人、人次，多少符合条件，多少得到救助?
select
    event_kind,
    step,
    people,
    visits,
    relief_fen
from out_funnel
where mart_month = '2026-10' and scope = 'month'
order by event_kind, step
