-- out.return_row: one row is a row of a list that was set aside, from the moment it was returned to the moment it is cleared
-- grain: delivery_id, line_no
-- reads: facts.roster_snapshot, staging.roster_quarantined, staging.roster_keyed, staging.roster, staging.roster_trace
-- source: law of the house: a row stays open until the list's next delivery corrects it, drops it or repeats it
with stood as (
    select *
    from facts.roster_snapshot
    where known_at <= $known_at
    qualify row_number() over (partition by delivery_id order by known_at) = 1
),

-- the delivery of the same list that was taken next, for the same month or a later one
followed as (
    select
        s.delivery_id,
        arg_min(n.delivery_id, (n.known_at, n.list_month, n.version_no)) as next_id
    from stood as s
    inner join stood as n
        on
            s.list_code = n.list_code and s.list_month <= n.list_month and s.known_at <= n.known_at
            and (s.known_at < n.known_at or s.list_month < n.list_month or s.version_no < n.version_no)
    group by s.delivery_id
),

bad as (
    select
        q.delivery_id,
        q.line_no,
        q.reason_code,
        q.field,
        k.person_key,
        t.row_key
    from staging.roster_quarantined as q
    left join staging.roster_keyed as k on q.delivery_id = k.delivery_id and q.line_no = k.line_no
    left join staging.roster_trace as t on q.delivery_id = t.delivery_id and q.line_no = t.line_no
),

sound as (
    select
        r.delivery_id,
        r.person_key,
        t.row_key
    from staging.roster as r
    left join staging.roster_trace as t on r.delivery_id = t.delivery_id and r.line_no = t.line_no
),

sound_name as (
    select
        delivery_id,
        row_key,
        count(*) as counted
    from sound
    where row_key is not null
    group by delivery_id, row_key
),

told as (
    select
        s.delivery_id,
        s.department_code,
        s.list_code,
        s.list_month,
        s.version_no,
        b.line_no,
        b.reason_code,
        b.field,
        s.known_at as opened_at,
        n.known_at as next_at,
        f.next_id,
        exists(
            select 1
            from bad as again
            where again.delivery_id = f.next_id and (again.person_key = b.person_key or again.row_key = b.row_key)
        ) as is_repeated,
        exists (
            select 1
            from sound as corrected
            where corrected.delivery_id = f.next_id and corrected.person_key = b.person_key
        ) or coalesce(later.counted, 0) > coalesce(own.counted, 0) as is_corrected
    from stood as s
    inner join bad as b on s.delivery_id = b.delivery_id
    left join followed as f on s.delivery_id = f.delivery_id
    left join stood as n on f.next_id = n.delivery_id
    left join sound_name as own on b.delivery_id = own.delivery_id and b.row_key = own.row_key
    left join sound_name as later on f.next_id = later.delivery_id and b.row_key = later.row_key
)

select
    delivery_id,
    department_code,
    list_code,
    list_month,
    version_no,
    line_no,
    reason_code,
    field,
    opened_at,
    next_at as closed_at,
    next_id as closed_by,
    case
        when next_id is null then 'OPEN'
        when is_repeated then 'REPEATED'
        when is_corrected then 'CORRECTED'
        else 'REMOVED'
    end as state_code
from told
