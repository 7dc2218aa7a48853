-- facts.roster_snapshot: one row is a delivery of a list, from the moment it was taken as known to the moment another took its place
-- grain: delivery_id
-- reads: ledger.delivery, ledger.run
-- source: 001, monthly lists of the departments; what was known at a moment is what stood at that moment
with version as (
    select
        d.delivery_id,
        d.list_code,
        d.department_code,
        d.partition as list_month,
        d.version as version_no,
        d.state,
        d.received_at,
        r.as_of as known_at,
        d.rows_accepted,
        d.rows_quarantined,
        not list_contains(cast($partial_lists as varchar[]), d.list_code) as is_complete
    from ledger.delivery as d
    inner join ledger.run as r on d.staged_run_id = r.run_id
    where d.feed = 'roster' and d.state in ('ACCEPTED', 'SUPERSEDED')
),

followed as (
    select
        *,
        min(known_at) over (
            partition by list_code, list_month order by version_no rows between 1 following and unbounded following
        ) as next_known_at
    from version
)

select
    delivery_id,
    list_code,
    department_code,
    list_month,
    version_no,
    received_at,
    known_at,
    case when next_known_at is not null then greatest(known_at, next_known_at) when state = 'SUPERSEDED' then known_at end
        as superseded_at,
    is_complete,
    rows_accepted,
    rows_quarantined
from followed
