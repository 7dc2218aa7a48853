-- facts.care_event: one row a settlement of care in its newest version; STRUCK when it was refunded
-- grain: event_id
-- reads: facts.settlement_newest, facts.refund
-- source: national settlement feed; yearly accumulators are rebuilt from events that live, never decremented
with struck as (
    select
        event_id,
        bool_or(refund_id <> event_id) as is_by_another,
        max(known_at) as known_at
    from facts.refund
    where event_id is not null
    group by event_id
),

dated as (
    select
        *,
        cast(setl_time as date) as settled_on,
        coalesce(enddate, cast(setl_time as date)) as until_on,
        $benefit_year_by = 'discharge' as is_by_discharge
    from facts.settlement_newest
    where not is_refund
)

select
    n.setl_id as event_id,
    n.person_key,
    coalesce(n.begndate, n.until_on) as since,
    n.until_on,
    n.settled_on,
    n.setl_time as settled_at,
    cast(year(case when n.is_by_discharge then n.until_on else n.settled_on end) as integer) as benefit_year,
    n.med_type,
    n.dise_code,
    n.mdtrt_admdvs,
    n.fixmedins_code,
    n.hosp_lv,
    n.insutype,
    n.medfee_sumamt,
    n.fulamt_ownpay_amt,
    n.overlmt_selfpay,
    n.preselfpay_amt,
    n.inscp_scp_amt,
    n.act_pay_dedc,
    n.hifp_pay,
    n.hifmi_pay,
    n.hifob_pay,
    n.cvlserv_pay,
    n.hifes_pay,
    n.hifdm_pay,
    n.maf_pay,
    n.oth_pay,
    n.fund_pay_sumamt,
    n.psn_part_amt,
    n.hosp_part_amt,
    n.acct_pay,
    n.psn_cash_pay,
    n.gend,
    n.birth_year,
    -- a settlement corrected under its own id after the refund lives again
    case
        when n.is_flagged or coalesce(s.is_by_another or coalesce(s.known_at >= n.updt_time, true), false) and s.event_id is not null
            then 'STRUCK'
        else 'LIVE'
    end as state,
    n.flags,
    n.delivery_id
from dated as n
left join struck as s on n.setl_id = s.event_id
