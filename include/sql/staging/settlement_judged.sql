-- staging.settlement_judged: one row is a settlement record with types, its verdict and flags; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.settlement_keyed
-- source: national settlement feed; accounting identities 1 to 3 of its contract, their tolerance bound; missing money is never nothing
-- amounts in the order of $money_names; commas, currency signs and blanks do not count, two dashes mean that nothing was written
with texts as (
    select
        *,
        list_transform(
            [
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
                psn_cash_pay
            ],
            lambda cell: nullif(nullif(translate(cell, ',¥元+ ', ''), '--'), '')
        ) as money_texts,
        list_transform(
            [begndate, enddate, setl_time, updt_time],
            lambda cell: nullif(nullif(regexp_replace(trim(regexp_replace(translate(replace(cell, '日', ''), '年月/.T', '---- '),
                '(:[0-9][0-9])-[0-9]+$', '\1'), '- '), '^0000-00-00.*', ''), '--'), '')
        ) as day_texts
    from staging.settlement_keyed
),

typed as (
    select
        *,
        list_transform(
            money_texts,
            lambda cell: if(
                regexp_full_match(cell, '-?[0-9]{1,13}([.][0-9]{1,2}0*)?'),
                try_cast(try_cast(cell as decimal(18, 2)) * 100 as bigint), null
            )
        ) as amounts,
        list_transform(
            day_texts,
            lambda cell: if(
                regexp_full_match(cell, '[12][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}( [0-9:]{4,8})?|[12][0-9]{7}([0-9]{6})?'),
                try_strptime(cell, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y%m%d', '%Y%m%d%H%M%S']), null
            )
        ) as days
    from texts
),

-- each cell as (column, text, value)
celled as (
    select
        *,
        list_zip(cast($money_names as varchar[]), money_texts, amounts) as money_cells,
        list_zip(['begndate', 'enddate', 'setl_time', 'updt_time'], day_texts, days) as day_cells
    from typed
),

named as (
    select
        delivery_id,
        line_no,
        person_key,
        birth_year,
        reason_code as identity_code,
        flags,
        setl_id,
        mdtrt_id,
        init_setl_id,
        case gend when '男' then '1' when '女' then '2' else gend end as gend,
        insutype,
        insu_admdvs,
        mdtrt_admdvs,
        fixmedins_code,
        hosp_lv,
        med_type,
        dise_code,
        cast(days[1] as date) as begndate,
        cast(days[2] as date) as enddate,
        days[3] as setl_time,
        days[4] as updt_time,
        amounts[1] as medfee_sumamt,
        amounts[2] as fulamt_ownpay_amt,
        amounts[3] as overlmt_selfpay,
        amounts[4] as preselfpay_amt,
        amounts[5] as inscp_scp_amt,
        amounts[6] as act_pay_dedc,
        amounts[7] as hifp_pay,
        amounts[8] as hifmi_pay,
        amounts[9] as hifob_pay,
        amounts[10] as cvlserv_pay,
        amounts[11] as hifes_pay,
        amounts[12] as hifdm_pay,
        amounts[13] as maf_pay,
        amounts[14] as oth_pay,
        amounts[15] as fund_pay_sumamt,
        amounts[16] as psn_part_amt,
        amounts[17] as hosp_part_amt,
        amounts[18] as acct_pay,
        amounts[19] as acct_mulaid_pay,
        amounts[20] as psn_cash_pay,
        refd_setl_flag,
        coalesce(refd_setl_flag = '1', false) or init_setl_id is not null as is_refund,
        list_filter(money_cells, lambda cell: cell[2] is not null and cell[3] is null)[1][1] as unreadable_money,
        list_filter(money_cells, lambda cell: cell[2] is null and list_contains(cast($filled as varchar[]), cell[1]))[1][1]
            as missing_money,
        list_filter(money_cells, lambda cell: cell[3] < 0)[1][1] as negative_money,
        list_filter(day_cells, lambda cell: cell[2] is not null and cell[3] is null)[1][1] as unreadable_day,
        list_filter(day_cells, lambda cell: cell[2] is null and list_contains(cast($filled as varchar[]), cell[1]))[1][1]
            as missing_day,
        hash(person_key, refd_setl_flag, setl_id, mdtrt_id, init_setl_id, gend, insutype, insu_admdvs, mdtrt_admdvs, fixmedins_code, hosp_lv, med_type, dise_code, money_texts, day_texts) as content
    from celled
),

compared as (
    select
        *,
        coalesce(fulamt_ownpay_amt, 0) + coalesce(overlmt_selfpay, 0) + coalesce(preselfpay_amt, 0) + coalesce(inscp_scp_amt, 0)
            - medfee_sumamt as total_gap,
        coalesce(hifp_pay, 0) + coalesce(hifmi_pay, 0) + coalesce(hifob_pay, 0) + coalesce(cvlserv_pay, 0) + coalesce(hifes_pay, 0) + coalesce(hifdm_pay, 0) + coalesce(maf_pay, 0) + coalesce(oth_pay, 0)
            - fund_pay_sumamt as fund_gap,
        coalesce(fund_pay_sumamt, 0) + coalesce(psn_part_amt, 0) + coalesce(hosp_part_amt, 0) - medfee_sumamt as person_gap,
        coalesce(acct_pay, 0) + coalesce(acct_mulaid_pay, 0) + coalesce(psn_cash_pay, 0) - psn_part_amt as paid_gap,
        setl_id is not null and row_number() over (partition by delivery_id, setl_id, content order by line_no) > 1 as is_repeat,
        setl_id is not null and min(content) over same_key <> max(content) over same_key as is_conflict
    from named
    window same_key as (partition by delivery_id, setl_id, refd_setl_flag, updt_time)
)

select
    delivery_id,
    line_no,
    person_key,
    birth_year,
    case
        when identity_code is not null then identity_code
        when setl_id is null or setl_id = '?' then 'KEY_MISSING'
        when is_conflict then 'KEY_CONFLICT'
        when unreadable_money is not null then 'MONEY_INVALID'
        when missing_money is not null then 'MONEY_MISSING'
        when negative_money is not null and not is_refund then 'MONEY_NEGATIVE'
        when unreadable_day is not null then 'DATE_INVALID'
        when missing_day is not null then 'DATE_MISSING'
        when enddate < begndate then 'DATE_ORDER'
        when abs(total_gap) > $total_tolerance then 'IDENTITY_TOTAL'
        when abs(fund_gap) > $fund_tolerance then 'IDENTITY_FUND'
        when abs(person_gap) > $person_tolerance or abs(paid_gap) > $person_tolerance then 'IDENTITY_PERSON'
    end as reason_code,
    case
        when identity_code is not null then 'certno'
        when setl_id is null or setl_id = '?' or is_conflict then 'setl_id'
        when unreadable_money is not null then unreadable_money
        when missing_money is not null then missing_money
        when negative_money is not null and not is_refund then negative_money
        when unreadable_day is not null then unreadable_day
        when missing_day is not null then missing_day
        when enddate < begndate then 'enddate'
        when abs(total_gap) > $total_tolerance then 'medfee_sumamt'
        when abs(fund_gap) > $fund_tolerance then 'fund_pay_sumamt'
        when abs(person_gap) > $person_tolerance or abs(paid_gap) > $person_tolerance then 'psn_part_amt'
    end as field,
    is_repeat,
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
    refd_setl_flag,
    list_concat(flags, list_filter(
        [
            if(enddate is null, 'ENDDATE_MISSING', null),
            if(total_gap <> 0 or fund_gap <> 0 or person_gap <> 0 or paid_gap <> 0, 'IDENTITY_TOLERATED', null),
            if(
                not list_contains(cast($known_insutype as varchar[]), insutype)
                or not list_contains(cast($known_med_type as varchar[]), med_type)
                or not list_contains(cast($known_hosp_lv as varchar[]), hosp_lv)
                or not list_contains(cast($known_gend as varchar[]), gend)
                or not list_contains(cast($known_refd_setl_flag as varchar[]), refd_setl_flag),
                'CODE_UNKNOWN', null
            )
        ],
        lambda flag: flag is not null
    )) as flags
from compared
