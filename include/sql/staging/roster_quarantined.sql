-- staging.roster_quarantined: one row is a roster row set aside with its reason
-- grain: delivery_id, line_no
-- reads: staging.roster_judged
-- source: the feed's contract; the row itself stays in custody
select
    delivery_id,
    line_no,
    list_code,
    reason_code,
    cast(null as bigint) as fen,
    field
from staging.roster_judged
where reason_code is not null and not is_repeat
