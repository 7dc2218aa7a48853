-- facts.roster_snapshot: one row is a stretch of time in which a delivery of a list stood: from the moment it was taken as known, or
-- stood again, to the moment another took its place or a person took it back
-- grain: delivery_id, known_at
-- reads: ledger.delivery, ledger.delivery_act, ledger.run
-- source: 001, monthly lists of the departments; what was known at a moment is what stood at that moment
with withdrawn as (
    select
        delivery_id,
        max(acted_at) as gone_at
    from ledger.delivery_act
    where act = 'withdrawn'
    group by delivery_id
),

version as (
    select
        d.delivery_id,
        d.list_code,
        d.department_code,
        d.partition as list_month,
        d.version as version_no,
        d.state,
        d.received_at,
        r.as_of as known_at,
        if(d.state = 'WITHDRAWN', w.gone_at, null) as gone_at,
        d.rows_accepted,
        d.rows_quarantined,
        not list_contains(cast($partial_lists as varchar[]), d.list_code) as is_complete  -- noqa: RF02
    from ledger.delivery as d
    inner join ledger.run as r on d.staged_run_id = r.run_id
    left join withdrawn as w on d.delivery_id = w.delivery_id
    where d.feed = 'roster' and d.state in ('ACCEPTED', 'SUPERSEDED', 'WITHDRAWN') and (d.state <> 'WITHDRAWN' or d.rows_accepted > 0)
),

followed as (
    select
        *,
        min(known_at) over newer as next_known_at,
        if(count(*) over newer = count(gone_at) over newer, max(gone_at) over newer, null) as again_at
    from version
    window newer as (
        partition by list_code, list_month order by version_no rows between 1 following and unbounded following
    )
),

stretch as (
    select
        *,
        least(
            gone_at,
            case when next_known_at is not null then greatest(known_at, next_known_at) when state = 'SUPERSEDED' then known_at end
        ) as superseded_at
    from followed
    union all
    -- every newer version was taken back: this one stands again
    select
        * replace (greatest(known_at, again_at) as known_at),
        gone_at as superseded_at
    from followed
    where again_at is not null and (gone_at is null or gone_at > again_at)
)

select
    delivery_id,
    list_code,
    department_code,
    list_month,
    version_no,
    received_at,
    known_at,
    superseded_at,
    is_complete,
    rows_accepted,
    rows_quarantined
from stretch
