-- one row: where the agreed relief of a fund, department and town stands with one bank, to the fen.
-- grain: fund_code, department_code, town, bank_profile.
-- reads: ledger.award_posting, ledger.approval_item, ledger.payment_line, ledger.payment, ledger.payment_batch, ledger.payment_hold,
-- ledger.transfer_line.
-- source: issue of the ledger: approved = paid + returned + in flight + cancelled, what is held and what waits named.
-- approved comes from the postings, all else from payments and lines; difference_fen is 0 when both say the same. Money that no
-- live line carries stands under no bank (''). What a transfer between funds settled is paid by the one and no longer by the other. A posting without an item bears the town of the person's last item.
with
person_town as (
    select
        person_key,
        max_by(town, approval_item_id) as town
    from ledger.approval_item
    where town is not null
    group by person_key
),

posting as (
    select
        p.award_id,
        p.person_key,
        p.fund_code,
        p.department_code,
        coalesce(i.town, t.town, '') as town,
        p.amount_fen,
        p.fate = 'effective' as is_agreed
    from ledger.award_posting as p
    left join ledger.approval_item as i on p.approval_item_id = i.approval_item_id
    left join person_town as t on p.person_key = t.person_key
    where p.kind = 'award'
),

line as (
    select
        l.award_id,
        l.fund_code,
        l.department_code,
        l.amount_fen,
        l.is_live,
        p.state,
        b.bank_profile
    from ledger.payment_line as l
    inner join ledger.payment as p on l.payment_id = p.payment_id
    inner join ledger.payment_batch as b on p.payment_batch_id = b.payment_batch_id
),

carried as (
    select
        award_id,
        coalesce(sum(amount_fen) filter (where is_live), 0) as carried_fen,
        bool_or(not is_live and state = 'reissued') as was_returned,
        bool_or(not is_live and state = 'cancelled') as was_cancelled
    from line
    group by award_id
),

moved as (
    select
        award_id,
        cast(sum(amount_fen) as bigint) as moved_fen
    from ledger.transfer_line
    group by award_id
),

held as (
    select distinct payee_key as person_key
    from ledger.payment_hold
    where lifted_at is null
),

rest as (
    select
        p.*,
        p.amount_fen - coalesce(c.carried_fen, 0) as owed_fen,
        coalesce(m.moved_fen, 0) as moved_fen,
        if(
            p.amount_fen > 0,
            greatest(p.amount_fen - coalesce(c.carried_fen, 0) - coalesce(m.moved_fen, 0), 0),
            least(p.amount_fen - coalesce(c.carried_fen, 0) - coalesce(m.moved_fen, 0), 0)
        ) as open_fen,
        case
            when coalesce(c.was_returned, false) then 'returned'
            when coalesce(c.was_cancelled, false) then 'cancelled'
            when h.person_key is not null then 'held'
            else 'waiting'
        end as standing
    from posting as p
    left join carried as c on p.award_id = c.award_id
    left join moved as m on p.award_id = m.award_id
    left join held as h on p.person_key = h.person_key
    where p.is_agreed
),

entry as (
    select
        p.fund_code,
        p.department_code,
        p.town,
        l.bank_profile,
        'approved' as standing,
        l.amount_fen
    from line as l
    inner join posting as p on l.award_id = p.award_id
    where l.is_live and p.is_agreed
    union all
    select
        fund_code,
        department_code,
        town,
        '' as bank_profile,
        'approved' as standing,
        owed_fen as amount_fen
    from rest
    union all
    select
        fund_code,
        department_code,
        town,
        '' as bank_profile,
        'paid' as standing,
        moved_fen as amount_fen
    from rest
    union all
    select
        l.fund_code,
        l.department_code,
        coalesce(p.town, '') as town,
        l.bank_profile,
        case when l.state in ('drafted', 'approved', 'sent', 'manual') then 'in_flight' else l.state end as standing,
        l.amount_fen
    from line as l
    left join posting as p on l.award_id = p.award_id
    where l.is_live
    union all
    select
        fund_code,
        department_code,
        town,
        '' as bank_profile,
        standing,
        open_fen as amount_fen
    from rest
),

summed as (
    select
        fund_code,
        department_code,
        town,
        bank_profile,
        cast(coalesce(sum(amount_fen) filter (where standing = 'approved'), 0) as bigint) as approved_fen,
        cast(coalesce(sum(amount_fen) filter (where standing = 'paid'), 0) as bigint) as paid_fen,
        cast(coalesce(sum(amount_fen) filter (where standing = 'returned'), 0) as bigint) as returned_fen,
        cast(coalesce(sum(amount_fen) filter (where standing = 'in_flight'), 0) as bigint) as in_flight_fen,
        cast(coalesce(sum(amount_fen) filter (where standing = 'cancelled'), 0) as bigint) as cancelled_fen,
        cast(coalesce(sum(amount_fen) filter (where standing = 'held'), 0) as bigint) as held_fen,
        cast(coalesce(sum(amount_fen) filter (where standing = 'waiting'), 0) as bigint) as waiting_fen
    from entry
    group by fund_code, department_code, town, bank_profile
)

select
    fund_code,
    department_code,
    town,
    bank_profile,
    approved_fen,
    paid_fen,
    returned_fen,
    in_flight_fen,
    cancelled_fen,
    held_fen,
    waiting_fen,
    approved_fen
    - (paid_fen + returned_fen + in_flight_fen + cancelled_fen + held_fen + waiting_fen) as difference_fen
from summed
order by fund_code, department_code, town, bank_profile
