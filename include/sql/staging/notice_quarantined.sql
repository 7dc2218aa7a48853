-- staging.notice_quarantined: one row is a notice set aside with its reason
-- grain: delivery_id, line_no
-- reads: staging.notice_judged
-- source: the feed's contract; the row itself stays in custody
select
    delivery_id,
    line_no,
    list_code,
    reason_code,
    fen,
    field,
    notice_id
from staging.notice_judged
where reason_code is not null and not is_repeat
