-- staging.enrolment: one row is an accepted enrolment fee
-- grain: delivery_id, line_no
-- reads: staging.enrolment_judged
-- source: enrolment fees of the medical security bureau
select
    delivery_id,
    line_no,
    person_key,
    enrol_id,
    benefit_year,
    paid_on,
    fee_fen,
    insutype,
    flags
from staging.enrolment_judged
where reason_code is null and not is_repeat
