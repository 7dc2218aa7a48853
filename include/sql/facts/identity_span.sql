-- facts.identity_span: one row a person, category and list over days [since, until); an open end is null
-- grain: person_key, category_code, list_code, since
-- reads: staging.roster
-- source: 001, monthly lists of the departments; absence from a later complete snapshot of the same list ends the identity
with delivered as (
    select
        unnest(cast($roster_deliveries as varchar[])) as delivery_id,
        unnest(cast($roster_lists as varchar[])) as list_code,
        unnest(cast($roster_months as varchar[])) as month
),

-- a list that has not come for the month of the run is late; only essential lists make their last spans provisional
snapshot as (
    select
        delivery_id,
        list_code,
        cast(month || '-01' as date) as month_on,
        row_number() over (partition by list_code order by month) as place,
        cast(lead(month) over (partition by list_code order by month) || '-01' as date) as next_month_on,
        max(month) over (partition by list_code) < $run_month and list_contains(cast($essential_lists as varchar[]), list_code) as is_late
    from delivered
),

-- a person's place in each snapshot of a list
member as (
    select
        s.list_code,
        s.place,
        s.month_on,
        s.next_month_on,
        s.is_late,
        r.person_key,
        r.category_code,
        min(r.valid_from) as valid_from
    from snapshot as s
    inner join staging.roster as r on s.delivery_id = r.delivery_id
    where r.category_code is not null
    group by all
),

numbered as (
    select
        *,
        place - row_number() over (partition by list_code, person_key, category_code order by place) as stretch
    from member
),

-- snapshots in a row make one stretch; it ends with the first snapshot that lacks the person
stretched as (
    select
        list_code,
        person_key,
        category_code,
        is_late,
        min(month_on) as first_month_on,
        max(month_on) as last_month_on,
        min(coalesce(valid_from, month_on)) as stated_on,
        nullif(max(coalesce(next_month_on, date '9999-12-31')), date '9999-12-31') as ended_on
    from numbered
    group by list_code, person_key, category_code, is_late, stretch
),

lost as (
    select
        *,
        lag(ended_on) over (partition by list_code, person_key, category_code order by first_month_on) as lost_on
    from stretched
),

-- a start stated before the person was lost says nothing about the return
span as (
    select
        *,
        case when stated_on < lost_on then first_month_on else stated_on end as since,
        case when is_late and ended_on is null then cast(last_month_on + interval 1 month as date) end as provisional_on
    from lost
),

piece as (
    select
        person_key,
        category_code,
        since,
        coalesce(ended_on, provisional_on) as until,
        list_code,
        false as is_provisional
    from span
    union all
    select
        person_key,
        category_code,
        greatest(since, provisional_on) as since,
        cast(null as date) as until,
        list_code,
        true as is_provisional
    from span
    where provisional_on is not null
)

select
    person_key,
    category_code,
    since,
    until,
    list_code,
    is_provisional
from piece
where until is null or until > since
