-- facts.refund_quarantined: one row a refund record whose settlement has not arrived; tried again on each load
-- grain: refund_id
-- reads: facts.refund
-- source: national settlement feed; a refund without its original is quarantined
select
    refund_id,
    person_key,
    refunded_on,
    medfee_sumamt,
    delivery_id,
    line_no,
    $waiting_original as reason_code
from facts.refund
where event_id is null
