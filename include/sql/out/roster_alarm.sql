-- out.roster_alarm: one row is something about a list that a person should look at: people gone silently, a town gone, a month reopened
-- grain: list_code, list_month, reason_code, town
-- reads: facts.roster_snapshot, facts.roster_change, facts.identity_revision, staging.roster
-- source: 001, 事中可警; counts only; the shares are the pack's
with standing as (
    select
        delivery_id,
        list_code,
        list_month,
        is_complete,
        lead(list_month) over (partition by list_code order by list_month) as next_month
    from facts.roster_snapshot
    where known_at <= $known_at and (superseded_at is null or superseded_at > $known_at)
),

town_count as (
    select
        s.list_code,
        s.list_month,
        s.next_month,
        s.is_complete,
        r.town,
        count(distinct r.person_key) as people
    from standing as s
    inner join staging.roster as r on s.delivery_id = r.delivery_id
    where r.town is not null
    group by all
),

list_count as (
    select
        s.list_code,
        s.next_month,
        s.is_complete,
        count(distinct r.person_key) as people
    from standing as s
    inner join staging.roster as r on s.delivery_id = r.delivery_id
    group by all
),

left_count as (
    select
        list_code,
        list_month,
        count(*) as people,
        count(*) filter (where reason_code <> 'ROSTER_ABSENT') as people_silent
    from facts.roster_change
    where change_code = 'LEFT'
    group by list_code, list_month
),

raised as (
    select
        l.list_code,
        l.list_month,
        'ROSTER_LEFT_UNEXPLAINED' as reason_code,
        '' as town,
        l.people_silent as people,
        c.people as of_people
    from left_count as l
    inner join list_count as c on l.list_code = c.list_code and l.list_month = c.next_month
    where l.people_silent > 0
    union all
    select
        l.list_code,
        l.list_month,
        'ROSTER_SHARE_GONE' as reason_code,
        '' as town,
        l.people,
        c.people as of_people
    from left_count as l
    inner join list_count as c on l.list_code = c.list_code and l.list_month = c.next_month
    where c.is_complete and c.people >= $fewest_people and l.people * 1000000 > c.people * $large_share_ppm  -- noqa: RF02
    union all
    select
        t.list_code,
        t.next_month as list_month,
        'ROSTER_TOWN_GONE' as reason_code,
        t.town,
        t.people,
        t.people as of_people
    from town_count as t
    left join town_count as n on t.list_code = n.list_code and t.next_month = n.list_month and t.town = n.town
    where t.is_complete and t.next_month is not null and t.people >= $fewest_people and n.town is null  -- noqa: RF02
    union all
    select
        list_code,
        calendar_month as list_month,
        reason_code,
        '' as town,
        count(distinct person_key) as people,
        cast(null as bigint) as of_people
    from facts.identity_revision
    group by list_code, calendar_month, reason_code
)

select
    list_code,
    list_month,
    reason_code,
    town,
    people,
    of_people
from raised
where list_contains(cast($months as varchar[]), list_month)
