-- one row: a month of a fund, or of what a clinic holds of it, in which something moved.
-- grain: fund_code, holder, statement_month.
-- reads: ledger.fund_act, ledger.fund_entry.
-- source: 001 chapter 1, item 3 (funds are kept apart); 003 chapter 5 (advances to clinics, monthly 汇总表, settlement of the year).
-- holder is empty for the fund itself. opening + all movements = closing; nothing falls below zero.
with
moved as (
    select
        e.fund_code,
        e.holder,
        substr(a.happened_on, 1, 7) as statement_month,
        a.kind,
        e.amount_fen
    from ledger.fund_entry as e
    inner join ledger.fund_act as a on e.act_id = a.act_id
),

summed as (
    select
        fund_code,
        holder,
        statement_month,
        coalesce(sum(amount_fen) filter (where kind = 'receipt'), 0) as receipt_fen,
        coalesce(sum(amount_fen) filter (where kind = 'transfer'), 0) as transfer_fen,
        coalesce(sum(amount_fen) filter (where kind in ('advance', 'top_up')), 0) as advance_fen,
        coalesce(sum(amount_fen) filter (where kind = 'service'), 0) as service_fen,
        coalesce(sum(amount_fen) filter (where kind = 'used'), 0) as used_fen,
        coalesce(sum(amount_fen) filter (where kind = 'settled'), 0) as settled_fen,
        coalesce(sum(amount_fen) filter (where kind = 'batch'), 0) as batch_fen,
        coalesce(sum(amount_fen) filter (where kind = 'returned'), 0) as returned_fen,
        sum(amount_fen) as moved_fen
    from moved
    group by fund_code, holder, statement_month
)

select
    fund_code,
    holder,
    statement_month,
    cast(coalesce(sum(moved_fen) over (
        partition by fund_code, holder order by statement_month
        rows between unbounded preceding and 1 preceding
    ), 0) as bigint) as opening_fen,
    cast(receipt_fen as bigint) as receipt_fen,
    cast(transfer_fen as bigint) as transfer_fen,
    cast(advance_fen as bigint) as advance_fen,
    cast(service_fen as bigint) as service_fen,
    cast(used_fen as bigint) as used_fen,
    cast(settled_fen as bigint) as settled_fen,
    cast(batch_fen as bigint) as batch_fen,
    cast(returned_fen as bigint) as returned_fen,
    cast(sum(moved_fen) over (
        partition by fund_code, holder order by statement_month
        rows between unbounded preceding and current row
    ) as bigint) as closing_fen
from summed
order by fund_code, holder, statement_month
