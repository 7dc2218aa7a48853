-- checks.notice_quality: one row is a check on a staged batch: how many of its rows fail; judged by Great Expectations in place of the rows
-- grain: check_code
-- reads: staging.notice_judged, staging.notice_seen
-- source: the feed's contract, said a second time apart from the judging of rows
with accepted as (
    select *
    from staging.notice_judged
    where reason_code is null and not is_repeat
),

repeated as (
    select delivery_id
    from accepted
    group by delivery_id, notice_id
    having count(*) > 1
),

counted as (
    select
        'PERSON_KEY' as check_code,
        true as is_gate,
        count(*) filter (where not regexp_full_match(person_key, '[A-Z2-7]{26}') or person_key is null and setl_id is null) as failures
    from accepted
    union all by name
    select
        'KEY_MISSING' as check_code,
        true as is_gate,
        count(*) filter (where notice_id is null) as failures
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
        count(*) filter (where starts_with(notice_code, 'PAY_') and fen is null) as failures
    from accepted
    union all by name
    select
        'DATE_MISSING' as check_code,
        true as is_gate,
        count(*) filter (where notice_code = 'DEATH' and happened_on is null) as failures
    from accepted
    union all by name
    select
        'CATEGORY_UNKNOWN' as check_code,
        true as is_gate,
        count(*) filter (where notice_code is null or not list_contains(cast($list_codes as varchar[]), list_code)) as failures
    from accepted
    union all by name
    select
        'ROWS_DRIFT' as check_code,
        false as is_gate,
        count(*) filter (where is_accepted and is_drifted = 1) as failures
    from staging.notice_seen
)

select
    check_code,
    is_gate,
    failures
from counted
