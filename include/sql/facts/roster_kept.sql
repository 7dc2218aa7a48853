-- facts.roster_kept: one row is a person whose row of a list was set aside, or may be one of those set aside; works within a run
-- grain: delivery_id, person_key
-- reads: staging.roster_quarantined, staging.roster_keyed, staging.row_suggestion
-- source: law of the house: a fault in a row is no absence
with named as (
    select
        q.delivery_id,
        k.person_key,
        true as is_named
    from staging.roster_quarantined as q
    inner join staging.roster_keyed as k on q.delivery_id = k.delivery_id and q.line_no = k.line_no
    where k.person_key is not null
),

suggested as (
    select
        s.delivery_id,
        s.person_key,
        false as is_named
    from staging.row_suggestion as s
    inner join staging.roster_quarantined as q on s.delivery_id = q.delivery_id and s.line_no = q.line_no
),

either as (
    select * from named
    union all
    select * from suggested
)

select
    delivery_id,
    person_key,
    bool_or(is_named) as is_named
from either
group by delivery_id, person_key
