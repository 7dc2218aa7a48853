-- staging.settlement_seen: one row is a settlement row beside what lies around its batch; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.settlement_judged, staging.delivery_arrived, staging.settlement_original
-- source: what a batch is expected to be besides its rows: fresh, as long as usual, its refunds with their originals
select
    judged.delivery_id,
    judged.line_no,
    judged.reason_code is null and not judged.is_repeat as is_accepted,
    arrived.is_drifted,
    arrived.arrived_on - cast(judged.setl_time as date) as days_since,
    if(judged.init_setl_id is null, null, if(original.setl_id is null, 0, 1)) as is_original_known
from staging.settlement_judged as judged
inner join staging.delivery_arrived as arrived on judged.delivery_id = arrived.delivery_id
left join staging.settlement_original as original on judged.init_setl_id = original.setl_id
