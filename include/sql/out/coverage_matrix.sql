-- out.coverage_matrix: every category beside every department: what the department's policies cover, whom they relieved, whom they missed
-- grain: category_code, department_code
-- reads: out.person_month, out.relief_part
-- source: 001, policy portrait (政策画像): 12 categories x 7 departments; of the year to date, people once in each cell
-- noqa: disable=RF02
with category as (
    select
        unnest(cast($category_codes as varchar[])) as category_code,
        unnest(cast($category_keepers as varchar[])) as keeper_code
),

department as (
    select unnest(cast($department_codes as varchar[])) as department_code
),

-- each line of the policy: a benefit and a category that it names
rule as (
    select
        unnest(cast($rule_categories as varchar[])) as category_code,
        unnest(cast($rule_departments as varchar[])) as department_code,
        unnest(cast($rule_benefits as varchar[])) as benefit_code,
        unnest(cast($rule_statuses as varchar[])) as status
),

covered as (
    select
        category_code,
        department_code,
        list(distinct benefit_code order by benefit_code) as benefit_codes,
        bool_or(status = 'illustrative') as is_illustrative
    from rule
    group by category_code, department_code
),

listed as (
    select
        category_code,
        count(distinct person_key) as people,
        count(distinct person_key) filter (where burden_fen > 0) as people_burdened
    from (
        select
            *,
            unnest(categories) as category_code
        from out.person_month
    ) as member
    group by category_code
),

relieved as (
    select
        category_code,
        department_code,
        count(distinct person_key) as people_relieved,
        count(distinct event_id) as visits_relieved,
        cast(sum(relief_fen) as bigint) as relief_fen
    from out.relief_part
    where relief_fen <> 0
    group by category_code, department_code
)

select
    c.category_code,
    d.department_code,
    c.keeper_code = d.department_code as is_keeper,
    coalesce(v.benefit_codes, cast([] as varchar[])) as benefit_codes,
    v.category_code is not null as is_covered,
    coalesce(v.is_illustrative, false) as is_illustrative,
    coalesce(l.people, 0) as people,
    coalesce(l.people_burdened, 0) as people_burdened,
    coalesce(r.people_relieved, 0) as people_relieved,
    coalesce(r.visits_relieved, 0) as visits_relieved,
    coalesce(r.relief_fen, 0) as relief_fen,
    coalesce(r.people_relieved, 0) between 1 and $small_cell - 1 or coalesce(l.people, 0) between 1 and $small_cell - 1 as is_small
from category as c
cross join department as d
left join covered as v on c.category_code = v.category_code and d.department_code = v.department_code
left join listed as l on c.category_code = l.category_code
left join relieved as r on c.category_code = r.category_code and d.department_code = r.department_code
