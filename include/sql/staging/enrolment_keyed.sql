-- staging.enrolment_keyed: one row is an enrolment fee as delivered, in text, its person replaced by the person_key
-- grain: delivery_id, line_no
-- reads: staging.landed_enrolment (lives within the task)
-- source: enrolment fees of the medical security bureau
select
    delivery_id,
    line_no,
    person_key,
    birth_year,
    coalesce(row_fault, reason_code) as reason_code,
    coalesce(fixes, cast([] as varchar[])) as fixes,
    enrol_id,
    benefit_year,
    paid_on,
    fee_written,
    insutype,
    list_filter(
        [if(is_name_doubtful, 'NAME_DOUBTFUL', null), if(has_several_names, 'NAMES_DIFFER', null)],
        lambda flag: flag is not null
    ) as flags
from staging.landed_enrolment
