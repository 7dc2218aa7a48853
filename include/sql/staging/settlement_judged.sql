-- staging.settlement_judged: one row is a settlement record with types, its verdict and flags; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.settlement_keyed
-- source: national settlement feed; accounting identities 1 to 3 of its contract, their tolerance bound; missing money is never nothing
-- money: commas, currency signs and blanks do not count, two dashes mean that nothing was written
with texts as (
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
        wording_no,
        refd_setl_flag,
        coalesce(refd_setl_flag = '1', false) or init_setl_id is not null as is_refund,
        if(
            regexp_full_match(columns('^(begndate|enddate|setl_time|updt_time)$'), '[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?'),
            nullif(nullif(columns('^(begndate|enddate|setl_time|updt_time)$'), '0000-00-00'), '0000-00-00 00:00:00'),
            nullif(nullif(trim(regexp_replace(translate(replace(columns('^(begndate|enddate|setl_time|updt_time)$'), '日', ''), '年月/.T', '---- '),
                '(:[0-9][0-9])-[0-9]+$', '\1'), '- '), ''), '--')
        ),
        if(
            regexp_full_match(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$'), '-?[0-9]{1,13}([.][0-9]{1,2}0*)?'),
            columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$'),
            nullif(nullif(regexp_replace(translate(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$'), ',¥ ', ''), '^[+]([0-9])|元$', '\1', 'g'), '--'), '')
        )
    from staging.settlement_keyed
),

-- yuan of at most two decimals become fen by decimals, which is exact; anything else is unreadable
typed as (
    select
        *,
        if(
            regexp_full_match(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$'), '-?[0-9]{1,13}([.][0-9]{1,2}0*)?'),
            try_cast(try_cast(columns('(_amt|_pay|_dedc|_sumamt|_selfpay)$') as decimal(18, 2)) * 100 as bigint), null
        ) as "fen_\0",  -- noqa: RF05
        case
            when regexp_full_match(columns('^(begndate|enddate|setl_time|updt_time)$'), '[12][0-9]{3}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?')
                then try_cast(columns('^(begndate|enddate|setl_time|updt_time)$') as timestamp)
            when regexp_full_match(columns('^(begndate|enddate|setl_time|updt_time)$'),
                '[12][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}( [0-9:]{4,8})?|[12][0-9]{7}([0-9]{6})?')
                then try_strptime(
                    columns('^(begndate|enddate|setl_time|updt_time)$'), ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y%m%d', '%Y%m%d%H%M%S']
                )
        end as "at_\0"  -- noqa: RF05
    from texts
),

-- the first column that is unreadable, missing or negative
named as (
    select
        *,
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
            when medfee_sumamt is null and list_contains(cast($filled as varchar[]), 'medfee_sumamt') then 'medfee_sumamt'
            when fulamt_ownpay_amt is null and list_contains(cast($filled as varchar[]), 'fulamt_ownpay_amt') then 'fulamt_ownpay_amt'
            when overlmt_selfpay is null and list_contains(cast($filled as varchar[]), 'overlmt_selfpay') then 'overlmt_selfpay'
            when preselfpay_amt is null and list_contains(cast($filled as varchar[]), 'preselfpay_amt') then 'preselfpay_amt'
            when inscp_scp_amt is null and list_contains(cast($filled as varchar[]), 'inscp_scp_amt') then 'inscp_scp_amt'
            when act_pay_dedc is null and list_contains(cast($filled as varchar[]), 'act_pay_dedc') then 'act_pay_dedc'
            when hifp_pay is null and list_contains(cast($filled as varchar[]), 'hifp_pay') then 'hifp_pay'
            when hifmi_pay is null and list_contains(cast($filled as varchar[]), 'hifmi_pay') then 'hifmi_pay'
            when hifob_pay is null and list_contains(cast($filled as varchar[]), 'hifob_pay') then 'hifob_pay'
            when cvlserv_pay is null and list_contains(cast($filled as varchar[]), 'cvlserv_pay') then 'cvlserv_pay'
            when hifes_pay is null and list_contains(cast($filled as varchar[]), 'hifes_pay') then 'hifes_pay'
            when hifdm_pay is null and list_contains(cast($filled as varchar[]), 'hifdm_pay') then 'hifdm_pay'
            when maf_pay is null and list_contains(cast($filled as varchar[]), 'maf_pay') then 'maf_pay'
            when oth_pay is null and list_contains(cast($filled as varchar[]), 'oth_pay') then 'oth_pay'
            when fund_pay_sumamt is null and list_contains(cast($filled as varchar[]), 'fund_pay_sumamt') then 'fund_pay_sumamt'
            when psn_part_amt is null and list_contains(cast($filled as varchar[]), 'psn_part_amt') then 'psn_part_amt'
            when hosp_part_amt is null and list_contains(cast($filled as varchar[]), 'hosp_part_amt') then 'hosp_part_amt'
            when acct_pay is null and list_contains(cast($filled as varchar[]), 'acct_pay') then 'acct_pay'
            when acct_mulaid_pay is null and list_contains(cast($filled as varchar[]), 'acct_mulaid_pay') then 'acct_mulaid_pay'
            when psn_cash_pay is null and list_contains(cast($filled as varchar[]), 'psn_cash_pay') then 'psn_cash_pay'
            when scp_own_amt is null and list_contains(cast($filled as varchar[]), 'scp_own_amt') then 'scp_own_amt'
        end as missing_money,
        case
            when fen_medfee_sumamt < 0 then 'medfee_sumamt'
            when fen_fulamt_ownpay_amt < 0 then 'fulamt_ownpay_amt'
            when fen_overlmt_selfpay < 0 then 'overlmt_selfpay'
            when fen_preselfpay_amt < 0 then 'preselfpay_amt'
            when fen_inscp_scp_amt < 0 then 'inscp_scp_amt'
            when fen_act_pay_dedc < 0 then 'act_pay_dedc'
            when fen_hifp_pay < 0 then 'hifp_pay'
            when fen_hifmi_pay < 0 then 'hifmi_pay'
            when fen_hifob_pay < 0 then 'hifob_pay'
            when fen_cvlserv_pay < 0 then 'cvlserv_pay'
            when fen_hifes_pay < 0 then 'hifes_pay'
            when fen_hifdm_pay < 0 then 'hifdm_pay'
            when fen_maf_pay < 0 then 'maf_pay'
            when fen_oth_pay < 0 then 'oth_pay'
            when fen_fund_pay_sumamt < 0 then 'fund_pay_sumamt'
            when fen_psn_part_amt < 0 then 'psn_part_amt'
            when fen_hosp_part_amt < 0 then 'hosp_part_amt'
            when fen_acct_pay < 0 then 'acct_pay'
            when fen_acct_mulaid_pay < 0 then 'acct_mulaid_pay'
            when fen_psn_cash_pay < 0 then 'psn_cash_pay'
            when fen_scp_own_amt < 0 then 'scp_own_amt'
        end as negative_money,
        case
            when begndate is not null and at_begndate is null then 'begndate'
            when enddate is not null and at_enddate is null then 'enddate'
            when setl_time is not null and at_setl_time is null then 'setl_time'
            when updt_time is not null and at_updt_time is null then 'updt_time'
        end as unreadable_day,
        case
            when begndate is null and list_contains(cast($filled as varchar[]), 'begndate') then 'begndate'
            when enddate is null and list_contains(cast($filled as varchar[]), 'enddate') then 'enddate'
            when setl_time is null and list_contains(cast($filled as varchar[]), 'setl_time') then 'setl_time'
            when updt_time is null and list_contains(cast($filled as varchar[]), 'updt_time') then 'updt_time'
        end as missing_day,
        hash(
            person_key, refd_setl_flag, setl_id, mdtrt_id, init_setl_id, gend, insutype, insu_admdvs,
            mdtrt_admdvs, fixmedins_code, hosp_lv, med_type, dise_code, begndate, enddate, setl_time, updt_time,
            medfee_sumamt, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_scp_amt, act_pay_dedc, hifp_pay, hifmi_pay,
            hifob_pay, cvlserv_pay, hifes_pay, hifdm_pay, maf_pay, oth_pay, fund_pay_sumamt,
            psn_part_amt, hosp_part_amt, acct_pay, acct_mulaid_pay, psn_cash_pay, scp_own_amt, wording_no
        ) as content
    from typed
),

compared as (
    select
        *,
        coalesce(fen_fulamt_ownpay_amt, 0) + coalesce(fen_overlmt_selfpay, 0) + coalesce(fen_preselfpay_amt, 0) + coalesce(fen_inscp_scp_amt, 0)
            - fen_medfee_sumamt as total_gap,
        coalesce(fen_hifp_pay, 0) + coalesce(fen_hifmi_pay, 0) + coalesce(fen_hifob_pay, 0) + coalesce(fen_cvlserv_pay, 0)
            + coalesce(fen_hifes_pay, 0) + coalesce(fen_hifdm_pay, 0) + coalesce(fen_maf_pay, 0) + coalesce(fen_oth_pay, 0) - fen_fund_pay_sumamt as fund_gap,
        coalesce(fen_fund_pay_sumamt, 0) + coalesce(fen_psn_part_amt, 0) + coalesce(fen_hosp_part_amt, 0)
            - fen_medfee_sumamt as person_gap,
        coalesce(fen_acct_pay, 0) + coalesce(fen_acct_mulaid_pay, 0) + coalesce(fen_psn_cash_pay, 0)
            - fen_psn_part_amt as paid_gap,
        coalesce(fen_hifp_pay, 0) + coalesce(fen_hifmi_pay, 0) + coalesce(fen_oth_pay, 0) + fen_scp_own_amt - fen_inscp_scp_amt as scope_gap,
        if(fen_scp_own_amt is null, null, abs(fen_inscp_scp_amt) - abs(fen_medfee_sumamt)) as scope_excess
    from named
),

-- rows that repeat an earlier one of the file, and keys that stand twice with different content
twice as (
    select
        delivery_id,
        setl_id
    from staging.settlement_keyed
    where setl_id is not null
    group by delivery_id, setl_id
    having count(*) > 1
),

repeated as (
    select
        n.delivery_id,
        n.line_no
    from named as n
    inner join twice as t on n.delivery_id = t.delivery_id and n.setl_id = t.setl_id
    qualify row_number() over (partition by n.delivery_id, n.setl_id, n.content order by n.line_no) > 1
),

conflicting as (
    select
        n.delivery_id,
        n.setl_id,
        n.refd_setl_flag,
        n.at_updt_time
    from named as n
    inner join twice as t on n.delivery_id = t.delivery_id and n.setl_id = t.setl_id
    group by n.delivery_id, n.setl_id, n.refd_setl_flag, n.at_updt_time
    having min(n.content) <> max(n.content)
),

marked as (
    select
        c.*,
        r.line_no is not null as is_repeat,
        k.setl_id is not null as is_conflict
    from compared as c
    left join repeated as r on c.delivery_id = r.delivery_id and c.line_no = r.line_no
    left join conflicting as k
        on c.delivery_id = k.delivery_id and c.setl_id = k.setl_id
        and c.refd_setl_flag is not distinct from k.refd_setl_flag and c.at_updt_time is not distinct from k.at_updt_time
)

select
    delivery_id,
    line_no,
    person_key,
    birth_year,
    case
        when identity_code is not null then identity_code
        when setl_id is null or setl_id = '?' then 'KEY_MISSING'
        when regexp_full_match(setl_id, '[0-9]([.][0-9]+)?[eE][+][0-9]{2}') then 'KEY_DAMAGED'
        when is_conflict then 'KEY_CONFLICT'
        when unreadable_money is not null then 'MONEY_INVALID'
        when missing_money is not null then 'MONEY_MISSING'
        when negative_money is not null and not is_refund then 'MONEY_NEGATIVE'
        when unreadable_day is not null then 'DATE_INVALID'
        when missing_day is not null then 'DATE_MISSING'
        when at_enddate < at_begndate or cast(at_setl_time as date) < cast(at_begndate as date) then 'DATE_ORDER'
        when greatest(at_begndate, at_enddate, at_setl_time) >= cast($today as date) + interval 1 day then 'DATE_FUTURE'
        when abs(total_gap) > $total_tolerance then 'IDENTITY_TOTAL'
        when abs(fund_gap) > $fund_tolerance then 'IDENTITY_FUND'
        when abs(person_gap) > $person_tolerance or abs(paid_gap) > $person_tolerance then 'IDENTITY_PERSON'
        when abs(scope_gap) > $scope_tolerance or scope_excess > $scope_tolerance then 'IDENTITY_SCOPE'
    end as reason_code,
    case
        when identity_code is not null then 'certno'
        when
            setl_id is null or setl_id = '?' or is_conflict or regexp_full_match(setl_id, '[0-9]([.][0-9]+)?[eE][+][0-9]{2}')
            then 'setl_id'
        when unreadable_money is not null then unreadable_money
        when missing_money is not null then missing_money
        when negative_money is not null and not is_refund then negative_money
        when unreadable_day is not null then unreadable_day
        when missing_day is not null then missing_day
        when at_enddate < at_begndate then 'enddate'
        when cast(at_setl_time as date) < cast(at_begndate as date) then 'setl_time'
        when greatest(at_begndate, at_enddate, at_setl_time) >= cast($today as date) + interval 1 day then 'setl_time'
        when abs(total_gap) > $total_tolerance then 'medfee_sumamt'
        when abs(fund_gap) > $fund_tolerance then 'fund_pay_sumamt'
        when abs(person_gap) > $person_tolerance or abs(paid_gap) > $person_tolerance then 'psn_part_amt'
        when abs(scope_gap) > $scope_tolerance or scope_excess > $scope_tolerance then 'inscp_scp_amt'
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
    cast(at_begndate as date) as begndate,
    cast(at_enddate as date) as enddate,
    at_setl_time as setl_time,
    at_updt_time as updt_time,
    fen_medfee_sumamt as medfee_sumamt,
    fen_fulamt_ownpay_amt as fulamt_ownpay_amt,
    fen_overlmt_selfpay as overlmt_selfpay,
    fen_preselfpay_amt as preselfpay_amt,
    fen_inscp_scp_amt as inscp_scp_amt,
    fen_act_pay_dedc as act_pay_dedc,
    fen_hifp_pay as hifp_pay,
    fen_hifmi_pay as hifmi_pay,
    fen_hifob_pay as hifob_pay,
    fen_cvlserv_pay as cvlserv_pay,
    fen_hifes_pay as hifes_pay,
    fen_hifdm_pay as hifdm_pay,
    fen_maf_pay as maf_pay,
    fen_oth_pay as oth_pay,
    fen_fund_pay_sumamt as fund_pay_sumamt,
    fen_psn_part_amt as psn_part_amt,
    fen_hosp_part_amt as hosp_part_amt,
    fen_acct_pay as acct_pay,
    fen_acct_mulaid_pay as acct_mulaid_pay,
    fen_psn_cash_pay as psn_cash_pay,
    fen_scp_own_amt as scp_own_amt,
    refd_setl_flag,
    list_concat(flags, list_filter(
        [
            if(enddate is null, 'ENDDATE_MISSING', null),
            if(cast(at_setl_time as date) < cast(at_enddate as date), 'SETTLED_EARLY', null),
            if(
                ($total_tolerance is not null and total_gap <> 0) or ($fund_tolerance is not null and fund_gap <> 0)
                or ($person_tolerance is not null and (person_gap <> 0 or paid_gap <> 0)) or ($scope_tolerance is not null and scope_gap <> 0),
                'IDENTITY_TOLERATED', null
            ),
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
from marked
