-- staging.roster_delivered: one row is a delivery of a list: rows that came in; a list carries no money
-- grain: delivery_id
-- reads: staging.roster_keyed
-- source: law of the house
select
    delivery_id,
    count(*) as rows_read,
    cast(0 as bigint) as fen_in
from staging.roster_keyed
group by delivery_id
