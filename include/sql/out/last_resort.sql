-- out.last_resort: people whom the year's relief leaves with costs, for the department that helps further; none where no policy says so
-- grain: person_key, benefit_year
-- reads: out.assessment
-- source: 003, three (one) 2: what special relief leaves goes to the civil affairs bureau's last-resort policy
with remainder as (
    select
        person_key,
        benefit_year,
        count(*) as visits,
        cast(sum(relief_fen) as bigint) as relief_fen,
        cast(sum(left_fen) as bigint) as left_fen
    from out.assessment
    where event_kind = 'care' and outcome in ('PAID', 'REFUSED') and left_fen is not null
    group by person_key, benefit_year
)

select
    person_key,
    benefit_year,
    cast($last_resort_department as varchar) as department_code,
    visits,
    relief_fen,
    left_fen
from remainder
where $last_resort_department is not null and relief_fen > 0 and left_fen > 0
