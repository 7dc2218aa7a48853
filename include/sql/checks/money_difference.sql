-- one row: a place where two parts of the ledger say different sums of the same money. No row when all is well.
-- grain: check_code, fund_code, department_code, town, bank_profile, subject_id.
-- reads: out.money_state, ledger.payment, ledger.payment_line, ledger.payment_batch, ledger.bank_result, ledger.payment_by_hand,
-- ledger.suspense_clearing, ledger.award_posting, ledger.fund_act, ledger.fund_check, ledger.fund_entry,
-- ledger.transfer_line.
-- source: issue of the ledger (daily identity); 001 chapter 1, item 3 (funds are kept apart).
with
line_sum as (
    select
        payment_id,
        cast(sum(amount_fen) as bigint) as amount_fen
    from ledger.payment_line
    group by payment_id
),

payment_sum as (
    select
        payment_batch_id,
        cast(sum(amount_fen) as bigint) as amount_fen
    from ledger.payment
    group by payment_batch_id
),

left_sum as (
    select
        b.bank_profile,
        cast(sum(p.amount_fen) as bigint) as amount_fen
    from ledger.payment as p
    inner join ledger.payment_batch as b on p.payment_batch_id = b.payment_batch_id
    where b.state = 'sent' and p.state in ('sent', 'paid', 'returned', 'reissued', 'manual', 'cancelled')
    group by b.bank_profile
),

sent_sum as (
    select
        bank_profile,
        cast(sum(amount_fen) as bigint) as amount_fen
    from ledger.payment_batch
    where state = 'sent'
    group by bank_profile
),

final as (
    select
        payment_id,
        lower(outcome) as state
    from ledger.bank_result
    where state = 'LOAD' and outcome <> 'PENDING'
),

proof as (
    select * from final
    union all
    select
        payment_id,
        outcome as state
    from ledger.payment_by_hand
    union all
    select
        payment_id,
        'returned' as state
    from ledger.suspense_clearing
    where payment_id is not null
),

-- funds that a sent batch used with finance's agreement, as its lines and as the fund's entries say it; what clinics are paid for
-- themselves was entered by acts of its own
used as (
    select
        b.payment_batch_id,
        b.bank_profile,
        l.fund_code,
        cast(sum(l.amount_fen) as bigint) as amount_fen
    from ledger.payment_line as l
    inner join ledger.payment as p on l.payment_id = p.payment_id
    inner join ledger.payment_batch as b on p.payment_batch_id = b.payment_batch_id
    inner join ledger.award_posting as w on l.award_id = w.award_id
    where
        b.state = 'sent'
        and w.benefit_code <> 'clinic'
        and b.payment_batch_id in (
            select a.payment_batch_id from ledger.fund_act as a
            where a.kind = 'batch'
        )
    group by b.payment_batch_id, b.bank_profile, l.fund_code
),

entered as (
    select
        a.payment_batch_id,
        e.fund_code,
        cast(-sum(e.amount_fen) as bigint) as amount_fen
    from ledger.fund_entry as e
    inner join ledger.fund_act as a on e.act_id = a.act_id
    inner join ledger.fund_check as c on a.act_id = c.act_id
    where a.kind = 'batch' and c.outcome = 'agreed'
    group by a.payment_batch_id, e.fund_code
),

-- what finance agreed that a clinic is paid, and what was posted for it
agreed as (
    select
        a.act_id,
        a.fund_code,
        a.amount_fen
    from ledger.fund_act as a
    inner join ledger.fund_check as c on a.act_id = c.act_id
    where a.kind in ('advance', 'top_up', 'service') and c.outcome = 'agreed'
),

-- what postings a transfer between funds settled, and what it moved
settled as (
    select
        transfer_id,
        fund_code,
        cast(-sum(amount_fen) as bigint) as amount_fen
    from ledger.transfer_line
    group by transfer_id, fund_code
),

transferred as (
    select
        a.paper_sha256 as transfer_id,
        e.fund_code,
        cast(sum(e.amount_fen) as bigint) as amount_fen
    from ledger.fund_entry as e
    inner join ledger.fund_act as a on e.act_id = a.act_id
    where a.kind = 'transfer' and a.paper_sha256 in (select s.transfer_id from settled as s)
    group by a.paper_sha256, e.fund_code
),

clinic_posting as (
    select
        event_id,
        fund_code,
        amount_fen
    from ledger.award_posting
    where benefit_code = 'clinic'
),

moved as (
    select
        p.payment_id,
        p.amount_fen,
        p.state,
        b.bank_profile,
        if(p.state = 'reissued', 'returned', p.state) as wanted
    from ledger.payment as p
    inner join ledger.payment_batch as b on p.payment_batch_id = b.payment_batch_id
)

select
    'fund_identity' as check_code,
    fund_code,
    department_code,
    town,
    bank_profile,
    '' as subject_id,
    approved_fen as expected_fen,
    approved_fen - difference_fen as found_fen
from out.money_state
where difference_fen <> 0
union all
select
    'bank_identity' as check_code,
    '' as fund_code,
    '' as department_code,
    '' as town,
    s.bank_profile,
    '' as subject_id,
    s.amount_fen as expected_fen,
    coalesce(l.amount_fen, 0) as found_fen
from sent_sum as s
left join left_sum as l on s.bank_profile = l.bank_profile
where s.amount_fen <> coalesce(l.amount_fen, 0)
union all
select
    'payment_lines' as check_code,
    '' as fund_code,
    '' as department_code,
    '' as town,
    m.bank_profile,
    m.payment_id as subject_id,
    m.amount_fen as expected_fen,
    coalesce(l.amount_fen, 0) as found_fen
from moved as m
left join line_sum as l on m.payment_id = l.payment_id
where m.amount_fen <> coalesce(l.amount_fen, 0)
union all
select
    'batch_payments' as check_code,
    '' as fund_code,
    '' as department_code,
    '' as town,
    b.bank_profile,
    b.payment_batch_id as subject_id,
    b.amount_fen as expected_fen,
    coalesce(p.amount_fen, 0) as found_fen
from ledger.payment_batch as b
left join payment_sum as p on b.payment_batch_id = p.payment_batch_id
where b.amount_fen <> coalesce(p.amount_fen, 0)
union all
select
    'state_without_proof' as check_code,
    '' as fund_code,
    '' as department_code,
    '' as town,
    m.bank_profile,
    m.payment_id as subject_id,
    m.amount_fen as expected_fen,
    cast(0 as bigint) as found_fen
from moved as m
left join proof as p on m.payment_id = p.payment_id and m.wanted = p.state
where m.wanted in ('paid', 'returned') and p.payment_id is null
union all
select
    'result_not_followed' as check_code,
    '' as fund_code,
    '' as department_code,
    '' as town,
    m.bank_profile,
    m.payment_id as subject_id,
    m.amount_fen as expected_fen,
    cast(0 as bigint) as found_fen
from moved as m
inner join final as f on m.payment_id = f.payment_id
left join ledger.suspense_clearing as c on m.payment_id = c.payment_id
where
    m.wanted <> f.state
    and not (m.state = 'cancelled' and f.state = 'returned')
    and c.payment_id is null
union all
select
    'fund_entries' as check_code,
    u.fund_code,
    '' as department_code,
    '' as town,
    u.bank_profile,
    u.payment_batch_id as subject_id,
    u.amount_fen as expected_fen,
    coalesce(e.amount_fen, 0) as found_fen
from used as u
left join entered as e on u.payment_batch_id = e.payment_batch_id and u.fund_code = e.fund_code
where u.amount_fen <> coalesce(e.amount_fen, 0)
union all
select
    'plan_transfer' as check_code,
    coalesce(s.fund_code, t.fund_code) as fund_code,
    '' as department_code,
    '' as town,
    '' as bank_profile,
    coalesce(s.transfer_id, t.transfer_id) as subject_id,
    coalesce(s.amount_fen, 0) as expected_fen,
    coalesce(t.amount_fen, 0) as found_fen
from settled as s
full outer join transferred as t on s.transfer_id = t.transfer_id and s.fund_code = t.fund_code
where coalesce(s.amount_fen, 0) <> coalesce(t.amount_fen, 0)
union all
select
    'clinic_posting' as check_code,
    coalesce(g.fund_code, p.fund_code) as fund_code,
    '' as department_code,
    '' as town,
    '' as bank_profile,
    coalesce(g.act_id, p.event_id) as subject_id,
    coalesce(g.amount_fen, 0) as expected_fen,
    coalesce(p.amount_fen, 0) as found_fen
from agreed as g
full outer join clinic_posting as p on g.act_id = p.event_id and g.fund_code = p.fund_code
where coalesce(g.amount_fen, 0) <> coalesce(p.amount_fen, 0)
order by check_code, fund_code, department_code, town, bank_profile, subject_id
