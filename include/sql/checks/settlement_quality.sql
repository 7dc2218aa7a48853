-- checks.settlement_quality: one row is a check on a staged batch: how many of its rows fail; judged by Great Expectations in place of the rows
-- grain: check_code
-- reads: staging.settlement_judged, staging.settlement_seen
-- source: the feed's contract, said a second time apart from the judging of rows
with accepted as not materialized (
    select
        *,
        hash(delivery_id, setl_id, refd_setl_flag, updt_time) as key_hash
    from staging.settlement_judged
    where reason_code is null and not is_repeat
),

-- only rows whose hash stands twice are compared whole
suspected as (
    select key_hash
    from accepted
    group by key_hash
    having count(*) > 1
),

repeated as (
    select delivery_id
    from accepted
    where key_hash in (select s.key_hash from suspected as s)
    group by delivery_id, setl_id, refd_setl_flag, updt_time
    having count(*) > 1
),

row_checks as (
    select
        count(*) filter (where not coalesce(regexp_full_match(person_key, '[A-Z2-7]{26}'), false)) as person_key,
        count(*) filter (where setl_id is null) as key_missing,
        count(*) filter (where medfee_sumamt is null or fund_pay_sumamt is null or inscp_scp_amt is null or psn_part_amt is null) as money_missing,
        count(*) filter (where begndate is null or setl_time is null) as date_missing,
        count(*) filter (where enddate < begndate) as date_order,
        count(*) filter (where abs(medfee_sumamt - coalesce(fulamt_ownpay_amt, 0) - coalesce(overlmt_selfpay, 0) - coalesce(preselfpay_amt, 0) - coalesce(inscp_scp_amt, 0)) > $total_tolerance)
            as identity_total,
        count(*) filter (where abs(fund_pay_sumamt - coalesce(hifp_pay, 0) - coalesce(hifmi_pay, 0) - coalesce(hifob_pay, 0) - coalesce(cvlserv_pay, 0) - coalesce(hifes_pay, 0) - coalesce(hifdm_pay, 0) - coalesce(maf_pay, 0) - coalesce(oth_pay, 0)) > $fund_tolerance)
            as identity_fund,
        count(*) filter (where abs(medfee_sumamt - coalesce(fund_pay_sumamt, 0) - coalesce(psn_part_amt, 0) - coalesce(hosp_part_amt, 0)) > $person_tolerance
            or abs(psn_part_amt - coalesce(acct_pay, 0) - coalesce(acct_mulaid_pay, 0) - coalesce(psn_cash_pay, 0)) > $person_tolerance) as identity_person,
        count(*) filter (where list_contains(flags, 'CODE_UNKNOWN')) as code_unknown
    from accepted
),

batch_checks as (
    select
        count(*) filter (where is_drifted = 1) as rows_drift,
        count(*) filter (where days_since > $fresh_days) as event_old,
        count(*) filter (where is_original_known = 0) as original_unknown
    from staging.settlement_seen
    where is_accepted
),

counted as (
    select
        row_checks.*,
        batch_checks.*,
        (select count(*) from repeated) as key_twice
    from row_checks
    cross join batch_checks
)

select
    upper(check_name) as check_code,
    check_name not in ('code_unknown', 'rows_drift', 'event_old', 'original_unknown') as is_gate,
    failures
from counted
unpivot (
    failures for check_name in (
        person_key, key_missing, key_twice, money_missing, date_missing, date_order, identity_total, identity_fund, identity_person,
        code_unknown, rows_drift, event_old, original_unknown
    )
)
