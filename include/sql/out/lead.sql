-- one row: something that looks wrong and that a person must check (监督疑点); a 线索 only after somebody checked it.
-- grain: lead_id.
-- reads: out.lead_undecided, out.lead_delayed, out.lead_short, out.lead_left_out, out.lead_awaited, out.lead_favour, out.lead_breach, out.lead_tardy.
-- source: 001 chapter 4 (四种监督情形); docs/domain 2.1.
-- The id follows from what the lead is about, so that it stays the same lead on the next day.
with
every_lead as (
    select * from out.lead_undecided
    union all
    select * from out.lead_delayed
    union all
    select * from out.lead_short
    union all
    select * from out.lead_left_out
    union all
    select * from out.lead_awaited
    union all
    select * from out.lead_favour
    union all
    select * from out.lead_breach
    union all
    select * from out.lead_tardy
)

select
    'L' || substr(sha256($county_code || '|' || indicator_code || '|' || subject_kind || '|' || subject_id), 1, 24) as lead_id,
    indicator_code,
    subject_kind,
    subject_id,
    person_key,
    department_code,
    town,
    arose_on,
    amount_fen,
    evidence
from every_lead
order by lead_id
