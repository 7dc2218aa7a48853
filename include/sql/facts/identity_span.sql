-- facts.identity_span: one row a person, category and list over days [since, until); an open end is null
-- grain: person_key, category_code, list_code, since
-- reads: facts.roster_snapshot, facts.roster_kept, staging.roster, facts.identity_granted
-- source: 001, monthly lists of the departments; absence from a later complete snapshot of the same list ends the identity
-- source: 002 chapter 9 item 4, 001 chapter 1: who was confirmed by a case holds it as if listed; its process stands for the list
with standing as (
    select
        delivery_id,
        list_code,
        list_month,
        is_complete,
        cast(list_month || '-01' as date) as month_on,
        list_contains(cast($essential_lists as varchar[]), list_code) as is_essential
    from facts.roster_snapshot
    where
        known_at <= $known_at and (superseded_at is null or superseded_at > $known_at)
        -- who applied for something does not hold it yet
        and not list_contains(cast($application_lists as varchar[]), list_code)
),

-- complete snapshots are numbered; an incomplete one stands between two numbers and ends nothing
snapshot as (
    select
        *,
        count(*) filter (where is_complete) over (partition by list_code order by list_month) as complete_no,
        max(list_month) over (partition by list_code) as newest_month
    from standing
),

listed as (
    select
        s.delivery_id,
        r.person_key,
        r.category_code,
        min(r.valid_from) as valid_from,
        min(r.applied_on) as applied_on,
        bool_and(r.is_local) as is_local
    from standing as s
    inner join staging.roster as r on s.delivery_id = r.delivery_id
    where r.category_code is not null
    group by all
),

-- a row that was set aside is no absence: its person stays in what they held, if they held it
held as (
    select distinct
        s.list_code,
        l.person_key,
        l.category_code
    from listed as l
    inner join standing as s on l.delivery_id = s.delivery_id
),

kept as (
    select
        s.delivery_id,
        k.person_key,
        h.category_code
    from facts.roster_kept as k
    inner join standing as s on k.delivery_id = s.delivery_id
    inner join held as h on s.list_code = h.list_code and k.person_key = h.person_key
    where
        not exists (
            select 1
            from listed as l
            where
                l.delivery_id = k.delivery_id and l.person_key = k.person_key
                and (l.category_code = h.category_code or not k.is_named)
        )
),

-- a person's place in each snapshot of a list
member as (
    select
        s.*,
        m.person_key,
        m.category_code,
        m.valid_from,
        m.applied_on,
        m.is_local,
        m.is_kept,
        s.complete_no + if(s.is_complete, 0, 1) as begins_no,
        s.complete_no + 1 as awaits_no
    from (
        select
            *,
            false as is_kept
        from listed
        union all
        select
            *,
            cast(null as date) as valid_from,
            cast(null as date) as applied_on,
            cast(null as boolean) as is_local,
            true as is_kept
        from kept
    ) as m
    inner join snapshot as s on m.delivery_id = s.delivery_id
),

broken as (
    select
        *,
        coalesce(begins_no > lag(awaits_no) over (partition by list_code, person_key, category_code order by list_month), true)
            as is_start
    from member
),

numbered as (
    select
        *,
        count(*) filter (where is_start) over (partition by list_code, person_key, category_code order by list_month) as stretch
    from broken
),

firm as (
    select
        *,
        min(month_on) filter (where not is_kept) over (partition by list_code, person_key, category_code, stretch) as firm_from_on,
        max(month_on) filter (where not is_kept) over (partition by list_code, person_key, category_code, stretch) as firm_to_on
    from numbered
),

-- snapshots without a missing complete one between them make one stretch; it ends with the first complete one that lacks the person
stretched as (
    select
        list_code,
        person_key,
        category_code,
        is_essential,
        newest_month,
        min(month_on) as first_month_on,
        min(coalesce(valid_from, month_on)) filter (where not is_kept) as stated_on,
        min(month_on) filter (where is_kept and month_on > firm_to_on) as doubtful_on,
        min(applied_on) filter (where not is_kept) as stated_applied_on,
        arg_max(is_local, month_on) filter (where is_local is not null and not is_kept) as is_local,
        max(awaits_no) as awaits_no
    from firm
    where month_on >= firm_from_on
    group by list_code, person_key, category_code, is_essential, newest_month, stretch
),

ended as (
    select
        t.*,
        s.month_on as ended_on
    from stretched as t
    left join snapshot as s on t.list_code = s.list_code and t.awaits_no = s.complete_no and s.is_complete
),

lost as (
    select
        *,
        lag(ended_on) over (partition by list_code, person_key, category_code order by first_month_on) as lost_on
    from ended
),

-- a start or an application stated before the person was lost says nothing about the return; an essential list that has not come yet, and one whose
-- row was set aside, make what they do not confirm provisional
span as (
    select
        *,
        case when stated_on < lost_on then first_month_on else stated_on end as since,
        case when lost_on is null or stated_applied_on >= lost_on then stated_applied_on end as applied_on,
        case
            when is_essential then
                least(
                    doubtful_on,
                    case
                        when ended_on is null and newest_month < $run_month
                            then cast(cast(newest_month || '-01' as date) + interval 1 month as date)
                    end
                )
        end as provisional_on
    from lost
),

piece as (
    select
        person_key,
        category_code,
        since,
        coalesce(provisional_on, ended_on) as until,
        list_code,
        false as is_provisional,
        applied_on,
        is_local
    from span
    union all
    select
        person_key,
        category_code,
        greatest(since, provisional_on) as since,
        ended_on as until,
        list_code,
        true as is_provisional,
        applied_on,
        is_local
    from span
    where provisional_on is not null
    union all
    select
        person_key,
        category_code,
        since,
        if(bool_or(until is null), null, max(until)) as until,
        process_code as list_code,
        false as is_provisional,
        min(applied_on) as applied_on,
        cast(null as boolean) as is_local
    from facts.identity_granted
    where decided_at <= $known_at
    group by person_key, category_code, since, process_code
)

select
    person_key,
    category_code,
    since,
    until,
    list_code,
    is_provisional,
    applied_on,
    is_local
from piece
where until is null or until > since
