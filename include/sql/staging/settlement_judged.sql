-- staging.settlement_judged: one row is a settlement record with its verdict and flags; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.settlement_keyed
-- source: national settlement feed; accounting identities 1 to 3 of its contract, their tolerance bound; missing money is never nothing
-- the first column that is missing or negative
with named as (
    select
        * exclude (reason_code),
        reason_code as identity_code,
        coalesce(refd_setl_flag = '1', false) or init_setl_id is not null as is_refund,
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
            when medfee_sumamt < 0 then 'medfee_sumamt'
            when fulamt_ownpay_amt < 0 then 'fulamt_ownpay_amt'
            when overlmt_selfpay < 0 then 'overlmt_selfpay'
            when preselfpay_amt < 0 then 'preselfpay_amt'
            when inscp_scp_amt < 0 then 'inscp_scp_amt'
            when act_pay_dedc < 0 then 'act_pay_dedc'
            when hifp_pay < 0 then 'hifp_pay'
            when hifmi_pay < 0 then 'hifmi_pay'
            when hifob_pay < 0 then 'hifob_pay'
            when cvlserv_pay < 0 then 'cvlserv_pay'
            when hifes_pay < 0 then 'hifes_pay'
            when hifdm_pay < 0 then 'hifdm_pay'
            when maf_pay < 0 then 'maf_pay'
            when oth_pay < 0 then 'oth_pay'
            when fund_pay_sumamt < 0 then 'fund_pay_sumamt'
            when psn_part_amt < 0 then 'psn_part_amt'
            when hosp_part_amt < 0 then 'hosp_part_amt'
            when acct_pay < 0 then 'acct_pay'
            when acct_mulaid_pay < 0 then 'acct_mulaid_pay'
            when psn_cash_pay < 0 then 'psn_cash_pay'
            when scp_own_amt < 0 then 'scp_own_amt'
        end as negative_money,
        case
            when begndate is null and list_contains(cast($filled as varchar[]), 'begndate') then 'begndate'
            when enddate is null and list_contains(cast($filled as varchar[]), 'enddate') then 'enddate'
            when setl_time is null and list_contains(cast($filled as varchar[]), 'setl_time') then 'setl_time'
            when updt_time is null and list_contains(cast($filled as varchar[]), 'updt_time') then 'updt_time'
        end as missing_day
    from staging.settlement_keyed
),

compared as (
    select
        *,
        coalesce(fulamt_ownpay_amt, 0) + coalesce(overlmt_selfpay, 0) + coalesce(preselfpay_amt, 0) + coalesce(inscp_scp_amt, 0)
            - medfee_sumamt as total_gap,
        coalesce(hifp_pay, 0) + coalesce(hifmi_pay, 0) + coalesce(hifob_pay, 0) + coalesce(cvlserv_pay, 0)
            + coalesce(hifes_pay, 0) + coalesce(hifdm_pay, 0) + coalesce(maf_pay, 0) + coalesce(oth_pay, 0) - fund_pay_sumamt as fund_gap,
        coalesce(fund_pay_sumamt, 0) + coalesce(psn_part_amt, 0) + coalesce(hosp_part_amt, 0)
            - medfee_sumamt as person_gap,
        coalesce(acct_pay, 0) + coalesce(acct_mulaid_pay, 0) + coalesce(psn_cash_pay, 0)
            - psn_part_amt as paid_gap,
        coalesce(hifp_pay, 0) + coalesce(hifmi_pay, 0) + coalesce(oth_pay, 0) + scp_own_amt - inscp_scp_amt as scope_gap,
        if(scp_own_amt is null, null, abs(inscp_scp_amt) - abs(medfee_sumamt)) as scope_excess
    from named
),

-- rows that repeat an earlier one of the file, and keys that stand twice with different content; a row without content stands alone
twice as (
    select
        delivery_id,
        setl_id
    from staging.settlement_keyed
    where setl_id is not null and content is not null
    group by delivery_id, setl_id
    having count(*) > 1
),

repeated as (
    select
        n.delivery_id,
        n.line_no
    from staging.settlement_keyed as n
    inner join twice as t on n.delivery_id = t.delivery_id and n.setl_id = t.setl_id
    qualify row_number() over (partition by n.delivery_id, n.setl_id, n.content order by n.line_no) > 1
),

conflicting as (
    select
        n.delivery_id,
        n.setl_id,
        n.refd_setl_flag,
        n.updt_time
    from staging.settlement_keyed as n
    inner join twice as t on n.delivery_id = t.delivery_id and n.setl_id = t.setl_id
    group by n.delivery_id, n.setl_id, n.refd_setl_flag, n.updt_time
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
        and c.refd_setl_flag is not distinct from k.refd_setl_flag and c.updt_time is not distinct from k.updt_time
)

select
    delivery_id,
    line_no,
    person_key,
    birth_year,
    case
        when identity_code is not null then identity_code
        when setl_id is null then 'KEY_MISSING'
        when setl_id = '?' or regexp_full_match(setl_id, '[0-9]([.][0-9]+)?[eE][+][0-9]{2}') then 'KEY_DAMAGED'
        when is_conflict then 'KEY_CONFLICT'
        when unreadable_money is not null then 'MONEY_INVALID'
        when missing_money is not null then 'MONEY_MISSING'
        when negative_money is not null and not is_refund then 'MONEY_NEGATIVE'
        when unreadable_day is not null then 'DATE_INVALID'
        when missing_day is not null then 'DATE_MISSING'
        when enddate < begndate or cast(setl_time as date) < cast(begndate as date) then 'DATE_ORDER'
        when greatest(begndate, enddate, setl_time) >= cast($today as date) + interval 1 day then 'DATE_FUTURE'
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
        when enddate < begndate then 'enddate'
        when cast(setl_time as date) < cast(begndate as date) then 'setl_time'
        when greatest(begndate, enddate, setl_time) >= cast($today as date) + interval 1 day then 'setl_time'
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
    cast(begndate as date) as begndate,
    cast(enddate as date) as enddate,
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
    scp_own_amt,
    refd_setl_flag,
    list_concat(flags, list_filter(
        [
            if(is_enddate_missing, 'ENDDATE_MISSING', null),
            if(cast(setl_time as date) < cast(enddate as date), 'SETTLED_EARLY', null),
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
