-- checks.assess: each claim is judged once; base = relief + window relief + what is left, fen by fen; no year is negative
-- grain: check_code
-- reads: facts.care_event, facts.enrolment_event, facts.service_event, out.assessment, out.award_line, out.award_share, out.funnel
-- source: docs/reference/relief-semantics.md, sections 5 to 7
with
-- what lies on claims: lines, and the shares of sums of the year
money as (
    select
        event_id,
        least(entitled_fen, base_fen) as taken_fen,
        amount_fen
    from out.award_line
    where event_id is not null
    union all
    select
        event_id,
        amount_fen as taken_fen,
        amount_fen
    from out.award_share
),

taken as (
    select
        event_id,
        sum(taken_fen) as taken_fen,
        sum(amount_fen) as amount_fen
    from money
    group by event_id
),

judged as (
    select
        a.*,
        coalesce(t.taken_fen, 0) as taken_fen,
        coalesce(t.amount_fen, 0) as line_amount_fen
    from out.assessment as a
    left join taken as t on a.event_id = t.event_id
),

fact as (
    select event_id from facts.care_event
    union all
    select event_id from facts.enrolment_event
    union all
    select event_id from facts.service_event
),

year_sum as (
    select
        person_key,
        benefit_year,
        benefit_code,
        sum(amount_fen) as amount_fen
    from out.award_line
    group by person_key, benefit_year, benefit_code
)

select
    'claim_judged_once' as check_code,
    (select count(*) from fact) as examined,
    abs((select count(*) from fact) - count(*)) + count(*) - count(distinct event_id) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from judged
union all
select
    'base_conserved' as check_code,
    count(*) as examined,
    count(*) filter (where base_fen <> taken_fen + earlier_fen + left_fen) as failures,
    cast(coalesce(sum(base_fen), 0) as bigint) as fen_in,
    cast(coalesce(sum(taken_fen + earlier_fen + left_fen), 0) as bigint) as fen_out
from judged
where base_fen is not null
union all
select
    'lines_conserved' as check_code,
    count(*) as examined,
    count(*) filter (where j.relief_fen <> j.line_amount_fen) as failures,
    cast(coalesce(sum(j.relief_fen), 0) as bigint) as fen_in,
    cast((select coalesce(sum(l.amount_fen), 0) from out.award_line as l) as bigint) as fen_out
from judged as j
union all
select
    'line_within_burden' as check_code,
    count(*) as examined,
    count(*) filter (where entitled_fen < 0 or amount_fen > base_fen or amount_fen <> entitled_fen - window_fen) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from out.award_line
union all
select
    'line_once' as check_code,
    count(*) as examined,
    count(*) filter (where lines > 1) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from (
    select count(*) as lines
    from out.award_line
    group by event_id, benefit_code, if(event_id is null, person_key, null), if(event_id is null, benefit_year, null)
) as counted
union all
select
    'year_not_negative' as check_code,
    count(*) as examined,
    count(*) filter (where amount_fen < 0) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from year_sum
union all
select
    'paid_has_no_reason' as check_code,
    count(*) as examined,
    count(*) filter (where (outcome = 'PAID') <> (reason_code is null)) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from judged
union all
select
    'funnel_narrows' as check_code,
    count(*) as examined,
    count(*) filter (where fetched < eligible or eligible <> ended) as failures,
    cast(0 as bigint) as fen_in,
    cast(0 as bigint) as fen_out
from (
    select
        coalesce(sum(visits) filter (where step = '1_fetched'), 0) as fetched,
        coalesce(sum(visits) filter (where step = '2_eligible'), 0) as eligible,
        coalesce(sum(visits) filter (where step in ('3_at_window', '4_payable', '5_held', '6_nothing_due')), 0) as ended
    from out.funnel
    group by scope, event_kind
) as narrowing
