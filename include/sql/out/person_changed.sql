-- out.person_changed: one row a person whose result may differ from the former run's; works within a task, is not published
-- grain: person_key
-- reads: facts.person_digest, facts.person_digest_before, facts.benefit_refused, facts.benefit_refused_before, facts.order_locked,
-- facts.order_locked_before, facts.care_event, facts.enrolment_event, facts.service_event
-- source: docs/adr/0024; what a person gets depends on their own facts, on what was decided of them and on the policy of their claims' years
-- $ruled_years: benefit years whose policy differs; $ended_years: those that are over now and were not, or the other way round
with facts as (
    select coalesce(n.person_key, t.person_key) as person_key
    from facts.person_digest_before as t
    full join facts.person_digest as n on t.person_key = n.person_key
    where t.digest is distinct from n.digest or t.fact_rows is distinct from n.fact_rows
),

decided as (
    select person_key
    from (
        (
            select * from facts.benefit_refused
            except all
            select * from facts.benefit_refused_before
        )
        union all
        (
            select * from facts.benefit_refused_before
            except all
            select * from facts.benefit_refused
        )
    ) as refused
    union all
    select person_key
    from (
        (
            select * from facts.order_locked
            except all
            select * from facts.order_locked_before
        )
        union all
        (
            select * from facts.order_locked_before
            except all
            select * from facts.order_locked
        )
    ) as locked
),

claim as (
    select
        person_key,
        benefit_year
    from facts.care_event
    where len($ruled_years) + len($ended_years) > 0
    union all
    select
        person_key,
        benefit_year
    from facts.enrolment_event
    where len($ruled_years) + len($ended_years) > 0
    union all
    select
        person_key,
        benefit_year
    from facts.service_event
    where len($ruled_years) + len($ended_years) > 0
),

found as (
    select
        person_key,
        'facts' as what
    from facts
    union all
    select
        person_key,
        'decision' as what
    from decided
    union all
    select
        person_key,
        'policy' as what
    from claim
    where list_contains(cast($ruled_years as integer[]), benefit_year)
    union all
    select
        person_key,
        'year_over' as what
    from claim
    where list_contains(cast($ended_years as integer[]), benefit_year)
)

select
    person_key,
    bool_or(what = 'decision') as is_decided,
    bool_or(what = 'policy') as is_ruled,
    bool_or(what = 'year_over') as is_ended
from found
group by person_key
