-- Who of those relieved this year still bears more than 5,000 yuan after relief? Keys, not names.
-- 今年得到救助的人里，救助后仍负担 5000 元以上的是谁?只有人员键，没有姓名。
select
    person_key,
    sum(left_fen) as left_fen
from out_assessment
where mart_month = '2026-10' and event_kind = 'care' and benefit_year = 2026 and outcome = 'PAID'
group by person_key
having sum(left_fen) > 500000
order by left_fen desc, person_key asc
