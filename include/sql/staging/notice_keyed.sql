-- staging.notice_keyed: one row is a notice as delivered, in text, its person replaced by the person_key
-- grain: delivery_id, line_no
-- reads: staging.landed_notice (lives within the task)
-- source: notices of public security, of the injury office and of other payers
select
    delivery_id,
    line_no,
    list_code,
    person_key,
    birth_year,
    coalesce(row_fault, reason_code) as reason_code,
    coalesce(fixes, cast([] as varchar[])) as fixes,
    notice_id,
    notice_code,
    setl_id,
    benefit_year,
    happened_on,
    clinic_code,
    is_checked,
    is_signed,
    amount_written,
    list_filter(
        [if(is_name_doubtful, 'NAME_DOUBTFUL', null), if(has_several_names, 'NAMES_DIFFER', null)],
        lambda flag: flag is not null
    ) as flags
from staging.landed_notice
