-- facts.care_netted: one row a settlement of care with what its refunds left of it; works within a run, is not published
-- grain: event_id
-- reads: facts.settlement_newest, facts.refund
-- source: national settlement feed; what stands is rebuilt from every record known, never decremented
with taken as (
    select
        event_id,
        cast([
            sum(amounts[1]), sum(amounts[2]), sum(amounts[3]), sum(amounts[4]), sum(amounts[5]), sum(amounts[6]), sum(amounts[7]), sum(amounts[8]), sum(amounts[9]), sum(amounts[10]),
            sum(amounts[11]), sum(amounts[12]), sum(amounts[13]), sum(amounts[14]), sum(amounts[15]), sum(amounts[16]), sum(amounts[17]), sum(amounts[18]), sum(amounts[19])
        ] as bigint[]) as net,
        max(refunded_on) as refunded_on
    from facts.refund
    where event_id is not null
    group by event_id
),

joined as (
    select
        n.*,
        t.net,
        t.refunded_on,
        cast(n.setl_time as date) as settled_on,
        coalesce(n.enddate, cast(n.setl_time as date)) as until_on,
        n.is_flagged or coalesce(t.net[1] < 0 and n.medfee_sumamt + t.net[1] <= 0, false) as is_struck,
        coalesce(t.net[1] < 0 and n.medfee_sumamt + t.net[1] > 0, false) and not n.is_flagged as is_partial
    from facts.settlement_newest as n
    left join taken as t on n.setl_id = t.event_id
    where not n.is_refund
),

-- a new settlement of a stay soon after the refund of the last one carries the same event on
followed as (
    select
        setl_id,
        person_key,
        fixmedins_code,
        begndate,
        setl_time,
        coalesce(
            lag(is_struck) over stay
            and date_diff('day', coalesce(lag(refunded_on) over stay, lag(settled_on) over stay), settled_on) <= $resettled_days,
            false
        ) as is_resettled
    from joined
    window stay as (partition by person_key, fixmedins_code, begndate order by setl_time, setl_id)
),

chained as (
    select
        *,
        sum(if(is_resettled, 0, 1)) over (
            partition by person_key, fixmedins_code, begndate order by setl_time, setl_id
            rows between unbounded preceding and current row
        ) as chain_no
    from followed
),

-- what is sorted is who and when alone; the rest of the row comes back by its number
begun as (
    select
        setl_id,
        first_value(setl_id) over (
            partition by person_key, fixmedins_code, begndate, chain_no order by setl_time, setl_id
        ) as chain_event_id
    from chained
)

select
    n.setl_id as event_id,
    n.person_key,
    coalesce(n.begndate, n.until_on) as since,
    n.until_on,
    n.settled_on,
    n.setl_time as settled_at,
    n.refunded_on,
    cast(year(case when $benefit_year_by = 'discharge' then n.until_on else n.settled_on end) as integer) as benefit_year,  -- noqa: RF02
    n.med_type,
    n.dise_code,
    n.mdtrt_admdvs,
    n.fixmedins_code,
    n.hosp_lv,
    n.mdtrt_id as stay_id,
    n.insutype,
    n.medfee_sumamt as billed_fen,
    if(n.is_partial, n.medfee_sumamt + n.net[1], n.medfee_sumamt) as medfee_sumamt,
    if(n.is_partial, n.fulamt_ownpay_amt + n.net[2], n.fulamt_ownpay_amt) as fulamt_ownpay_amt,
    if(n.is_partial, n.overlmt_selfpay + n.net[3], n.overlmt_selfpay) as overlmt_selfpay,
    if(n.is_partial, n.preselfpay_amt + n.net[4], n.preselfpay_amt) as preselfpay_amt,
    if(n.is_partial, n.inscp_scp_amt + n.net[5], n.inscp_scp_amt) as inscp_scp_amt,
    if(n.is_partial, n.act_pay_dedc + n.net[6], n.act_pay_dedc) as act_pay_dedc,
    if(n.is_partial, n.hifp_pay + n.net[7], n.hifp_pay) as hifp_pay,
    if(n.is_partial, n.hifmi_pay + n.net[8], n.hifmi_pay) as hifmi_pay,
    if(n.is_partial, n.hifob_pay + n.net[9], n.hifob_pay) as hifob_pay,
    if(n.is_partial, n.cvlserv_pay + n.net[10], n.cvlserv_pay) as cvlserv_pay,
    if(n.is_partial, n.hifes_pay + n.net[11], n.hifes_pay) as hifes_pay,
    if(n.is_partial, n.hifdm_pay + n.net[12], n.hifdm_pay) as hifdm_pay,
    if(n.is_partial, n.maf_pay + n.net[13], n.maf_pay) as maf_pay,
    if(n.is_partial, n.oth_pay + n.net[14], n.oth_pay) as oth_pay,
    if(n.is_partial, n.fund_pay_sumamt + n.net[15], n.fund_pay_sumamt) as fund_pay_sumamt,
    if(n.is_partial, n.psn_part_amt + n.net[16], n.psn_part_amt) as psn_part_amt,
    if(n.is_partial, n.hosp_part_amt + n.net[17], n.hosp_part_amt) as hosp_part_amt,
    if(n.is_partial, n.acct_pay + n.net[18], n.acct_pay) as acct_pay,
    if(n.is_partial, n.psn_cash_pay + n.net[19], n.psn_cash_pay) as psn_cash_pay,
    n.gend,
    n.birth_year,
    n.is_struck,
    n.is_partial,
    n.is_by_hand,
    b.chain_event_id,
    n.versions,
    n.first_seen,
    n.updt_time,
    n.flags,
    n.delivery_id,
    n.line_no
from joined as n
inner join begun as b on n.setl_id = b.setl_id
