-- one row: an agreed award of relief and the working days until it was paid, counted from each of the three days a text may mean.
-- grain: award_id.
-- reads: ledger.award_posting, ledger.decision, ledger.application, ledger.delivery, ledger.payment, ledger.payment_line, ledger.bank_result,
--   ledger.payment_by_hand, staging.settlement, staging.enrolment, facts.workday.
-- source: 001 chapter 4 (出院结算……在20天内发放到位): the text does not say from when it counts, so all three are measured.
-- discharge: the settlement at the hospital. arrival: the first delivery that brought it. trigger: the application raised for it. Day 0 is
-- not counted. Paid is what the bank or the payee confirmed in full; who is not paid is measured up to $as_of. A day before the calendar's
-- first is not counted from: null. An award that was wholly taken back is none, a fee has no discharge.
with
told as (
    select
        setl_id as event_id,
        delivery_id,
        cast(setl_time as date) as settled_on
    from staging.settlement
    where list_contains($deliveries, delivery_id)
    union all
    select
        enrol_id as event_id,
        delivery_id,
        cast(null as date) as settled_on
    from staging.enrolment
    where list_contains($deliveries, delivery_id)
),

first_told as (
    select
        told.event_id,
        max_by(told.settled_on, delivery.received_at) as settled_on,
        min(cast(substr(delivery.received_at, 1, 10) as date)) as arrived_on
    from told
    inner join ledger.delivery as delivery on told.delivery_id = delivery.delivery_id
    group by told.event_id
),

taken_back as (
    select
        reverses_award_id as award_id,
        sum(amount_fen) as reversed_fen
    from ledger.award_posting
    where reverses_award_id is not null
    group by reverses_award_id
),

received as (
    select
        payment_id,
        min(cast(substr(received_at, 1, 10) as date)) as paid_on
    from ledger.bank_result
    where state = 'LOAD' and outcome = 'PAID'
    group by payment_id
    union all
    select
        payment_id,
        cast(happened_on as date) as paid_on
    from ledger.payment_by_hand
    where outcome = 'paid'
),

paid as (
    select
        line.award_id,
        sum(line.amount_fen) as paid_fen,
        max(received.paid_on) as paid_on
    from ledger.payment_line as line
    inner join ledger.payment as payment on line.payment_id = payment.payment_id
    inner join received on payment.payment_id = received.payment_id
    where line.is_live and payment.state <> 'returned'
    group by line.award_id
),

granted as (
    select
        posting.award_id,
        posting.application_id,
        posting.event_id,
        posting.benefit_code,
        posting.department_code,
        posting.amount_fen,
        first_told.settled_on,
        first_told.arrived_on,
        cast(substr(application.applied_at, 1, 10) as date) as triggered_on,
        case when paid.paid_fen >= posting.amount_fen + coalesce(taken_back.reversed_fen, 0) then paid.paid_on end as paid_on
    from ledger.award_posting as posting
    inner join ledger.application as application on posting.application_id = application.application_id
    inner join ledger.decision as decision on posting.approval_item_id = decision.approval_item_id
    left join first_told on posting.event_id = first_told.event_id
    left join taken_back on posting.award_id = taken_back.award_id
    left join paid on posting.award_id = paid.award_id
    where
        posting.kind = 'award'
        and decision.outcome = 'agree'
        and posting.amount_fen + coalesce(taken_back.reversed_fen, 0) > 0
)

select
    granted.award_id,
    granted.application_id,
    granted.event_id,
    granted.benefit_code,
    granted.department_code,
    granted.settled_on,
    granted.arrived_on,
    granted.triggered_on,
    granted.paid_on,
    until_day.workdays_before - from_discharge.workdays_before as discharge_workdays,
    until_day.workdays_before - from_arrival.workdays_before as arrival_workdays,
    until_day.workdays_before - from_trigger.workdays_before as trigger_workdays
from granted
inner join facts.workday as until_day on until_day.on_day = coalesce(granted.paid_on, cast($as_of as date))  -- noqa: RF02
left join facts.workday as from_discharge on granted.settled_on = from_discharge.on_day
left join facts.workday as from_arrival on granted.arrived_on = from_arrival.on_day
left join facts.workday as from_trigger on granted.triggered_on = from_trigger.on_day
order by granted.award_id
