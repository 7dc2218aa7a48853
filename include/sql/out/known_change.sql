-- out.known_change: one row a row of facts that differs between two runs, with its cause; works within a task, is not published
-- grain: table_name, row_key
-- reads: facts.care_event, facts.care_event_before, facts.enrolment_event, facts.enrolment_event_before, facts.service_event,
-- facts.service_event_before, facts.identity_span, facts.identity_span_before
-- source: the stage `known`; the first cause that fits counts
-- noqa: disable=RF02
with care as (
    select
        coalesce(n.event_id, t.event_id) as row_key,
        coalesce(n.person_key, t.person_key) as person_key,
        case
            when t.event_id is null then 'claim_new'
            when n.event_id is null then 'claim_withdrawn'
            when n.state = 'STRUCK' and t.state <> 'STRUCK' then 'refund'
            when list_contains(n.flags, 'AFTER_DEATH') and not coalesce(list_contains(t.flags, 'AFTER_DEATH'), false) then 'death'
            when list_contains(t.flags, 'AFTER_DEATH') and n.state = 'REFUSED' then 'death'
            when (n.billed_fen is not distinct from t.billed_fen) and (n.medfee_sumamt is distinct from t.medfee_sumamt) then 'refund'
            when n.state <> t.state or (n.reason_code is distinct from t.reason_code) then 'decision'
            when
                (n.payers_unknown is distinct from t.payers_unknown)
                or (struct_pack(
                    a := n.pay_commercial, b := n.pay_inclusive, c := n.pay_mutual_aid, d := n.pay_charity, e := n.pay_emergency_fund,
                    f := n.pay_temporary_aid, g := n.pay_third_party
                ) is distinct from struct_pack(
                    a := t.pay_commercial, b := t.pay_inclusive, c := t.pay_mutual_aid, d := t.pay_charity, e := t.pay_emergency_fund,
                    f := t.pay_temporary_aid, g := t.pay_third_party
                ))
                then 'payer'
            else 'resettled'
        end as cause
    from facts.care_event_before as t
    full join facts.care_event as n on t.event_id = n.event_id
    where t.event_id is null or n.event_id is null or t is distinct from n
),

enrolment as (
    select
        coalesce(n.event_id, t.event_id) as row_key,
        coalesce(n.person_key, t.person_key) as person_key,
        case
            when t.event_id is null then 'claim_new'
            when n.event_id is null then 'claim_withdrawn'
            when (n.stopped_code is distinct from t.stopped_code) then 'decision'
            else 'resettled'
        end as cause
    from facts.enrolment_event_before as t
    full join facts.enrolment_event as n on t.event_id = n.event_id
    where t.event_id is null or n.event_id is null or t is distinct from n
),

-- where a list that had not come left a piece of an identity in doubt, by the day on which the doubt began
doubted as (
    select
        person_key,
        category_code,
        list_code,
        since
    from facts.identity_span_before
    where is_provisional
    union
    select
        person_key,
        category_code,
        list_code,
        since
    from facts.identity_span
    where is_provisional
),

service as (
    select
        coalesce(n.event_id, t.event_id) as row_key,
        coalesce(n.person_key, t.person_key) as person_key,
        case
            when t.event_id is null then 'claim_new'
            when n.event_id is null then 'claim_withdrawn'
            else 'resettled'
        end as cause
    from facts.service_event_before as t
    full join facts.service_event as n on t.event_id = n.event_id
    where t.event_id is null or n.event_id is null or t is distinct from n
),

identity as (
    select
        concat_ws(
            '|', coalesce(n.person_key, t.person_key), coalesce(n.category_code, t.category_code),
            coalesce(n.list_code, t.list_code), coalesce(n.since, t.since)
        ) as row_key,
        coalesce(n.person_key, t.person_key) as person_key,
        case
            when coalesce(n.is_provisional, true) and coalesce(t.is_provisional, true) then 'identity_list'
            when d.person_key is not null then 'identity_list'
            when t.person_key is null then 'identity_added'
            when n.person_key is null then 'identity_revoked'
            when n.is_provisional <> t.is_provisional then 'identity_list'
            when coalesce(n.until, date '9999-12-31') < coalesce(t.until, date '9999-12-31') then 'identity_revoked'
            else 'identity_added'
        end as cause
    from facts.identity_span_before as t
    full join facts.identity_span as n
        on t.person_key = n.person_key and t.category_code = n.category_code and t.list_code = n.list_code and t.since = n.since
    left join doubted as d
        on
            t.person_key = d.person_key and t.category_code = d.category_code and t.list_code = d.list_code
            and d.since = if(n.until is null or n.until > t.until, t.until, n.until)  -- noqa: ST09
            and (n.until is distinct from t.until)
    where t.person_key is null or n.person_key is null or t is distinct from n
)

select
    'facts.care_event' as table_name,
    row_key,
    person_key,
    cause
from care
union all
select
    'facts.enrolment_event' as table_name,
    row_key,
    person_key,
    cause
from enrolment
union all
select
    'facts.service_event' as table_name,
    row_key,
    person_key,
    cause
from service
union all
select
    'facts.identity_span' as table_name,
    row_key,
    person_key,
    cause
from identity
