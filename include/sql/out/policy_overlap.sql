-- out.policy_overlap: people of the year to date by the set of departments that relieve them, and what the choice of the order gained them
-- grain: department_set
-- reads: out.relief_part, out.order_tried
-- source: 001 (several departments, one plan); gained: the order that counts less the order that the policy prints first
-- noqa: disable=RF02
with person as (
    select
        person_key,
        list(distinct department_code order by department_code) as departments,
        count(distinct event_id) as visits,
        sum(relief_fen) as relief_fen
    from out.relief_part
    where relief_fen <> 0
    group by person_key
),

choice as (
    select
        person_key,
        sum(total_fen) filter (where is_chosen) - sum(total_fen) filter (where order_no = 0) as gained_fen
    from out.order_tried
    where benefit_year = cast(substr($run_month, 1, 4) as integer)
    group by person_key
)

select
    array_to_string(p.departments, '+') as department_set,
    len(p.departments) as departments_together,
    count(*) as people,
    cast(sum(p.visits) as bigint) as visits,
    cast(sum(p.relief_fen) as bigint) as relief_fen,
    count(c.person_key) as people_with_choice,
    cast(coalesce(sum(c.gained_fen), 0) as bigint) as gained_fen,
    count(*) < $small_cell as is_small
from person as p
left join choice as c on p.person_key = c.person_key
group by p.departments
