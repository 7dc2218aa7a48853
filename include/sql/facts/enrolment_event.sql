-- facts.enrolment_event: one row an enrolment fee that a person paid, newest delivery first
-- grain: event_id
-- order: person_key, event_id
-- reads: staging.enrolment, ledger.claim_decision, ledger.exclusion
-- A fee claimed at a window is one once the case that it belongs to was agreed.
-- source: 001, tier one (医前保障资助)
with delivered as (
    select
        unnest(cast($enrolment_deliveries as varchar[])) as delivery_id,
        generate_subscripts(cast($enrolment_deliveries as varchar[]), 1) as arrival,
        list_contains(cast($hand_deliveries as varchar[]), unnest(cast($enrolment_deliveries as varchar[]))) as is_by_hand
),

agreed as (
    select distinct event_id
    from ledger.claim_decision
    where review_code = 'CLAIMED_BY_HAND' and outcome = 'release'
),

excluded as (
    select distinct e.enrol_id
    from staging.enrolment as e
    inner join ledger.exclusion as x on e.person_key = x.person_key
    where x.since <= e.paid_on and (x.until is null or x.until > e.paid_on)
)

select
    e.enrol_id as event_id,
    e.person_key,
    e.paid_on,
    e.benefit_year,
    e.fee_fen,
    e.insutype,
    if(x.enrol_id is null, null, 'PERSON_EXCLUDED') as stopped_code,
    e.delivery_id,
    e.line_no
from staging.enrolment as e
inner join delivered as d on e.delivery_id = d.delivery_id
left join agreed as a on e.enrol_id = a.event_id
left join excluded as x on e.enrol_id = x.enrol_id
where not d.is_by_hand or a.event_id is not null
qualify row_number() over (partition by e.enrol_id order by d.arrival desc, e.line_no desc) = 1
