-- facts.enrolment_event: one row an enrolment fee that a person paid, newest delivery first
-- grain: event_id
-- order: person_key, event_id
-- reads: staging.enrolment
-- source: 001, tier one (医前保障资助)
with delivered as (
    select
        unnest(cast($enrolment_deliveries as varchar[])) as delivery_id,
        generate_subscripts(cast($enrolment_deliveries as varchar[]), 1) as arrival
)

select
    e.enrol_id as event_id,
    e.person_key,
    e.paid_on,
    e.benefit_year,
    e.fee_fen,
    e.insutype,
    e.delivery_id,
    e.line_no
from staging.enrolment as e
inner join delivered as d on e.delivery_id = d.delivery_id
qualify row_number() over (partition by e.enrol_id order by d.arrival desc, e.line_no desc) = 1
