-- one row: money that was agreed and is not paid in time, or came back and was not paid again (及时足额).
-- grain: indicator_code, subject_id.
-- reads: out.clock_board, ledger.approval_item, ledger.payment, ledger.payment_batch.
-- source: 001 chapter 4; docs/domain 2.1.
-- NOT_PAID_IN_TIME: an application past its 20 working days. RETURNED_NOT_REPAID: a payment that the bank gave back and that was not
-- paid again within $repay_days days of the sending of its batch.
with
asked as (
    select
        application_id,
        any_value(person_key) as person_key,
        any_value(town) as town,
        cast(sum(amount_fen) as bigint) as amount_fen
    from ledger.approval_item
    group by application_id
)

select
    'NOT_PAID_IN_TIME' as indicator_code,
    'application' as subject_kind,
    board.subject_id,
    asked.person_key,
    board.holder_department as department_code,
    asked.town,
    cast(substr(board.due_at, 1, 10) as date) as arose_on,
    coalesce(asked.amount_fen, 0) as amount_fen,
    format('due_on={}; days_late={}; cause={}', board.due_on, board.days_late, coalesce(board.cause_code, '--')) as evidence
from out.clock_board as board
left join asked on board.subject_id = asked.application_id
where board.subject_kind = 'application' and board.state = 'overdue'
union all
select
    'RETURNED_NOT_REPAID' as indicator_code,
    'payment' as subject_kind,
    payment.payment_id as subject_id,
    payment.payee_key as person_key,
    cast(null as varchar) as department_code,
    cast(null as varchar) as town,
    cast(cast(substr(batch.sent_at, 1, 10) as date) + cast($repay_days as integer) as date) as arose_on,  -- noqa: RF02
    payment.amount_fen,
    format('reason={}; sent_at={}', coalesce(payment.reason_code, '--'), batch.sent_at) as evidence
from ledger.payment as payment
inner join ledger.payment_batch as batch on payment.payment_batch_id = batch.payment_batch_id
where
    payment.state = 'returned'
    and cast(substr(batch.sent_at, 1, 10) as date) + cast($repay_days as integer) < cast($as_of as date)  -- noqa: RF02
order by indicator_code, subject_id
