-- staging.notice_keyed: one row is a notice as delivered, in text, its person replaced by the person_key
-- grain: delivery_id, line_no
-- reads: staging.landed_notice, staging.landed_identity (both live within the task)
-- source: notices of public security, of the injury office and of other payers
with joined as (
    select
        a.*,
        i.person_key,
        i.birth_year,
        i.reason_code,
        i.fixes,
        i.has_several_names
    from staging.landed_notice as a
    left join staging.landed_identity as i on a.identity_no = i.identity_no
)

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
    amount_written,
    list_filter(
        [if(is_name_doubtful, 'NAME_DOUBTFUL', null), if(has_several_names, 'NAMES_DIFFER', null)],
        lambda flag: flag is not null
    ) as flags
from joined
