-- facts.person_kept: somebody of whom rows may stand beyond staging in a county that is sent the care of everybody insured; never published
-- grain: person_key
-- reads: facts.care_event, facts.identity_span
-- source: docs/explanation/privacy.md (the whole-insured feed serves the radar alone); 001 chapter 1
-- Listed at any time, known to the ledger, or over the radar's line of costs borne in the months looked at. Exactly the line is not over it.
with borne as (
    select
        person_key,
        sum(
            greatest(
                0,
                coalesce(psn_part_amt, medfee_sumamt - coalesce(fund_pay_sumamt, 0))
                - coalesce(pay_commercial, 0)
                - coalesce(pay_inclusive, 0)
                - coalesce(pay_mutual_aid, 0)
                - coalesce(pay_charity, 0)
                - coalesce(pay_emergency_fund, 0)
                - coalesce(pay_temporary_aid, 0)
                - coalesce(pay_third_party, 0)
            )
        ) as borne_fen
    from facts.care_event
    where
        state = 'LIVE'
        and settled_on <= cast($seen_on as date)
        and settled_on > cast($seen_on as date) - to_months(cast($burden_months as integer))
    group by person_key
)

select person_key
from facts.identity_span
union
select person_key
from borne
where borne_fen > cast($burden_line_yuan as bigint) * 100
union
select unnest(cast($known_people as varchar[])) as person_key
