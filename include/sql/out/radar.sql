-- one row: a sign that somebody should be helped and is not (应救未救), to be asked about by a visit.
-- grain: signal_id.
-- reads: out.radar_over_line, out.radar_lapsed, out.radar_unpaid, out.radar_unenrolled, facts.person_month, facts.roster_snapshot,
-- facts.death_told, staging.roster_grid.
-- source: 001 chapters 1 and 4 (应救尽救); docs/domain 2.1.
-- The id follows from what the signal is about, so that it stays the same on the next day. The town is what the newest list said of the
-- person; null when no list ever did; the grid is that of the newest standing list that named one in this town. Nobody who is told dead
-- is asked.
with
every_signal as (
    select * from out.radar_over_line
    union all
    select * from out.radar_lapsed
    union all
    select * from out.radar_unpaid
    union all
    select * from out.radar_unenrolled
),

home as (
    select
        person_key,
        max_by(town, calendar_month) as town
    from facts.person_month
    where town is not null
    group by person_key
),

place as (
    select
        placed.person_key,
        placed.town,
        max_by(placed.grid_code, snapshot.list_month || placed.grid_code) as grid_code
    from staging.roster_grid as placed
    inner join facts.roster_snapshot as snapshot on placed.delivery_id = snapshot.delivery_id
    where snapshot.superseded_at is null
    group by placed.person_key, placed.town
)

select
    'R' || substr(sha256($county_code || '|' || found.signal_code || '|' || found.subject_id), 1, 24) as signal_id,  -- noqa: RF02
    found.signal_code,
    found.subject_id,
    found.person_key,
    coalesce(found.town, home.town) as town,
    place.grid_code,
    found.arose_on,
    found.amount_fen,
    found.evidence,
    found.waits_for
from every_signal as found
left join home on found.person_key = home.person_key
left join place on found.person_key = place.person_key and coalesce(found.town, home.town) = place.town
left join facts.death_told as dead on found.person_key = dead.person_key
where dead.person_key is null
order by signal_id
