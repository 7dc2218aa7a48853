-- facts.claim_review: one row a claim and a reason for which a person must look at it, with what was decided
-- grain: event_id, review_code
-- reads: facts.care_netted, facts.settlement_newest, facts.notice_newest, staging.settlement_quarantined, ledger.claim_decision
-- source: national reviews of claims (include/policies/national/reviews.yaml); the first recorded decision wins
with rule as (
    select
        unnest(cast($review_codes as varchar[])) as review_code,
        unnest(cast($review_actions as varchar[])) as action,
        unnest(cast($review_openings as varchar[])) as opening,
        generate_subscripts(cast($review_codes as varchar[]), 1) as place
),

delivered as (
    select
        unnest(cast($settlement_deliveries as varchar[])) as delivery_id,
        unnest(cast($settlement_arrivals as integer[])) as arrival,
        unnest(cast($settlement_months as varchar[])) as month
),

living as (
    select *
    from facts.care_netted
    where not is_struck
),

-- the same stay and bill under several ids, by the amount billed or by what refunds left of it: the one that came first stands
twin as (
    select
        event_id,
        first_value(event_id) over as_billed as first_billed_id,
        first_value(event_id) over as_left as first_left_id
    from living
    where person_key is not null and fixmedins_code is not null
    window
        as_billed as (partition by person_key, fixmedins_code, since, until_on, billed_fen order by first_seen, event_id),
        as_left as (partition by person_key, fixmedins_code, since, until_on, medfee_sumamt order by first_seen, event_id)
),

unreadable as (
    select
        q.delivery_id,
        q.setl_id,
        d.arrival,
        coalesce(nullif(q.init_setl_id, ''), q.setl_id) as target_id,
        coalesce(q.refd_setl_flag = '1', false) or coalesce(nullif(q.init_setl_id, ''), q.setl_id) <> q.setl_id as is_refund
    from staging.settlement_quarantined as q
    inner join delivered as d on q.delivery_id = d.delivery_id
),

refund as (
    select setl_id
    from facts.settlement_newest
    where is_refund
),

dead as (
    select
        person_key,
        min(happened_on) as died_on
    from facts.notice_newest
    where notice_code = 'DEATH' and happened_on is not null
    group by person_key
),

found as (
    select
        event_id,
        'ACCIDENT_PENDING' as review_code,
        cast(null as varchar) as related_id
    from living
    where
        list_contains(cast($accident_med_types as varchar[]), med_type)
        or len(list_filter(cast($accident_dise_codes as varchar[]), lambda prefix: starts_with(dise_code, prefix))) > 0
    union all
    select
        event_id,
        'CLAIMED_BY_HAND' as review_code,
        cast(null as varchar) as related_id
    from living
    where is_by_hand
    union all
    select
        event_id,
        'SETTLEMENT_RENUMBERED' as review_code,
        if(event_id <> first_billed_id, first_billed_id, first_left_id) as related_id
    from twin
    where event_id <> first_billed_id or event_id <> first_left_id
    union all
    select
        l.event_id,
        'REFUND_UNREADABLE' as review_code,
        min(u.delivery_id) as related_id
    from living as l
    inner join unreadable as u on l.event_id = u.target_id
    left join refund as r on u.setl_id = r.setl_id
    where u.is_refund and r.setl_id is null
    group by l.event_id
    union all
    select
        l.event_id,
        'CORRECTION_UNREADABLE' as review_code,
        min(u.delivery_id) as related_id
    from living as l
    inner join unreadable as u on l.event_id = u.setl_id
    inner join delivered as d on l.delivery_id = d.delivery_id
    where not u.is_refund and u.arrival > d.arrival
    group by l.event_id
    union all
    select
        event_id,
        'REFUND_UNBALANCED' as review_code,
        cast(null as varchar) as related_id
    from living
    where is_partial and least(inscp_scp_amt, hifp_pay, hifmi_pay, hifob_pay, cvlserv_pay, hifes_pay, hifdm_pay, maf_pay, oth_pay, psn_part_amt) < 0
    union all
    select
        l.event_id,
        'AFTER_DEATH' as review_code,
        cast(null as varchar) as related_id
    from living as l
    inner join dead as d on l.person_key = d.person_key
    where l.since > d.died_on
    union all
    select
        l.event_id,
        'STAY_OVERLAPS' as review_code,
        min(o.event_id) as related_id
    from living as l
    inner join living as o on l.person_key = o.person_key and l.event_id <> o.event_id and l.since < o.until_on and l.until_on > o.since
    where l.until_on > l.since and o.until_on > o.since
    group by l.event_id
    union all
    select
        l.event_id,
        'SETTLED_LATE' as review_code,
        d.delivery_id as related_id
    from living as l
    inner join delivered as d on l.first_seen.arrival = d.arrival
    where date_diff('day', l.settled_on, cast(d.month || '-01' as date)) > $late_days  -- noqa: RF02
),

-- by a person, or by the notice of the injury office
decided as (
    select
        event_id,
        review_code,
        outcome,
        decided_at,
        decided_by
    from ledger.claim_decision
    union all
    select
        setl_id as event_id,
        'ACCIDENT_PENDING' as review_code,
        if(notice_code = 'INJURY_PAYABLE', 'release', 'refuse') as outcome,
        received_at as decided_at,
        delivery_id as decided_by
    from facts.notice_newest
    where notice_code in ('INJURY_PAYABLE', 'INJURY_NOT_PAYABLE') and setl_id is not null
),

first_decided as (
    select
        event_id,
        review_code,
        outcome,
        decided_at,
        decided_by
    from decided
    qualify row_number() over (partition by event_id, review_code order by decided_at, decided_by, outcome) = 1
)

-- nobody decides about claims of before the go-live day: they only post opening balances
select
    f.event_id,
    f.review_code,
    if(
        r.action = 'hold' and coalesce(if($benefit_year_by = 'discharge', l.until_on, l.settled_on) < $go_live_on, false),  -- noqa: RF02
        r.opening,
        r.action
    ) as action,
    cast(r.place as integer) as place,
    f.related_id,
    d.outcome,
    d.decided_at,
    d.decided_by
from found as f
inner join rule as r on f.review_code = r.review_code
inner join living as l on f.event_id = l.event_id
left join first_decided as d on f.event_id = d.event_id and f.review_code = d.review_code
