-- How many people did the care of October relieve, by category, and with how much? A person with two categories counts in both.
-- 10月的就医救助了多少人、多少钱，按对象类别(一人多类则各计一次)?
select
    category_code,
    count(distinct person_key) as people,
    count(*) as awards,
    sum(entitled_fen) as relief_fen
from out_award_line
where mart_month = '2026-10' and event_on >= date '2026-10-01' and event_on < date '2026-11-01' and entitled_fen > 0
group by category_code
order by category_code
