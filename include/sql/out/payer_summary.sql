-- out.payer_summary: other payers in the benefit year: what they gave, and of how many claims they have not told so far
-- grain: payer_code
-- reads: facts.care_event, out.assessment
-- source: docs/reference/relief-semantics.md, section 10; a payer that has not delivered is unknown and never nothing
with payer as (
    select
        unnest(cast($payer_codes as varchar[])) as payer_code,
        generate_subscripts(cast($payer_codes as varchar[]), 1) as place
),

claim as (
    select
        e.payers_unknown,
        [
            e.pay_commercial, e.pay_inclusive, e.pay_mutual_aid, e.pay_charity, e.pay_emergency_fund, e.pay_temporary_aid, e.pay_third_party
        ] as given,
        a.outcome = 'HELD' and a.reason_code = 'PAYER_UNKNOWN' as is_held
    from facts.care_event as e
    inner join out.assessment as a on e.event_id = a.event_id and a.event_kind = 'care'
    where e.state <> 'STRUCK' and e.benefit_year = $run_year  -- noqa: RF02
)

select
    p.payer_code,
    cast(p.place as integer) as place,
    list_contains(cast($counted_payers as varchar[]), p.payer_code) as is_counted,  -- noqa: RF02
    count(*) filter (where list_contains(c.payers_unknown, p.payer_code)) as unknown,
    count(*) filter (where list_contains(c.payers_unknown, p.payer_code) and c.is_held) as held,
    count(*) filter (where c.given[p.place] > 0) as paid,
    cast(coalesce(sum(c.given[p.place]), 0) as bigint) as fen
from payer as p
left join claim as c on true
group by p.payer_code, p.place
