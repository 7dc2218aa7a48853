-- staging.settlement_delivered: one row is a delivery: rows and fen that came in, added up apart from the judging of rows
-- grain: delivery_id
-- reads: staging.settlement_keyed
-- source: law of the house: an amount is counted by its digits here and by decimals there, and both must agree
-- an amount that is digits, a point and two digits is a number of fen without its point; any other is looked at
with written as (
    select
        delivery_id,
        medfee_written,
        regexp_full_match(medfee_written, '[0-9]{1,13}[.][0-9]{2}') as is_plain
    from staging.settlement_keyed
),

spelled as (
    select
        delivery_id,
        case when is_plain then cast(replace(medfee_written, '.', '') as bigint) end as plain_fen,
        case when not is_plain then regexp_replace(translate(medfee_written, ',¥ ', ''), '^[+]([0-9])|元$', '\1', 'g') end as amount
    from written
),

digits as (
    select
        delivery_id,
        plain_fen,
        if(starts_with(amount, '-'), -1, 1) as sign,
        case when regexp_full_match(amount, '-?[0-9]{1,13}([.][0-9]{1,2}0*)?') then split_part(ltrim(amount, '-'), '.', 1) end as yuan,
        case when amount is not null then left(rpad(split_part(ltrim(amount, '-'), '.', 2), 2, '0'), 2) end as cents
    from spelled
)

select
    delivery_id,
    count(*) as rows_read,
    cast(coalesce(sum(coalesce(plain_fen, sign * (try_cast(yuan as bigint) * 100 + try_cast(cents as bigint)))), 0) as bigint) as fen_in
from digits
group by delivery_id
