-- staging.roster_keyed: one row is a row of a department's list, persons replaced by keys, free text only as words of the contract
-- grain: delivery_id, line_no
-- reads: staging.landed_roster (lives within the task)
-- source: monthly lists of the departments
select
    delivery_id,
    line_no,
    list_code,
    list_month,
    person_key,
    birth_year,
    coalesce(row_fault, reason_code) as reason_code,
    coalesce(fixes, cast([] as varchar[])) as fixes,
    category_code,
    written_category,
    valid_from,
    town,
    household_key,
    account_key,
    phone_key,
    gend,
    applied_on,
    is_local,
    is_category_missing,
    wording_no,
    list_filter(
        [
            if(is_name_doubtful, 'NAME_DOUBTFUL', null),
            if(has_several_names, 'NAMES_DIFFER', null),
            if(is_name_missing, 'NAME_MISSING', null),
            if(is_account_doubtful, 'ACCOUNT_FLAGGED', null),
            if(is_phone_doubtful, 'PHONE_FLAGGED', null),
            if(is_town_unknown, 'TOWN_UNKNOWN', null)
        ],
        lambda flag: flag is not null
    ) as flags
from staging.landed_roster
