-- out.reckoned_row_quarantined: one row is a record of files reckoned without a home that took no part, with its reason
-- grain: file_name, line_no
-- reads: staging.reckoned_row, facts.refund_quarantined, staging.reckoned_file, staging.reason_word
-- source: the feed's contract; works within a task, is not published
with aside as (
    select
        delivery_id,
        line_no,
        if(is_repeat, 'ROW_REPEATED', reason_code) as reason_code,
        if(is_repeat, null, field) as field
    from staging.reckoned_row
    where is_repeat or reason_code is not null
    union all
    select
        delivery_id,
        line_no,
        reason_code,
        'init_setl_id' as field
    from facts.refund_quarantined
)

select
    f.file_name,
    a.line_no,
    a.reason_code,
    a.field,
    w.reason_zh,
    w.remedy_zh
from aside as a
inner join staging.reckoned_file as f on a.delivery_id = f.delivery_id
left join staging.reason_word as w on a.reason_code = w.reason_code
