-- facts.service_event: one row a person's yearly service package as it was assessed, newest delivery first
-- grain: event_id
-- order: person_key, event_id
-- reads: facts.notice_newest
-- source: 003, three (one) 1: what clinics are paid a head and year, after the assessment
select
    'service|' || list_code || '|' || notice_id as event_id,
    person_key,
    happened_on as assessed_on,
    benefit_year,
    clinic_code,
    is_checked,
    is_signed,
    notice_code = 'SERVICE_PASSED' as has_passed,
    delivery_id,
    line_no
from facts.notice_newest
where starts_with(notice_code, 'SERVICE_')
