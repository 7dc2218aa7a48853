-- out.reckoned_claim: one row a claim of files reckoned without a home: where it stands in its file, what became of it and why
-- grain: event_id
-- reads: out.assessment, out.calculation_record, staging.reckoned_file, staging.reckoned_person, staging.reason_word
-- source: docs/reference/relief-semantics.md, section 7; works within a task, is not published
with record as (
    select
        event_id,
        event_kind,
        any_value(delivery_id) as delivery_id,
        any_value(line_no) as line_no,
        string_agg(sentence_zh, '' order by benefit_code) as reckoning_zh,
        any_value(change_zh) as change_zh
    from out.calculation_record
    group by event_id, event_kind
)

select
    f.file_name,
    r.line_no,
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
    r.reckoning_zh,
    r.change_zh
from out.assessment as a
left join record as r on a.event_id = r.event_id and a.event_kind = r.event_kind
left join staging.reckoned_file as f on r.delivery_id = f.delivery_id
left join staging.reckoned_person as p on a.person_key = p.person_key
left join staging.reason_word as w on a.reason_code = w.reason_code
