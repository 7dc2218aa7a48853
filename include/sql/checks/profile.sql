-- checks.profile: every accepted settlement row is an event, a refund, or replaced by one, once, with its fen; refunds are netted to the fen
-- grain: check_code
-- reads: staging.settlement, facts.settlement_newest, facts.settlement_replaced, facts.care_event, facts.refund, facts.identity_span
-- source: conservation of rows and fen
with event as (
    select
        count(*) as counted,
        count(distinct event_id) as ids,
        coalesce(sum(billed_fen), 0) as fen
    from facts.care_event
),

refund as (
    select
        count(*) as counted,
        coalesce(sum(medfee_sumamt), 0) as fen
    from facts.refund
),

newest as (
    select
        count(*) as counted,
        coalesce(sum(medfee_sumamt), 0) as fen
    from facts.settlement_newest
),

delivered as (
    select unnest(cast($settlement_deliveries as varchar[])) as delivery_id
),

staged as (
    select
        count(*) as counted,
        coalesce(sum(s.medfee_sumamt), 0) as fen
    from staging.settlement as s
    inner join delivered as d on s.delivery_id = d.delivery_id
),

replaced as (
    select
        count(*) as counted,
        coalesce(sum(medfee_sumamt), 0) as fen
    from facts.settlement_replaced
),

taken as (
    select
        event_id,
        sum(amounts[1]) as fen
    from facts.refund
    where event_id is not null
    group by event_id
)

select
    'rows_accounted' as check_code,
    n.counted as examined,
    abs(n.counted - e.ids - r.counted) + (e.counted - e.ids) as failures,
    cast(n.fen as bigint) as fen_in,
    cast(e.fen + r.fen as bigint) as fen_out
from newest as n, event as e, refund as r
union all
select
    'versions_accounted' as check_code,
    s.counted as examined,
    abs(s.counted - n.counted - p.counted) as failures,
    cast(s.fen as bigint) as fen_in,
    cast(n.fen + p.fen as bigint) as fen_out
from staged as s, newest as n, replaced as p
union all
select
    'refunds_netted' as check_code,
    count(*) as examined,
    count(*) filter (where e.state <> 'STRUCK' and e.medfee_sumamt <> e.billed_fen + least(0, coalesce(t.fen, 0))) as failures,
    cast(coalesce(sum(e.billed_fen + least(0, coalesce(t.fen, 0))) filter (where e.state <> 'STRUCK'), 0) as bigint) as fen_in,
    cast(coalesce(sum(e.medfee_sumamt) filter (where e.state <> 'STRUCK'), 0) as bigint) as fen_out
from facts.care_event as e
left join taken as t on e.event_id = t.event_id
union all
select
    'held_has_reason' as check_code,
    count(*) as examined,
    count(*) filter (where (state = 'LIVE') <> (reason_code is null)) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from facts.care_event
union all
select
    'original_is_struck' as check_code,
    count(*) as examined,
    count(*) filter (where e.event_id is null) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from facts.refund as r
left join facts.care_event as e on r.event_id = e.event_id
where r.event_id is not null
union all
select
    'span_well_formed' as check_code,
    count(*) as examined,
    count(*) filter (where until <= since) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from facts.identity_span
