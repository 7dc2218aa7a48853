-- out.person_touched: one row a person whose result may differ from the former run's, with every cause
-- grain: person_key
-- reads: out.person_changed, out.known_change
-- source: docs/adr/0024; the causes are those of `mianshen known` and of the years' ends
with cause as (
    select
        person_key,
        cause
    from out.known_change
    union all
    select
        person_key,
        unnest(list_filter(
            [if(is_decided, 'decision', null), if(is_ruled, 'policy', null), if(is_ended, 'year_over', null)],
            lambda one: one is not null
        )) as cause
    from out.person_changed
)

select
    p.person_key,
    list_sort(list_distinct(list(c.cause) filter (where c.cause is not null))) as causes
from out.person_changed as p
left join cause as c on p.person_key = c.person_key
group by p.person_key
