-- checks.settlement_quality: one row is a check on a staged batch: how many of its rows fail; judged by Great Expectations in place of the rows
-- grain: check_code
-- reads: staging.settlement_judged, staging.settlement_seen
-- source: the feed's contract, said a second time apart from the judging of rows
with accepted as (
    select *
    from staging.settlement_judged
    where reason_code is null and not is_repeat
),

repeated as (
    select delivery_id
    from accepted
    group by delivery_id, setl_id, refd_setl_flag, updt_time
    having count(*) > 1
),

counted as (
    select
        'PERSON_KEY' as check_code,
        true as is_gate,
        count(*) filter (where not coalesce(regexp_full_match(person_key, '[A-Z2-7]{26}'), false)) as failures
    from accepted
    union all by name
    select
        'KEY_MISSING' as check_code,
        true as is_gate,
        count(*) filter (where setl_id is null) as failures
    from accepted
    union all by name
    select
        'KEY_TWICE' as check_code,
        true as is_gate,
        count(*) filter (where delivery_id is not null) as failures
    from repeated
    union all by name
    select
        'MONEY_MISSING' as check_code,
        true as is_gate,
        count(*) filter (where medfee_sumamt is null or fund_pay_sumamt is null or inscp_scp_amt is null or psn_part_amt is null) as failures
    from accepted
    union all by name
    select
        'DATE_MISSING' as check_code,
        true as is_gate,
        count(*) filter (where begndate is null or setl_time is null) as failures
    from accepted
    union all by name
    select
        'DATE_ORDER' as check_code,
        true as is_gate,
        count(*) filter (where enddate < begndate) as failures
    from accepted
    union all by name
    select
        'IDENTITY_TOTAL' as check_code,
        true as is_gate,
        count(*) filter (where abs(medfee_sumamt - list_sum([fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_scp_amt])) > $total_tolerance) as failures
    from accepted
    union all by name
    select
        'IDENTITY_FUND' as check_code,
        true as is_gate,
        count(*) filter (where abs(fund_pay_sumamt - list_sum([hifp_pay, hifmi_pay, hifob_pay, cvlserv_pay, hifes_pay, hifdm_pay, maf_pay, oth_pay])) > $fund_tolerance) as failures
    from accepted
    union all by name
    select
        'IDENTITY_PERSON' as check_code,
        true as is_gate,
        count(*) filter (where abs(medfee_sumamt - list_sum([fund_pay_sumamt, psn_part_amt, hosp_part_amt])) > $person_tolerance
            or abs(psn_part_amt - list_sum([acct_pay, acct_mulaid_pay, psn_cash_pay])) > $person_tolerance) as failures
    from accepted
    union all by name
    select
        'CODE_UNKNOWN' as check_code,
        false as is_gate,
        count(*) filter (where list_contains(flags, 'CODE_UNKNOWN')) as failures
    from accepted
    union all by name
    select
        'ROWS_DRIFT' as check_code,
        false as is_gate,
        count(*) filter (where is_accepted and is_drifted = 1) as failures
    from staging.settlement_seen
    union all by name
    select
        'EVENT_OLD' as check_code,
        false as is_gate,
        count(*) filter (where is_accepted and days_since > $fresh_days) as failures
    from staging.settlement_seen
    union all by name
    select
        'ORIGINAL_UNKNOWN' as check_code,
        false as is_gate,
        count(*) filter (where is_accepted and is_original_known = 0) as failures
    from staging.settlement_seen
)

select
    check_code,
    is_gate,
    failures
from counted
