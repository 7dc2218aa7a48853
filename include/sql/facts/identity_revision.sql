-- facts.identity_revision: one row is a month, assessed before, for which later lists gave or took an identity (倒签)
-- grain: found_at, person_key, category_code, list_code, calendar_month
-- reads: facts.identity_span, facts.identity_span_before, facts.identity_revision_before
-- source: 001, 事后可查; what is computed again for such a month is posted as a difference
with months as (
    select
        calendar_month,
        cast(calendar_month || '-01' as date) as first_on,
        cast(cast(calendar_month || '-01' as date) + interval 1 month as date) as next_on
    from (select unnest(cast($assessed_months as varchar[])) as calendar_month) as assessed
),

held_now as (
    select distinct
        s.person_key,
        s.category_code,
        s.list_code,
        m.calendar_month,
        s.is_provisional
    from months as m
    inner join facts.identity_span as s on m.next_on > s.since and (s.until is null or m.first_on < s.until)
),

held_before as (
    select distinct
        s.person_key,
        s.category_code,
        s.list_code,
        m.calendar_month,
        s.is_provisional
    from months as m
    inner join facts.identity_span_before as s on m.next_on > s.since and (s.until is null or m.first_on < s.until)
),

found as (
    select
        $known_at as found_at,
        n.person_key,
        n.category_code,
        n.list_code,
        n.calendar_month,
        'ROSTER_BACKDATED_START' as reason_code
    from held_now as n
    where
        not n.is_provisional
        and not exists (
            select 1
            from held_before as b
            where
                n.person_key = b.person_key and n.category_code = b.category_code and n.list_code = b.list_code
                and n.calendar_month = b.calendar_month
        )
    union all
    select
        $known_at as found_at,
        b.person_key,
        b.category_code,
        b.list_code,
        b.calendar_month,
        'ROSTER_BACKDATED_END' as reason_code
    from held_before as b
    where
        not b.is_provisional
        and not exists (
            select 1
            from held_now as n
            where
                n.person_key = b.person_key and n.category_code = b.category_code and n.list_code = b.list_code
                and n.calendar_month = b.calendar_month
        )
)

select
    found_at,
    person_key,
    category_code,
    list_code,
    calendar_month,
    reason_code
from found
union all
select
    found_at,
    person_key,
    category_code,
    list_code,
    calendar_month,
    reason_code
from facts.identity_revision_before
