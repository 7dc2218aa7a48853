-- out.return_slip: rows returned with a delivery, and what became of them; closed_at once none is open
-- grain: delivery_id
-- reads: out.return_row, out.return_record
-- source: 001, 事后可查; counts only
with returned as (
    select * from out.return_row
    union all by name
    select * from out.return_record
)

select
    delivery_id,
    department_code,
    list_code,
    list_month,
    version_no,
    min(opened_at) as opened_at,
    if(bool_or(state_code = 'OPEN'), null, max(closed_at)) as closed_at,
    count(*) as rows_returned,
    count(*) filter (where state_code = 'OPEN') as rows_open,
    count(*) filter (where state_code = 'CORRECTED') as rows_corrected,
    count(*) filter (where state_code = 'REMOVED') as rows_removed,
    count(*) filter (where state_code = 'REPEATED') as rows_repeated
from returned
group by delivery_id, department_code, list_code, list_month, version_no
