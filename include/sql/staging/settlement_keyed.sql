-- staging.settlement_keyed: one row is a settlement record as delivered, in text, its person replaced by the person_key
-- grain: delivery_id, line_no
-- reads: staging.landed_settlement, staging.landed_identity (both live within the task)
-- source: national settlement feed (setlinfo); an id check applies to resident id cards only (psn_cert_type 01)
with joined as (
    select
        a.*,
        i.person_key,
        i.birth_year,
        i.reason_code,
        i.fixes,
        i.has_several_names,
        coalesce(a.psn_cert_type, '01') not in ('01', '1') as is_other_card
    from staging.landed_settlement as a
    left join staging.landed_identity as i on a.identity_no = i.identity_no
)

select
    delivery_id,
    line_no,
    if(is_other_card, null, person_key) as person_key,
    if(is_other_card, null, birth_year) as birth_year,
    coalesce(row_fault, if(is_other_card, 'CERT_TYPE_UNSUPPORTED', reason_code)) as reason_code,
    coalesce(fixes, cast([] as varchar[])) as fixes,
    setl_id,
    mdtrt_id,
    init_setl_id,
    gend,
    insutype,
    insu_admdvs,
    mdtrt_admdvs,
    fixmedins_code,
    hosp_lv,
    med_type,
    dise_code,
    begndate,
    enddate,
    setl_time,
    updt_time,
    medfee_sumamt,
    fulamt_ownpay_amt,
    overlmt_selfpay,
    preselfpay_amt,
    inscp_scp_amt,
    act_pay_dedc,
    hifp_pay,
    hifmi_pay,
    hifob_pay,
    cvlserv_pay,
    hifes_pay,
    hifdm_pay,
    maf_pay,
    oth_pay,
    fund_pay_sumamt,
    psn_part_amt,
    hosp_part_amt,
    acct_pay,
    acct_mulaid_pay,
    psn_cash_pay,
    wording_no,
    scp_own_amt,
    -- taken back: by its flag, as no longer valid (vali_flag 0), as struck or striking (01, 02), or, without any flag, by its sign
    case
        when refd_setl_flag = '1' or vali_flag = '0' or strike_status in ('01', '02') then '1'
        when refd_setl_flag is null and vali_flag is null and strike_status is null and starts_with(medfee_sumamt, '-') then '1'
        else coalesce(refd_setl_flag, if(vali_flag = '1' or strike_status = '00', '0', null))
    end as refd_setl_flag,
    list_filter(
        [if(is_name_missing, 'NAME_MISSING', null), if(is_name_doubtful, 'NAME_DOUBTFUL', null), if(has_several_names, 'NAMES_DIFFER', null)],
        lambda flag: flag is not null
    ) as flags
from joined
