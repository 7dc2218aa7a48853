-- out.funnel: how many claims were fetched, how many of them are eligible, and what became of those, for the month and the year
-- grain: scope, event_kind, step
-- reads: out.assessment
-- source: 001 (17089 fetched, 12963 eligible, 5397 done), each in 人 and 人次; eligible: identity, care and day fit the policy
with scoped as (
    select
        'year' as scope,
        *
    from out.assessment
    where benefit_year = $run_year
    union all
    select
        'month' as scope,
        *
    from out.assessment
    where strftime(event_on, '%Y-%m') = $run_month
),

stepped as (
    select
        scope,
        event_kind,
        person_key,
        relief_fen,
        unnest(
            case
                when reason_code in ('NO_CATEGORY', 'CARE_NOT_COVERED', 'POLICY_EXPIRED', 'REFUND_STRUCK') then ['1_fetched']
                when outcome = 'PAID' then ['1_fetched', '2_eligible', '4_payable']
                when outcome = 'HELD' then ['1_fetched', '2_eligible', '5_held']
                when reason_code = 'WINDOW_PAID' then ['1_fetched', '2_eligible', '3_at_window']
                else ['1_fetched', '2_eligible', '6_nothing_due']
            end
        ) as step
    from scoped
)

select
    scope,
    event_kind,
    step,
    count(distinct person_key) as people,
    count(*) as visits,
    cast(sum(relief_fen) as bigint) as relief_fen
from stepped
group by scope, event_kind, step
