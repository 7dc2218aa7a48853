-- staging.settlement_delivered: one row is a delivery: rows and fen that came in, added up apart from the judging of rows
-- grain: delivery_id
-- reads: staging.settlement_keyed
-- source: law of the house: an amount is counted by its digits here and by decimals there, and both must agree
with written as (
    select
        delivery_id,
        regexp_replace(translate(medfee_written, ',¥ ', ''), '^[+]([0-9])|元$', '\1', 'g') as amount
    from staging.settlement_keyed
),

digits as (
    select
        delivery_id,
        if(starts_with(amount, '-'), -1, 1) as sign,
        if(regexp_full_match(amount, '-?[0-9]{1,13}([.][0-9]{1,2}0*)?'), split_part(ltrim(amount, '-'), '.', 1), null) as yuan,
        left(rpad(split_part(ltrim(amount, '-'), '.', 2), 2, '0'), 2) as cents
    from written
)

select
    delivery_id,
    count(*) as rows_read,
    cast(coalesce(sum(sign * (try_cast(yuan as bigint) * 100 + try_cast(cents as bigint))), 0) as bigint) as fen_in
from digits
group by delivery_id
