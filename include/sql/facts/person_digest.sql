-- facts.person_digest: one row a person of whom the facts say something; its number changes when a row of theirs does
-- grain: person_key
-- reads: facts.care_event, facts.enrolment_event, facts.service_event, facts.identity_span
-- source: docs/adr/0024, who is reassessed
-- noqa: disable=RF02
with said as (
    select
        e.person_key,
        hash('care', e) as row_digest
    from facts.care_event as e
    union all
    select
        e.person_key,
        hash('enrolment', e) as row_digest
    from facts.enrolment_event as e
    union all
    select
        e.person_key,
        hash('service', e) as row_digest
    from facts.service_event as e
    union all
    select
        s.person_key,
        hash('identity', s) as row_digest
    from facts.identity_span as s
)

select
    person_key,
    cast(sum(cast(row_digest as hugeint)) % 18446744073709551616 as ubigint) as digest,
    count(*) as fact_rows
from said
group by person_key
