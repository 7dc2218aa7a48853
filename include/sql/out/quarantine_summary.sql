-- one row: rows of one feed set aside for one reason.
-- grain: feed, list_code, reason_code.
-- reads: staging.settlement_quarantined, staging.enrolment_quarantined, staging.roster_quarantined.
-- source: every row that arrived is accounted for.
with
aside as (
    select
        'settlement' as feed,
        list_code,
        reason_code,
        fen,
        delivery_id
    from staging.settlement_quarantined
    union all
    select
        'enrolment' as feed,
        list_code,
        reason_code,
        fen,
        delivery_id
    from staging.enrolment_quarantined
    union all
    select
        'roster' as feed,
        list_code,
        reason_code,
        fen,
        delivery_id
    from staging.roster_quarantined
)

select
    feed,
    list_code,
    reason_code,
    count(*) as rows_quarantined,
    cast(coalesce(sum(fen), 0) as bigint) as quarantined_fen
from aside
where list_contains($deliveries, delivery_id)
group by feed, list_code, reason_code
order by feed, list_code, reason_code
