-- facts.roster_change: one row is what a month's list changed for a person against the list before it (新增 退出 变更), field by field
-- grain: list_code, list_month, person_key, change_code, field_name
-- reads: facts.roster_snapshot, facts.roster_kept, staging.roster
-- source: 001, monthly lists of the departments; the month-on-month difference that supervisors read
with standing as (
    select
        delivery_id,
        list_code,
        list_month,
        is_complete,
        lag(list_month) over (partition by list_code order by list_month) as previous_month
    from facts.roster_snapshot
    where known_at <= $known_at and (superseded_at is null or superseded_at > $known_at)
),

entry as (
    select
        s.delivery_id,
        s.list_code,
        s.list_month,
        r.person_key,
        list_sort(list_distinct(list(r.category_code))) as category_code,
        cast(min(r.valid_from) as varchar) as valid_from,
        min(r.town) as town,
        min(r.household_key) as household_key,
        min(r.account_key) as account_key,
        min(r.phone_key) as phone_key,
        min(r.gend) as gend
    from standing as s
    inner join staging.roster as r on s.delivery_id = r.delivery_id
    where r.category_code is not null
    group by all
),

first_listed as (
    select
        list_code,
        person_key,
        min(list_month) as first_month
    from entry
    group by list_code, person_key
),

added as (
    select
        n.list_code,
        n.list_month,
        n.person_key,
        n.town,
        'ADDED' as change_code,
        if(f.first_month < n.list_month, 'ROSTER_RETURNED', 'ROSTER_NEW') as reason_code,
        '' as field_name
    from standing as s
    inner join entry as n on s.delivery_id = n.delivery_id
    inner join first_listed as f on n.list_code = f.list_code and n.person_key = f.person_key
    left join entry as p on s.list_code = p.list_code and s.previous_month = p.list_month and n.person_key = p.person_key
    where s.previous_month is not null and p.person_key is null
),

gone as (
    select
        p.list_code,
        s.list_month,
        p.person_key,
        p.town,
        'LEFT' as change_code,
        case
            when k.person_key is not null then 'ROSTER_ROW_SET_ASIDE'
            when not s.is_complete then 'ROSTER_NOT_STATED'
            else 'ROSTER_ABSENT'
        end as reason_code,
        '' as field_name
    from standing as s
    inner join entry as p on s.list_code = p.list_code and s.previous_month = p.list_month
    left join entry as n on s.delivery_id = n.delivery_id and p.person_key = n.person_key
    left join facts.roster_kept as k on s.delivery_id = k.delivery_id and p.person_key = k.person_key
    where n.person_key is null
),

both_listed as (
    select
        n.list_code,
        n.list_month,
        n.person_key,
        n.town,
        unnest([
            if(n.category_code is distinct from p.category_code, 'category_code', null),
            if(n.valid_from is distinct from p.valid_from, 'valid_from', null),
            if(n.town is distinct from p.town, 'town', null),
            if(n.household_key is distinct from p.household_key, 'household_key', null),
            if(n.account_key is distinct from p.account_key, 'account_key', null),
            if(n.phone_key is distinct from p.phone_key, 'phone_key', null),
            if(n.gend is distinct from p.gend, 'gend', null)
        ]) as field_name
    from standing as s
    inner join entry as n on s.delivery_id = n.delivery_id
    inner join entry as p on s.list_code = p.list_code and s.previous_month = p.list_month and n.person_key = p.person_key
),

changed as (
    select
        list_code,
        list_month,
        person_key,
        town,
        'CHANGED' as change_code,
        'ROSTER_CHANGED' as reason_code,
        field_name
    from both_listed
    where field_name is not null
),

everything as (
    select * from added
    union all
    select * from gone
    union all
    select * from changed
)

select
    list_code,
    list_month,
    person_key,
    change_code,
    reason_code,
    field_name,
    town
from everything
where list_contains(cast($months as varchar[]), list_month)
