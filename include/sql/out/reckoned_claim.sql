-- out.reckoned_claim: one row a claim of files reckoned without a home: where it stands in its file, what became of it and why
-- grain: event_id
-- reads: out.assessment, out.award_line, facts.care_event, facts.enrolment_event, staging.reckoned_file, staging.reckoned_person, staging.reason_word
-- source: docs/reference/relief-semantics.md, section 7; works within a task, is not published
with placed as (
    select
        event_id,
        'care' as event_kind,
        delivery_id,
        line_no
    from facts.care_event
    union all
    select
        event_id,
        'enrolment' as event_kind,
        delivery_id,
        line_no
    from facts.enrolment_event
),

line as (
    select
        event_id,
        string_agg(benefit_code || ' ' || category_code || ' ' || amount_fen, ';' order by benefit_code) as reckoning_zh
    from out.award_line
    group by event_id
)

select
    f.file_name,
    c.line_no,
    a.event_id,
    p.person_masked,
    a.event_kind,
    a.event_on,
    a.benefit_year,
    a.base_fen,
    a.relief_fen,
    a.held_fen,
    a.window_fen,
    a.left_fen,
    a.outcome,
    a.reason_code,
    w.reason_zh,
    w.remedy_zh,
    l.reckoning_zh
from out.assessment as a
left join placed as c on a.event_id = c.event_id and a.event_kind = c.event_kind
left join staging.reckoned_file as f on c.delivery_id = f.delivery_id
left join staging.reckoned_person as p on a.person_key = p.person_key
left join staging.reason_word as w on a.reason_code = w.reason_code
left join line as l on a.event_id = l.event_id
