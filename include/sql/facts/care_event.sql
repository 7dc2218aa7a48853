-- facts.care_event: one row a settlement of care as it stands: LIVE, STRUCK by refunds, HELD for a person's look, REFUSED after it
-- grain: event_id
-- order: person_key, event_id
-- reads: facts.care_netted, facts.claim_review, facts.payer_share, ledger.exclusion
-- source: national settlement feed; yearly accumulators are rebuilt from events that live, never decremented
with reviewed as (
    select
        event_id,
        min_by(review_code, place) filter (where outcome = 'refuse') as refused_code,
        min_by(review_code, place) filter (where outcome is null and action = 'hold') as held_code,
        bool_or(outcome is null and action = 'leave_out') as is_left_out,
        -- a bill of a case is none before the case agrees: nothing else of the person's year waits for it
        bool_or(outcome is null and review_code = 'CLAIMED_BY_HAND') as waits_for_case,
        list(review_code order by place) filter (where outcome is null) as codes
    from facts.claim_review
    group by event_id
),

-- care of days on which the person is excluded from relief (取消资格)
dated as (
    select
        event_id,
        person_key,
        case when $benefit_year_by = 'discharge' then until_on else settled_on end as event_on
    from facts.care_netted
),

excluded as (
    select distinct d.event_id
    from dated as d
    inner join ledger.exclusion as x on d.person_key = x.person_key
    where x.since <= d.event_on and (x.until is null or x.until > d.event_on)
)

select
    n.event_id,
    n.person_key,
    n.since,
    n.until_on,
    n.settled_on,
    n.settled_at,
    n.benefit_year,
    n.med_type,
    n.dise_code,
    n.mdtrt_admdvs,
    n.fixmedins_code,
    n.hosp_lv,
    n.stay_id,
    if(n.is_by_hand, '1', cast(null as varchar)) as care_place,
    cast(null as boolean) as is_referred,
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
    p.pay_commercial,
    p.pay_inclusive,
    p.pay_mutual_aid,
    p.pay_charity,
    p.pay_emergency_fund,
    p.pay_temporary_aid,
    p.pay_third_party,
    coalesce(p.payers_unknown, cast([] as varchar[])) as payers_unknown,
    n.gend,
    n.birth_year,
    case
        when n.is_struck then 'STRUCK'
        when x.event_id is not null then 'REFUSED'
        when r.refused_code is not null or coalesce(r.is_left_out, false) or coalesce(r.waits_for_case, false) then 'REFUSED'
        when r.held_code is not null then 'HELD'
        else 'LIVE'
    end as state,
    case
        when n.is_struck then 'REFUND_STRUCK'
        when x.event_id is not null then 'PERSON_EXCLUDED'
        when r.refused_code = 'ACCIDENT_PENDING' then 'ACCIDENT_NOT_PAYABLE'
        when r.refused_code = 'SETTLEMENT_RENUMBERED' then 'BILLED_TWICE'
        when r.refused_code is not null then 'REVIEW_REFUSED'
        when r.waits_for_case then 'CLAIMED_BY_HAND'
        when r.is_left_out then 'LEFT_OUT_OF_OPENING'
        else r.held_code
    end as reason_code,
    n.chain_event_id,
    n.billed_fen,
    list_concat(
        n.flags, if(n.is_partial, ['PARTLY_REFUNDED'], cast([] as varchar[])), coalesce(r.codes, cast([] as varchar[]))
    ) as flags,
    n.delivery_id,
    n.line_no
from facts.care_netted as n
left join reviewed as r on n.event_id = r.event_id
left join excluded as x on n.event_id = x.event_id
left join facts.payer_share as p on n.event_id = p.event_id
