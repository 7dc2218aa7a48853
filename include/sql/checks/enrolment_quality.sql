-- checks.enrolment_quality: one row is a check on a staged batch: how many of its rows fail; judged by Great Expectations in place of the rows
-- grain: check_code
-- reads: staging.enrolment_judged, staging.enrolment_seen
-- source: the feed's contract, said a second time apart from the judging of rows
with accepted as (
    select *
    from staging.enrolment_judged
    where reason_code is null and not is_repeat
),

repeated as (
    select delivery_id
    from accepted
    group by delivery_id, enrol_id
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
        count(*) filter (where enrol_id is null) as failures
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
        count(*) filter (where coalesce(fee_fen, -1) < 0) as failures
    from accepted
    union all by name
    select
        'DATE_MISSING' as check_code,
        true as is_gate,
        count(*) filter (where paid_on is null or benefit_year is null) as failures
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
    from staging.enrolment_seen
)

select
    check_code,
    is_gate,
    failures
from counted
