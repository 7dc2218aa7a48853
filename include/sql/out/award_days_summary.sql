-- one row: how long awards of a department took to be paid, counted from one of the three days, against the time limit of payment.
-- grain: department_code, start_code.
-- reads: out.award_days.
-- source: 001 chapter 4 (救助款子在20天内发放到位).
-- $limit_workdays is the county's limit, null where it has none in working days. An award from whose start nothing can be counted is
-- counted apart; one that is not paid is late once its days so far are more than the limit. Medians are days that an award took.
with
measured as (
    unpivot (
        select
            department_code,
            paid_on,
            coalesce(discharge_workdays, -1) as discharge,
            coalesce(arrival_workdays, -1) as arrival,
            coalesce(trigger_workdays, -1) as trigger
        from out.award_days
    )
    on discharge, arrival, trigger
    into name start_code value workdays
)

select
    department_code,
    start_code,
    count(*) filter (where paid_on is not null and workdays >= 0) as paid,
    count(*) filter (where paid_on is not null and workdays > cast($limit_workdays as integer)) as paid_late,
    quantile_disc(workdays, 0.5) filter (where paid_on is not null and workdays >= 0) as median_workdays,
    max(workdays) filter (where paid_on is not null and workdays >= 0) as most_workdays,
    count(*) filter (where paid_on is null and workdays >= 0) as waiting,
    count(*) filter (where paid_on is null and workdays > cast($limit_workdays as integer)) as waiting_late,
    count(*) filter (where workdays < 0) as not_measured
from measured
group by department_code, start_code
order by department_code, start_code
