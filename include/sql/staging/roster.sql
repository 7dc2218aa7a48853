-- staging.roster: one row is an accepted row of a department's list
-- grain: delivery_id, line_no
-- reads: staging.roster_judged
-- source: monthly lists of the departments
select
    delivery_id,
    line_no,
    list_code,
    list_month,
    person_key,
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
    flags
from staging.roster_judged
where reason_code is null and not is_repeat
