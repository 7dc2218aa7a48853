-- staging.settlement_keyed: one row is a settlement record as delivered, amounts and days typed, its person replaced by the person_key
-- grain: delivery_id, line_no
-- reads: staging.landed_settlement (lives within the task)
-- source: national settlement feed (setlinfo); an id check applies to resident id cards only (psn_cert_type 01)
-- what the reader has typed already (_fen, _at: cells that are what their value prints as) has no text here and is taken as it is
-- money: commas, currency signs and blanks do not count, two dashes mean that nothing was written; a cell that is what its value prints
-- as is taken at once, any other is looked at; what cannot be read is null, and the first such column is named
with texts as (
    select
        a.* exclude (gend, refd_setl_flag, medfee_written),
        coalesce(a.medfee_written, a.medfee_sumamt) as medfee_written,
        coalesce(a.psn_cert_type, '01') not in ('01', '1') as is_other_card,
        case a.gend when '男' then '1' when '女' then '2' else a.gend end as gend,
        -- taken back: by its flag, as no longer valid (vali_flag 0), as struck or striking (01, 02), or, without any flag, by its sign
        case
            when a.refd_setl_flag = '1' or a.vali_flag = '0' or a.strike_status in ('01', '02') then '1'
            when a.refd_setl_flag is null and a.vali_flag is null and a.strike_status is null and starts_with(a.medfee_sumamt, '-') then '1'
            else coalesce(a.refd_setl_flag, if(a.vali_flag = '1' or a.strike_status = '00', '0', null))
        end as refd_setl_flag
    from staging.landed_settlement as a
),

-- amounts in plain digits, one that cannot be read behind an exclamation mark; days with hyphens
plain as (
    select
        * exclude (begndate, enddate, setl_time, updt_time, medfee_sumamt, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_scp_amt, act_pay_dedc, hifp_pay, hifmi_pay, hifob_pay, cvlserv_pay, hifes_pay, hifdm_pay, maf_pay, oth_pay, fund_pay_sumamt, psn_part_amt, hosp_part_amt, acct_pay, acct_mulaid_pay, psn_cash_pay, scp_own_amt),
        case
            when columns('^(begndate|enddate|setl_time|updt_time)$') is null then null
            when length(columns('^(begndate|enddate|setl_time|updt_time)$')) in (10, 19) and cast(try_cast(columns('^(begndate|enddate|setl_time|updt_time)$') as timestamp) as varchar) in (columns('^(begndate|enddate|setl_time|updt_time)$'), columns('^(begndate|enddate|setl_time|updt_time)$') || ' 00:00:00')
                then columns('^(begndate|enddate|setl_time|updt_time)$')
            when regexp_full_match(columns('^(begndate|enddate|setl_time|updt_time)$'), '[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?')
                then nullif(nullif(columns('^(begndate|enddate|setl_time|updt_time)$'), '0000-00-00'), '0000-00-00 00:00:00')
            else nullif(nullif(trim(regexp_replace(translate(replace(columns('^(begndate|enddate|setl_time|updt_time)$'), '日', ''), '年月/.T', '---- '),
                '(:[0-9][0-9])-[0-9]+$', '\1'), '- '), ''), '--')
        end,
        case
            when columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$') is null then null
            when length(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$')) <= 16 and cast(try_cast(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$') as decimal(18, 2)) as varchar) = columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$')
                then columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$')
            when regexp_full_match(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$'), '-?[0-9]{1,13}([.][0-9]{1,2}0*)?') then columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$')
            else nullif(nullif(coalesce(
                nullif(regexp_extract(
                    regexp_replace(translate(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$'), ',¥ ', ''), '^[+]([0-9])|元$', '\1', 'g'),
                    '^-?[0-9]{1,13}([.][0-9]{1,2}0*)?$'
                ), ''),
                '!' || regexp_replace(translate(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$'), ',¥ ', ''), '^[+]([0-9])|元$', '\1', 'g')
            ), '!--'), '!')
        end
    from texts
),

-- yuan of at most two decimals become fen by decimals, which is exact; anything else is unreadable
typed as (
    select
        *,
        try_cast(try_cast(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$') as decimal(18, 2)) * 100 as bigint) as "fen_\0",  -- noqa: RF05
        case
            when columns('^(begndate|enddate|setl_time|updt_time)$') is null then null
            when
                length(columns('^(begndate|enddate|setl_time|updt_time)$')) in (10, 19) and columns('^(begndate|enddate|setl_time|updt_time)$') >= '1' and columns('^(begndate|enddate|setl_time|updt_time)$') < '3'
                and cast(try_cast(columns('^(begndate|enddate|setl_time|updt_time)$') as timestamp) as varchar) in (columns('^(begndate|enddate|setl_time|updt_time)$'), columns('^(begndate|enddate|setl_time|updt_time)$') || ' 00:00:00')
                then try_cast(columns('^(begndate|enddate|setl_time|updt_time)$') as timestamp)
            when regexp_full_match(columns('^(begndate|enddate|setl_time|updt_time)$'), '[12][0-9]{3}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?')
                then try_cast(columns('^(begndate|enddate|setl_time|updt_time)$') as timestamp)
            when regexp_full_match(columns('^(begndate|enddate|setl_time|updt_time)$'),
                '[12][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}( [0-9:]{4,8})?|[12][0-9]{7}([0-9]{6})?')
                then try_strptime(columns('^(begndate|enddate|setl_time|updt_time)$'), ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y%m%d', '%Y%m%d%H%M%S'])
        end as "at_\0"  -- noqa: RF05
    from plain
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
    coalesce(cast(begndate_at as timestamp), at_begndate) as begndate,
    coalesce(cast(enddate_at as timestamp), at_enddate) as enddate,
    coalesce(cast(setl_time_at as timestamp), at_setl_time) as setl_time,
    coalesce(cast(updt_time_at as timestamp), at_updt_time) as updt_time,
    medfee_written,
    coalesce(cast(medfee_sumamt_fen as bigint), fen_medfee_sumamt) as medfee_sumamt,
    coalesce(cast(fulamt_ownpay_amt_fen as bigint), fen_fulamt_ownpay_amt) as fulamt_ownpay_amt,
    coalesce(cast(overlmt_selfpay_fen as bigint), fen_overlmt_selfpay) as overlmt_selfpay,
    coalesce(cast(preselfpay_amt_fen as bigint), fen_preselfpay_amt) as preselfpay_amt,
    coalesce(cast(inscp_scp_amt_fen as bigint), fen_inscp_scp_amt) as inscp_scp_amt,
    coalesce(cast(act_pay_dedc_fen as bigint), fen_act_pay_dedc) as act_pay_dedc,
    coalesce(cast(hifp_pay_fen as bigint), fen_hifp_pay) as hifp_pay,
    coalesce(cast(hifmi_pay_fen as bigint), fen_hifmi_pay) as hifmi_pay,
    coalesce(cast(hifob_pay_fen as bigint), fen_hifob_pay) as hifob_pay,
    coalesce(cast(cvlserv_pay_fen as bigint), fen_cvlserv_pay) as cvlserv_pay,
    coalesce(cast(hifes_pay_fen as bigint), fen_hifes_pay) as hifes_pay,
    coalesce(cast(hifdm_pay_fen as bigint), fen_hifdm_pay) as hifdm_pay,
    coalesce(cast(maf_pay_fen as bigint), fen_maf_pay) as maf_pay,
    coalesce(cast(oth_pay_fen as bigint), fen_oth_pay) as oth_pay,
    coalesce(cast(fund_pay_sumamt_fen as bigint), fen_fund_pay_sumamt) as fund_pay_sumamt,
    coalesce(cast(psn_part_amt_fen as bigint), fen_psn_part_amt) as psn_part_amt,
    coalesce(cast(hosp_part_amt_fen as bigint), fen_hosp_part_amt) as hosp_part_amt,
    coalesce(cast(acct_pay_fen as bigint), fen_acct_pay) as acct_pay,
    coalesce(cast(acct_mulaid_pay_fen as bigint), fen_acct_mulaid_pay) as acct_mulaid_pay,
    coalesce(cast(psn_cash_pay_fen as bigint), fen_psn_cash_pay) as psn_cash_pay,
    coalesce(cast(scp_own_amt_fen as bigint), fen_scp_own_amt) as scp_own_amt,
    -- the first column that is unreadable
    case
        when medfee_sumamt is not null and fen_medfee_sumamt is null then 'medfee_sumamt'
        when fulamt_ownpay_amt is not null and fen_fulamt_ownpay_amt is null then 'fulamt_ownpay_amt'
        when overlmt_selfpay is not null and fen_overlmt_selfpay is null then 'overlmt_selfpay'
        when preselfpay_amt is not null and fen_preselfpay_amt is null then 'preselfpay_amt'
        when inscp_scp_amt is not null and fen_inscp_scp_amt is null then 'inscp_scp_amt'
        when act_pay_dedc is not null and fen_act_pay_dedc is null then 'act_pay_dedc'
        when hifp_pay is not null and fen_hifp_pay is null then 'hifp_pay'
        when hifmi_pay is not null and fen_hifmi_pay is null then 'hifmi_pay'
        when hifob_pay is not null and fen_hifob_pay is null then 'hifob_pay'
        when cvlserv_pay is not null and fen_cvlserv_pay is null then 'cvlserv_pay'
        when hifes_pay is not null and fen_hifes_pay is null then 'hifes_pay'
        when hifdm_pay is not null and fen_hifdm_pay is null then 'hifdm_pay'
        when maf_pay is not null and fen_maf_pay is null then 'maf_pay'
        when oth_pay is not null and fen_oth_pay is null then 'oth_pay'
        when fund_pay_sumamt is not null and fen_fund_pay_sumamt is null then 'fund_pay_sumamt'
        when psn_part_amt is not null and fen_psn_part_amt is null then 'psn_part_amt'
        when hosp_part_amt is not null and fen_hosp_part_amt is null then 'hosp_part_amt'
        when acct_pay is not null and fen_acct_pay is null then 'acct_pay'
        when acct_mulaid_pay is not null and fen_acct_mulaid_pay is null then 'acct_mulaid_pay'
        when psn_cash_pay is not null and fen_psn_cash_pay is null then 'psn_cash_pay'
        when scp_own_amt is not null and fen_scp_own_amt is null then 'scp_own_amt'
    end as unreadable_money,
    case
        when begndate is not null and at_begndate is null then 'begndate'
        when enddate is not null and at_enddate is null then 'enddate'
        when setl_time is not null and at_setl_time is null then 'setl_time'
        when updt_time is not null and at_updt_time is null then 'updt_time'
    end as unreadable_day,
    enddate is null and enddate_at is null as is_enddate_missing,
    refd_setl_flag,
    -- nothing need be compared where the key stands once, which the reader says by a wording of 0; keys that could not leave are all one
    if(wording_no = 0 and setl_id is distinct from '?', null, hash(
        if(is_other_card, null, person_key), refd_setl_flag, setl_id, mdtrt_id, init_setl_id, gend, insutype, insu_admdvs,
        mdtrt_admdvs, fixmedins_code, hosp_lv, med_type, dise_code, begndate, enddate, setl_time, updt_time,
        medfee_sumamt, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_scp_amt, act_pay_dedc, hifp_pay, hifmi_pay,
        hifob_pay, cvlserv_pay, hifes_pay, hifdm_pay, maf_pay, oth_pay, fund_pay_sumamt,
        psn_part_amt, hosp_part_amt, acct_pay, acct_mulaid_pay, psn_cash_pay, scp_own_amt, wording_no,
        begndate_at, enddate_at, setl_time_at, updt_time_at,
        medfee_sumamt_fen, fulamt_ownpay_amt_fen, overlmt_selfpay_fen, preselfpay_amt_fen, inscp_scp_amt_fen, act_pay_dedc_fen,
        hifp_pay_fen, hifmi_pay_fen, hifob_pay_fen, cvlserv_pay_fen, hifes_pay_fen, hifdm_pay_fen,
        maf_pay_fen, oth_pay_fen, fund_pay_sumamt_fen, psn_part_amt_fen, hosp_part_amt_fen, acct_pay_fen,
        acct_mulaid_pay_fen, psn_cash_pay_fen, scp_own_amt_fen
    )) as content,
    if(
        is_name_missing or is_name_doubtful or has_several_names,
        list_filter(
            [if(is_name_missing, 'NAME_MISSING', null), if(is_name_doubtful, 'NAME_DOUBTFUL', null), if(has_several_names, 'NAMES_DIFFER', null)],
            lambda flag: flag is not null
        ),
        cast([] as varchar[])
    ) as flags
from typed
