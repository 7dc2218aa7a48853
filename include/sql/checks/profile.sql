-- checks.profile: every newest settlement row is an event or a refund, once, with its fen; every span ends after it begins
-- grain: check_code
-- reads: facts.settlement_newest, facts.care_event, facts.refund, facts.identity_span
-- source: conservation of rows and fen
with event as (
    select
        count(*) as counted,
        count(distinct event_id) as ids,
        coalesce(sum(medfee_sumamt), 0) as fen
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
