-- staging.settlement_keyed: one row is a settlement record as delivered, in text, its person replaced by the person_key
-- grain: delivery_id, line_no
-- reads: staging.landed_settlement, staging.landed_identity (both live within the task)
-- source: national settlement feed (setlinfo); an id check applies to resident id cards only (psn_cert_type 01)
with asked as (
    select
        *,
        coalesce(psn_cert_type, '01') not in ('01', '1') as is_other_card
    from staging.landed_settlement
)

select
    a.delivery_id,
    a.line_no,
    if(a.is_other_card, null, i.person_key) as person_key,
    if(a.is_other_card, null, i.birth_year) as birth_year,
    coalesce(a.row_fault, if(a.is_other_card, 'CERT_TYPE_UNSUPPORTED', i.reason_code)) as reason_code,
    coalesce(i.fixes, cast([] as varchar[])) as fixes,
    a.setl_id,
    a.mdtrt_id,
    a.init_setl_id,
    a.gend,
    a.insutype,
    a.insu_admdvs,
    a.mdtrt_admdvs,
    a.fixmedins_code,
    a.hosp_lv,
    a.med_type,
    a.dise_code,
    a.begndate,
    a.enddate,
    a.setl_time,
    a.updt_time,
    a.medfee_sumamt,
    a.fulamt_ownpay_amt,
    a.overlmt_selfpay,
    a.preselfpay_amt,
    a.inscp_scp_amt,
    a.act_pay_dedc,
    a.hifp_pay,
    a.hifmi_pay,
    a.hifob_pay,
    a.cvlserv_pay,
    a.hifes_pay,
    a.hifdm_pay,
    a.maf_pay,
    a.oth_pay,
    a.fund_pay_sumamt,
    a.psn_part_amt,
    a.hosp_part_amt,
    a.acct_pay,
    a.acct_mulaid_pay,
    a.psn_cash_pay,
    a.refd_setl_flag
from asked as a
left join staging.landed_identity as i on a.identity_no = i.identity_no
