-- staging.roster_seen: one row is a roster row beside what lies around its batch; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.roster_judged, staging.delivery_arrived
-- source: what a batch is expected to be besides its rows: fresh, as long as usual, its refunds with their originals
select
    judged.delivery_id,
    judged.line_no,
    judged.reason_code is null and not judged.is_repeat as is_accepted,
    arrived.is_drifted,
    arrived.arrived_on - arrived.period_ends_on as days_since
from staging.roster_judged as judged
inner join staging.delivery_arrived as arrived on judged.delivery_id = arrived.delivery_id
