-- out.roster_difference: people added, gone and changed by list, month, reason and field
-- grain: list_code, list_month, change_code, reason_code, field_name
-- reads: facts.roster_change
-- source: 001, 事中可警; counts only
select
    list_code,
    list_month,
    change_code,
    reason_code,
    field_name,
    count(*) as people
from facts.roster_change
group by list_code, list_month, change_code, reason_code, field_name
