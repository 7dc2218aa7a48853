-- facts.payer_share: one row a settlement of care: what each other payer gave for it; null while that payer has not delivered so far
-- grain: event_id
-- reads: facts.care_netted, facts.notice_newest
-- source: notices of other payers; matched by settlement, else the person's year spread over its settlements in order; not delivered is not nothing
with payer as (
    select
        unnest(cast($payer_codes as varchar[])) as payer_code,
        generate_subscripts(cast($payer_codes as varchar[]), 1) as place
),

reached as (
    select
        payer_code,
        max(month) as month
    from (
        select
            unnest(cast($payer_reach_codes as varchar[])) as payer_code,
            unnest(cast($payer_reach_months as varchar[])) as month
    ) as delivered
    group by payer_code
),

living as (
    select *
    from facts.care_netted
    where not is_struck
),

-- a payment for a settlement that was refunded goes with the settlement that took its place
direct as (
    select
        l.event_id,
        n.notice_code as payer_code,
        sum(n.fen) as fen
    from facts.notice_newest as n
    inner join facts.care_netted as c on n.setl_id = c.event_id
    inner join living as l on c.chain_event_id = l.chain_event_id
    where n.notice_code in (select p.payer_code from payer as p)
    group by l.event_id, n.notice_code
),

direct_sum as (
    select
        event_id,
        sum(fen) as fen
    from direct
    group by event_id
),

yearly as (
    select
        n.person_key,
        n.benefit_year,
        n.notice_code as payer_code,
        p.place,
        greatest(0, sum(n.fen)) as fen
    from facts.notice_newest as n
    inner join payer as p on n.notice_code = p.payer_code
    where n.setl_id is null and n.person_key is not null and n.benefit_year is not null
    group by n.person_key, n.benefit_year, n.notice_code, p.place
),

-- a person's year as a line: the burden of each settlement in order, and on it the payments of each payer in order
burden as (
    select
        l.event_id,
        l.person_key,
        l.benefit_year,
        greatest(0, coalesce(l.psn_part_amt, l.medfee_sumamt - coalesce(l.fund_pay_sumamt, 0), 0) - coalesce(d.fen, 0)) as fen,
        sum(greatest(0, coalesce(l.psn_part_amt, l.medfee_sumamt - coalesce(l.fund_pay_sumamt, 0), 0) - coalesce(d.fen, 0))) over (
            partition by l.person_key, l.benefit_year order by l.settled_at, l.event_id
            rows between unbounded preceding and current row
        ) as until_fen
    from living as l
    left join direct_sum as d on l.event_id = d.event_id
),

paid as (
    select
        *,
        sum(fen) over (
            partition by person_key, benefit_year order by place rows between unbounded preceding and current row
        ) as until_fen
    from yearly
),

spread as (
    select
        b.event_id,
        p.payer_code,
        least(b.until_fen, p.until_fen) - greatest(b.until_fen - b.fen, p.until_fen - p.fen) as fen
    from burden as b
    inner join paid as p on b.person_key = p.person_key and b.benefit_year = p.benefit_year
    where least(b.until_fen, p.until_fen) > greatest(b.until_fen - b.fen, p.until_fen - p.fen)
),

given as (
    select
        event_id,
        payer_code,
        cast(greatest(0, sum(fen)) as bigint) as fen
    from (
        select
            event_id,
            payer_code,
            fen
        from direct
        union all
        select
            event_id,
            payer_code,
            fen
        from spread
    ) as each_part
    group by event_id, payer_code
),

reach as (
    select
        max(month) filter (where payer_code = 'PAY_COMMERCIAL') as pay_commercial,
        max(month) filter (where payer_code = 'PAY_INCLUSIVE') as pay_inclusive,
        max(month) filter (where payer_code = 'PAY_MUTUAL_AID') as pay_mutual_aid,
        max(month) filter (where payer_code = 'PAY_CHARITY') as pay_charity,
        max(month) filter (where payer_code = 'PAY_EMERGENCY_FUND') as pay_emergency_fund,
        max(month) filter (where payer_code = 'PAY_TEMPORARY_AID') as pay_temporary_aid,
        max(month) filter (where payer_code = 'PAY_THIRD_PARTY') as pay_third_party
    from reached
),

gift as (
    select
        event_id,
        max(fen) filter (where payer_code = 'PAY_COMMERCIAL') as pay_commercial,
        max(fen) filter (where payer_code = 'PAY_INCLUSIVE') as pay_inclusive,
        max(fen) filter (where payer_code = 'PAY_MUTUAL_AID') as pay_mutual_aid,
        max(fen) filter (where payer_code = 'PAY_CHARITY') as pay_charity,
        max(fen) filter (where payer_code = 'PAY_EMERGENCY_FUND') as pay_emergency_fund,
        max(fen) filter (where payer_code = 'PAY_TEMPORARY_AID') as pay_temporary_aid,
        max(fen) filter (where payer_code = 'PAY_THIRD_PARTY') as pay_third_party
    from given
    group by event_id
),

shared as (
    select
        l.event_id,
        coalesce(g.pay_commercial, if(r.pay_commercial >= strftime(l.settled_on, '%Y-%m'), cast(0 as bigint), null)) as pay_commercial,
        coalesce(g.pay_inclusive, if(r.pay_inclusive >= strftime(l.settled_on, '%Y-%m'), cast(0 as bigint), null)) as pay_inclusive,
        coalesce(g.pay_mutual_aid, if(r.pay_mutual_aid >= strftime(l.settled_on, '%Y-%m'), cast(0 as bigint), null)) as pay_mutual_aid,
        coalesce(g.pay_charity, if(r.pay_charity >= strftime(l.settled_on, '%Y-%m'), cast(0 as bigint), null)) as pay_charity,
        coalesce(g.pay_emergency_fund, if(r.pay_emergency_fund >= strftime(l.settled_on, '%Y-%m'), cast(0 as bigint), null)) as pay_emergency_fund,
        coalesce(g.pay_temporary_aid, if(r.pay_temporary_aid >= strftime(l.settled_on, '%Y-%m'), cast(0 as bigint), null)) as pay_temporary_aid,
        coalesce(g.pay_third_party, if(r.pay_third_party >= strftime(l.settled_on, '%Y-%m'), cast(0 as bigint), null)) as pay_third_party
    from living as l
    cross join reach as r
    left join gift as g on l.event_id = g.event_id
)

select
    event_id,
    pay_commercial,
    pay_inclusive,
    pay_mutual_aid,
    pay_charity,
    pay_emergency_fund,
    pay_temporary_aid,
    pay_third_party,
    list_filter(
        [
            if(pay_commercial is null, 'PAY_COMMERCIAL', null),
            if(pay_inclusive is null, 'PAY_INCLUSIVE', null),
            if(pay_mutual_aid is null, 'PAY_MUTUAL_AID', null),
            if(pay_charity is null, 'PAY_CHARITY', null),
            if(pay_emergency_fund is null, 'PAY_EMERGENCY_FUND', null),
            if(pay_temporary_aid is null, 'PAY_TEMPORARY_AID', null),
            if(pay_third_party is null, 'PAY_THIRD_PARTY', null)
        ],
        lambda payer: payer is not null
    ) as payers_unknown
from shared
