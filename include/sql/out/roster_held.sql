-- out.roster_held: one row is an identity held in a month, as known at an earlier moment and now, and why the two differ
-- grain: person_key, list_code, category_code
-- reads: facts.identity_span, facts.identity_span_before, facts.roster_snapshot, staging.roster
-- source: 001, 事后可查; what a list said when money was paid
with held_now as (
    select
        person_key,
        list_code,
        category_code,
        bool_and(is_provisional) as is_provisional
    from facts.identity_span
    where since < cast($next_on as date) and (until is null or until > cast($first_on as date))
    group by person_key, list_code, category_code
),

held_then as (
    select
        person_key,
        list_code,
        category_code,
        bool_and(is_provisional) as is_provisional
    from facts.identity_span_before
    where since < cast($next_on as date) and (until is null or until > cast($first_on as date))
    group by person_key, list_code, category_code
),

-- the month's own delivery of each list, as it stood then and as it stands now
own as (
    select
        list_code,
        max(delivery_id) filter (where known_at <= $as_known and (superseded_at is null or superseded_at > $as_known)) as then_id,
        max(delivery_id) filter (where superseded_at is null) as now_id
    from facts.roster_snapshot
    where list_month = $month
    group by list_code
),

listed as (
    select distinct
        r.delivery_id,
        r.person_key
    from staging.roster as r
    inner join own as o on r.delivery_id in (o.then_id, o.now_id)
)

select
    coalesce(n.person_key, t.person_key) as person_key,
    coalesce(n.list_code, t.list_code) as list_code,
    coalesce(n.category_code, t.category_code) as category_code,
    t.person_key is not null as was_held,
    n.person_key is not null as is_held,
    coalesce(t.is_provisional, false) as was_provisional,
    coalesce(n.is_provisional, false) as is_provisional,
    case
        when t.person_key is not null and n.person_key is not null then null
        when n.person_key is not null and o.then_id is null and l.person_key is not null then 'ROSTER_CAME_LATE'
        when n.person_key is not null and o.then_id <> o.now_id and l.person_key is not null then 'ROSTER_NEW_VERSION'
        when n.person_key is not null then 'ROSTER_BACKDATED_START'
        when o.then_id is null and o.now_id is not null then 'ROSTER_CAME_LATE'
        when o.then_id is not null and o.now_id is null then 'ROSTER_TAKEN_BACK'
        when o.then_id <> o.now_id and e.person_key is not null and l.person_key is null then 'ROSTER_NEW_VERSION'
        else 'ROSTER_BACKDATED_END'
    end as reason_code
from held_now as n
full join held_then as t on n.person_key = t.person_key and n.list_code = t.list_code and n.category_code = t.category_code
left join own as o on coalesce(n.list_code, t.list_code) = o.list_code
left join listed as l on o.now_id = l.delivery_id and coalesce(n.person_key, t.person_key) = l.person_key
left join listed as e on o.then_id = e.delivery_id and coalesce(n.person_key, t.person_key) = e.person_key
