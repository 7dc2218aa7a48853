-- out.review_summary: claims that a person looks at, by reason: how many wait, what was decided, how those of before the go-live day count
-- grain: review_code
-- reads: facts.claim_review, facts.care_event, out.assessment
-- source: national reviews of claims (include/policies/national/reviews.yaml); a claim of somebody whom no benefit concerns waits for nothing
with looked as (
    select
        r.review_code,
        r.place,
        r.action,
        r.outcome,
        e.person_key,
        e.delivery_id,
        e.medfee_sumamt,
        coalesce(a.base_fen, 0) as base_fen,
        coalesce(a.relief_fen, 0) as relief_fen,
        coalesce(a.outcome = 'HELD' and a.reason_code = r.review_code, false) as is_waiting,
        r.outcome is null and r.action = 'count' as is_counted,
        r.outcome is null and r.action = 'leave_out' as is_left_out
    from facts.claim_review as r
    inner join facts.care_event as e on r.event_id = e.event_id
    left join out.assessment as a on r.event_id = a.event_id and a.event_kind = 'care'
)

select
    review_code,
    cast(min(place) as integer) as place,
    count(*) as claims,
    count(distinct person_key) as people,
    cast(coalesce(sum(medfee_sumamt), 0) as bigint) as fen,
    count(*) filter (where is_waiting) as waiting,
    count(distinct person_key) filter (where is_waiting) as waiting_people,
    cast(coalesce(sum(base_fen) filter (where is_waiting), 0) as bigint) as waiting_fen,
    count(distinct delivery_id) filter (where is_waiting) as deliveries,
    count(*) filter (where outcome = 'release') as released,
    count(*) filter (where outcome = 'refuse') as refused,
    count(*) filter (where is_counted) as opening_counted,
    cast(coalesce(sum(relief_fen) filter (where is_counted), 0) as bigint) as opening_fen,
    count(*) filter (where is_left_out) as opening_left_out
from looked
group by review_code
