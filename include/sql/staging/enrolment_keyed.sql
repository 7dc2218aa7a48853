-- staging.enrolment_keyed: one row is an enrolment fee as delivered, in text, its person replaced by the person_key
-- grain: delivery_id, line_no
-- reads: staging.landed_enrolment, staging.landed_identity (both live within the task)
-- source: enrolment fees of the medical security bureau
select
    a.delivery_id,
    a.line_no,
    i.person_key,
    i.birth_year,
    coalesce(a.row_fault, i.reason_code) as reason_code,
    coalesce(i.fixes, cast([] as varchar[])) as fixes,
    a.enrol_id,
    a.benefit_year,
    a.paid_on,
    a.fee_written,
    a.insutype
from staging.landed_enrolment as a
left join staging.landed_identity as i on a.identity_no = i.identity_no
