-- one row: a clock of the county and how it stands at the moment $as_of.
-- grain: clock_id.
-- reads: ledger.clock, ledger.clock_event.
-- source: 001 chapter 2, item 5 (every step traced, warned beforehand, checkable afterwards).
-- Moments are ISO text in Beijing time, so that they compare as text. A clock closed at its due moment is late.
with
closed as (
    select
        clock_id,
        happened_at as closed_at
    from ledger.clock_event
    where event = 'closed' and happened_at <= $as_of
),

missed as (
    select
        clock_id,
        happened_at as missed_at,
        cause_code
    from ledger.clock_event
    where event = 'missed' and happened_at <= $as_of
),

standing as (
    select
        clock.*,
        closed.closed_at,
        missed.missed_at,
        missed.cause_code
    from ledger.clock
    left join closed on clock.clock_id = closed.clock_id
    left join missed on clock.clock_id = missed.clock_id
)

select
    clock_id,
    time_limit_code,
    subject_kind,
    subject_id,
    holder_department,
    started_at,
    due_on,
    due_at,
    is_provisional,
    closed_at,
    missed_at,
    cause_code,
    case
        when closed_at < due_at then 'met'
        when closed_at is not null then 'met_late'
        when $as_of < due_at then 'open'
        else 'overdue'
    end as state,
    greatest(0, date_diff(
        'day', cast(due_on as date), cast(substr(coalesce(closed_at, $as_of), 1, 10) as date)
    )) as days_late
from standing
order by due_at, clock_id
