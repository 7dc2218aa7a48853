-- out.clinic_due: what each clinic is due for assessed service packages, and how many of its people were checked and signed
-- grain: clinic_code, benefit_year, benefit_code
-- reads: facts.service_event, out.award_line
-- source: 003, three (one) 1 and three (two): 150 yuan a head and year to the clinic after the assessment, rolled up by clinic
with served as (
    select
        s.clinic_code,
        s.benefit_year,
        s.person_key,
        s.has_passed,
        coalesce(s.is_checked, false) as is_checked,
        coalesce(s.is_signed, false) as is_signed,
        l.benefit_code,
        l.department_code,
        l.fund_code,
        coalesce(l.amount_fen, 0) as amount_fen,
        coalesce(l.is_held, false) as is_held
    from facts.service_event as s
    left join out.award_line as l on s.event_id = l.event_id
)

select
    clinic_code,
    benefit_year,
    benefit_code,
    min(department_code) as department_code,
    min(fund_code) as fund_code,
    count(distinct person_key) as people,
    count(distinct person_key) filter (where has_passed) as passed,
    count(distinct person_key) filter (where is_checked) as checked,
    count(distinct person_key) filter (where is_signed) as signed,
    cast(coalesce(sum(amount_fen) filter (where not is_held), 0) as bigint) as amount_fen,
    cast(coalesce(sum(amount_fen) filter (where is_held), 0) as bigint) as held_fen
from served
group by clinic_code, benefit_year, benefit_code
