-- facts.refund: one row a refund record and the settlement that it strikes; event_id is null while none is found
-- grain: refund_id
-- reads: facts.settlement_newest
-- source: national settlement feed, refd_setl_flag and init_setl_id; a refund without its original waits for it
with refund as (
    select *
    from facts.settlement_newest
    where is_refund
),

original as (
    select *
    from facts.settlement_newest
    where not is_refund
),

-- first by the id of the original
by_id as (
    select
        r.setl_id,
        o.setl_id as event_id
    from refund as r
    inner join original as o on r.target_id = o.setl_id
),

-- else by person, hospital, first day and amount, each original once, in order
homeless as (
    select
        r.*,
        row_number() over (
            partition by r.person_key, r.fixmedins_code, r.begndate, r.medfee_sumamt order by r.setl_time, r.setl_id
        ) as place
    from refund as r
    where r.setl_id not in (select b.setl_id from by_id as b)
),

unstruck as (
    select
        o.*,
        row_number() over (
            partition by o.person_key, o.fixmedins_code, o.begndate, o.medfee_sumamt order by o.setl_time, o.setl_id
        ) as place
    from original as o
    where o.setl_id not in (select b.event_id from by_id as b) and not o.is_flagged
),

by_likeness as (
    select
        h.setl_id,
        u.setl_id as event_id
    from homeless as h
    inner join unstruck as u
        on
            h.person_key = u.person_key
            and h.fixmedins_code = u.fixmedins_code
            and h.begndate = u.begndate
            and -h.medfee_sumamt = u.medfee_sumamt
            and h.place = u.place
            and h.setl_time >= u.setl_time
),

matched as (
    select
        setl_id,
        event_id,
        'id' as matched_by
    from by_id
    union all
    select
        setl_id,
        event_id,
        'likeness' as matched_by
    from by_likeness
)

select
    r.setl_id as refund_id,
    m.event_id,
    m.matched_by,
    r.person_key,
    cast(r.setl_time as date) as refunded_on,
    r.updt_time as known_at,
    r.medfee_sumamt,
    r.delivery_id,
    r.line_no
from refund as r
left join matched as m on r.setl_id = m.setl_id
