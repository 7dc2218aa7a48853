-- out.refusals: claims without payable relief by reason, for the month and the year
-- grain: scope, event_kind, reason_code
-- reads: out.assessment
-- source: docs/reference/relief-semantics.md, section 7
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
)

select
    scope,
    event_kind,
    outcome,
    reason_code,
    count(distinct person_key) as people,
    count(*) as visits,
    cast(coalesce(sum(base_fen), 0) as bigint) as base_fen,
    cast(sum(held_fen) as bigint) as held_fen
from scoped
where reason_code is not null
group by scope, event_kind, outcome, reason_code
