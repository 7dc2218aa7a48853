-- staging.enrolment_quarantined: one row is a enrolment row set aside with its reason
-- grain: delivery_id, line_no
-- reads: staging.enrolment_judged
-- source: the feed's contract; the row itself stays in custody
select
    delivery_id,
    line_no,
    'enrolment' as list_code,
    reason_code,
    fee_fen as fen,
    field,
    enrol_id
from staging.enrolment_judged
where reason_code is not null and not is_repeat
