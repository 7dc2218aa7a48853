-- staging.settlement_quarantined: one row is a settlement row set aside with its reason
-- grain: delivery_id, line_no
-- reads: staging.settlement_judged
-- source: the feed's contract; the row itself stays in custody
select
    delivery_id,
    line_no,
    'settlement' as list_code,
    reason_code,
    medfee_sumamt as fen,
    field,
    setl_id,
    init_setl_id,
    refd_setl_flag
from staging.settlement_judged
where reason_code is not null and not is_repeat
