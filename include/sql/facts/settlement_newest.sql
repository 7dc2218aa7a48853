-- facts.settlement_newest: the newest version of every settlement and of every refund record; works within a run, is not published
-- grain: setl_id, is_refund
-- reads: staging.settlement
-- source: national settlement feed; the newest update moment wins, then the later month and version, never the arrival alone
-- A bill stands as it came first: once it was claimed at a window, the feed's row of the same id says nothing new, and the other way round.
with delivered as (
    select
        unnest(cast($settlement_deliveries as varchar[])) as delivery_id,
        unnest(cast($settlement_arrivals as integer[])) as arrival,
        generate_subscripts(cast($settlement_deliveries as varchar[]), 1) as place,
        list_contains(cast($hand_deliveries as varchar[]), unnest(cast($settlement_deliveries as varchar[]))) as is_by_hand
),

version as (
    select
        s.delivery_id,
        s.line_no,
        s.person_key,
        s.setl_id,
        s.mdtrt_id,
        s.init_setl_id,
        s.insutype,
        s.insu_admdvs,
        s.mdtrt_admdvs,
        s.fixmedins_code,
        s.hosp_lv,
        s.med_type,
        s.dise_code,
        s.begndate,
        s.enddate,
        s.setl_time,
        s.medfee_sumamt,
        s.fulamt_ownpay_amt,
        s.overlmt_selfpay,
        s.preselfpay_amt,
        s.inscp_scp_amt,
        s.act_pay_dedc,
        s.hifp_pay,
        s.hifmi_pay,
        s.hifob_pay,
        s.cvlserv_pay,
        s.hifes_pay,
        s.hifdm_pay,
        s.maf_pay,
        s.oth_pay,
        s.fund_pay_sumamt,
        s.psn_part_amt,
        s.hosp_part_amt,
        s.acct_pay,
        s.psn_cash_pay,
        s.refd_setl_flag,
        s.updt_time,
        s.gend,
        s.birth_year,
        s.flags,
        d.arrival,
        d.place,
        d.is_by_hand,
        coalesce(nullif(s.init_setl_id, ''), s.setl_id) as target_id,
        coalesce(s.refd_setl_flag = '1', false) as is_flagged
    from staging.settlement as s
    inner join delivered as d on s.delivery_id = d.delivery_id
),

-- how each bill that was ever claimed at a window came first
claimed as (
    select distinct setl_id
    from version
    where is_by_hand
),

first_kind as (
    select
        v.setl_id,
        min_by(v.is_by_hand, struct_pack(arrival := v.arrival, line_no := v.line_no)) as is_by_hand
    from version as v
    inner join claimed as c on v.setl_id = c.setl_id
    group by v.setl_id
),

-- a flagged row that names another settlement, or takes money back, is a refund record and no event of its own
standing as (
    select
        v.*,
        v.is_flagged and (v.target_id <> v.setl_id or coalesce(v.medfee_sumamt < 0, false)) as is_refund
    from version as v
    left join first_kind as f on v.setl_id = f.setl_id
    where v.is_by_hand = coalesce(f.is_by_hand, v.is_by_hand) or v.is_flagged
)

select
    delivery_id,
    line_no,
    person_key,
    setl_id,
    mdtrt_id,
    init_setl_id,
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
    psn_cash_pay,
    refd_setl_flag,
    updt_time,
    gend,
    birth_year,
    flags,
    target_id,
    is_flagged,
    is_by_hand,
    is_refund,
    list(medfee_sumamt) over (partition by setl_id, is_refund) as amounts_seen,
    count(*) over (partition by setl_id, is_refund) as versions,
    min(struct_pack(arrival := arrival, line_no := line_no)) over (partition by setl_id, is_refund) as first_seen
from standing
qualify row_number() over (partition by setl_id, is_refund order by updt_time desc nulls last, place desc, line_no desc) = 1
