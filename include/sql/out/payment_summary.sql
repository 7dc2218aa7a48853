-- one row: money of a payment batch from one department and fund.
-- grain: payment_batch_id, department_code, fund_code.
-- reads: ledger.payment_batch, ledger.payment, ledger.payment_line.
-- source: 001 chapter 1, item 3 (funds are kept apart); control totals of the bank file.
select
    batch.payment_batch_id,
    batch.month as batch_month,
    batch.state,
    batch.file_name,
    batch.file_sha256,
    line.department_code,
    line.fund_code,
    count(distinct payment.payment_id) as payees,
    count(*) as lines,
    cast(sum(line.amount_fen) as bigint) as amount_fen,
    cast(coalesce(sum(line.amount_fen) filter (where payment.state = 'manual'), 0) as bigint) as by_hand_fen
from ledger.payment_batch as batch
inner join ledger.payment as payment on batch.payment_batch_id = payment.payment_batch_id
inner join ledger.payment_line as line on payment.payment_id = line.payment_id
where line.is_live
group by
    batch.payment_batch_id,
    batch.month,
    batch.state,
    batch.file_name,
    batch.file_sha256,
    line.department_code,
    line.fund_code
order by batch.payment_batch_id, line.department_code, line.fund_code
