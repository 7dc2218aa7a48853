-- checks.roster_quality: one row is a check on a staged batch: how many of its rows fail; judged by Great Expectations in place of the rows
-- grain: check_code
-- reads: staging.roster_judged, staging.roster_seen
-- source: the feed's contract, said a second time apart from the judging of rows
with accepted as (
    select *
    from staging.roster_judged
    where reason_code is null and not is_repeat
),

counted as (
    select
        'PERSON_KEY' as check_code,
        true as is_gate,
        count(*) filter (where not coalesce(regexp_full_match(person_key, '[A-Z2-7]{26}'), false)) as failures
    from accepted
    union all by name
    select
        'CATEGORY_UNKNOWN' as check_code,
        false as is_gate,
        count(*) filter (where category_code is null) as failures
    from accepted
    union all by name
    select
        'LIST_UNKNOWN' as check_code,
        true as is_gate,
        count(*) filter (where not list_contains(cast($list_codes as varchar[]), list_code)) as failures
    from accepted
    union all by name
    select
        'ROWS_DRIFT' as check_code,
        false as is_gate,
        count(*) filter (where is_accepted and is_drifted = 1) as failures
    from staging.roster_seen
    union all by name
    select
        'EVENT_OLD' as check_code,
        false as is_gate,
        count(*) filter (where is_accepted and days_since > $fresh_days) as failures
    from staging.roster_seen
)

select
    check_code,
    is_gate,
    failures
from counted
