-- facts.refund: one row a refund record, the settlement that it strikes and the fen that it takes off; event_id is null while none is found
-- grain: refund_id
-- reads: facts.settlement_newest
-- source: national settlement feed, refd_setl_flag and init_setl_id; a refund without its original waits for it, a refund of a refund gives back
-- noqa: disable=RF02
with recursive
refund as (
    select
        *,
        [
            medfee_sumamt, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_scp_amt, act_pay_dedc, hifp_pay, hifmi_pay, hifob_pay, cvlserv_pay,
            hifes_pay, hifdm_pay, maf_pay, oth_pay, fund_pay_sumamt, psn_part_amt, hosp_part_amt, acct_pay, psn_cash_pay
        ] as amounts
    from facts.settlement_newest
    where is_refund
),

original as (
    select *
    from facts.settlement_newest
    where not is_refund
),

-- first by the id that it names: a settlement, else another refund
named as (
    select
        r.setl_id as refund_id,
        o.setl_id as event_id,
        if(o.setl_id is null, q.setl_id, null) as refund_of
    from refund as r
    left join original as o on r.target_id = o.setl_id
    left join refund as q on r.target_id = q.setl_id and r.setl_id <> q.setl_id
),

homeless as (
    select refund_id
    from named
    where event_id is null and refund_of is null
),

hit as (
    select event_id
    from named
    where event_id is not null
),

-- else by person, hospital, first day and amount: settlements and refunds that are alike, in order of time
alike as (
    select
        setl_id,
        true as is_refund,
        person_key,
        fixmedins_code,
        begndate,
        abs(medfee_sumamt) as fen,
        setl_time
    from refund
    where medfee_sumamt < 0 and setl_id in (select h.refund_id from homeless as h)
    union all
    select
        setl_id,
        false as is_refund,
        person_key,
        fixmedins_code,
        begndate,
        medfee_sumamt as fen,
        setl_time
    from original
    where not is_flagged and setl_id not in (select h.event_id from hit as h)
),

counted as (
    select
        *,
        sum(if(is_refund, -1, 1)) over (
            partition by person_key, fixmedins_code, begndate, fen order by setl_time, is_refund, setl_id
            rows between unbounded preceding and current row
        ) as standing
    from alike
),

-- a refund finds one when more settlements than refunds came before it
lowest as (
    select
        *,
        least(0, coalesce(min(standing) over (
            partition by person_key, fixmedins_code, begndate, fen order by setl_time, is_refund, setl_id
            rows between unbounded preceding and 1 preceding
        ), 0)) as lowest_before
    from counted
),

placed as (
    select
        *,
        row_number() over (
            partition by person_key, fixmedins_code, begndate, fen, is_refund order by setl_time, setl_id
        ) as place
    from lowest
    where not is_refund or standing >= lowest_before
),

by_likeness as (
    select
        r.setl_id as refund_id,
        o.setl_id as event_id
    from placed as r
    inner join placed as o
        on
            r.person_key = o.person_key
            and r.fixmedins_code is not distinct from o.fixmedins_code
            and r.begndate is not distinct from o.begndate
            and r.fen = o.fen
            and r.place = o.place
    where r.is_refund and not o.is_refund
),

parent as (
    select
        n.refund_id,
        coalesce(n.event_id, l.event_id) as event_id,
        n.refund_of,
        if(coalesce(n.event_id, n.refund_of) is null, 'likeness', 'id') as matched_by
    from named as n
    left join by_likeness as l on n.refund_id = l.refund_id
    where coalesce(n.event_id, n.refund_of, l.event_id) is not null
),

-- from each settlement down: a refund of the whole amount (of any version) or without amounts takes what stood, another its own amounts
tree as (
    select
        cast(null as varchar) as refund_id,
        o.setl_id as event_id,
        cast(null as varchar) as matched_by,
        0 as depth,
        o.amounts_seen,
        o.updt_time,
        [
            o.medfee_sumamt, o.fulamt_ownpay_amt, o.overlmt_selfpay, o.preselfpay_amt, o.inscp_scp_amt, o.act_pay_dedc, o.hifp_pay,
            o.hifmi_pay, o.hifob_pay, o.cvlserv_pay, o.hifes_pay, o.hifdm_pay, o.maf_pay, o.oth_pay, o.fund_pay_sumamt, o.psn_part_amt, o.hosp_part_amt, o.acct_pay, o.psn_cash_pay
        ] as amounts
    from original as o
    where o.setl_id in (select p.event_id from parent as p)
    union all
    select
        r.setl_id as refund_id,
        t.event_id,
        p.matched_by,
        t.depth + 1 as depth,
        r.amounts_seen,
        r.updt_time,
        list_transform(
            if(
                coalesce(r.medfee_sumamt, 0) = 0 or list_contains(list_transform(t.amounts_seen, lambda fen: abs(fen)), abs(r.medfee_sumamt)),
                list_transform(t.amounts, lambda fen: -coalesce(fen, 0)),
                list_transform(r.amounts, lambda fen: coalesce(fen, 0) * if((r.medfee_sumamt < 0) = (t.depth % 2 = 0), 1, -1))
            ),
            -- a settlement corrected under its own id after the refund lives again
            lambda fen: if(r.setl_id = t.event_id and r.updt_time < t.updt_time, 0, fen)
        ) as amounts
    from tree as t
    inner join parent as p on if(t.depth = 0, t.event_id = p.event_id, t.refund_id = p.refund_of)
    inner join refund as r on p.refund_id = r.setl_id
    where t.depth < $longest_chain
)

select
    r.setl_id as refund_id,
    t.event_id,
    t.matched_by,
    t.depth,
    r.person_key,
    cast(r.setl_time as date) as refunded_on,
    r.updt_time as known_at,
    r.medfee_sumamt,
    t.amounts,
    r.delivery_id,
    r.line_no
from refund as r
left join tree as t on r.setl_id = t.refund_id
