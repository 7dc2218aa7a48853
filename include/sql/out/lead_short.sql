-- one row: an entitlement by the facts known now of which the ledger has granted less (少救).
-- grain: indicator_code, subject_id.
-- reads: out.posting_change, ledger.award_posting.
-- source: 001 chapter 4 (四种监督情形); docs/domain 2.1.
-- Looked at from $grace_days days after the assessment on, when apply has had its time. Only people who were granted something under
-- this benefit and year; who was granted nothing is left out altogether (out.lead_left_out). Rounding leaves no cent: any fen counts.
with
granted as (
    select
        person_key,
        benefit_code,
        benefit_year,
        sum(amount_fen) as granted_fen
    from ledger.award_posting
    where fate <> 'dead'
    group by person_key, benefit_code, benefit_year
)

select
    'AMOUNT_SHORT' as indicator_code,
    'award' as subject_kind,
    change.person_key || '|' || change.benefit_code || '|' || change.benefit_year || '|' || change.event_id as subject_id,
    change.person_key,
    change.department_code,
    cast(null as varchar) as town,
    cast(cast($assessed_at as date) + cast($grace_days as integer) as date) as arose_on,  -- noqa: RF02
    change.change_fen as amount_fen,
    format('clause={}; missing_fen={}; assessed_at={}', change.clause_id, change.change_fen, $assessed_at) as evidence  -- noqa: RF02
from out.posting_change as change
inner join granted
    on
        change.person_key = granted.person_key
        and change.benefit_code = granted.benefit_code
        and change.benefit_year = granted.benefit_year
where
    change.change_fen > change.opening_fen
    and granted.granted_fen > 0
    and cast($assessed_at as date) + cast($grace_days as integer) <= cast($as_of as date)  -- noqa: RF02
order by indicator_code, subject_id
