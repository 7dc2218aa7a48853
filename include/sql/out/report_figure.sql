-- out.report_figure: the figures of the month that a report prints, by category, as one row each: what is compared between two days
-- grain: figure_code, category_code
-- reads: facts.care_event, facts.identity_span, out.assessment
-- source: docs/howto/read-the-portrait.md; TOTAL is everybody once, NONE who is in no list; made from facts alone, so that it can be made
-- again of facts that are partly of then and partly of now
with month_of_run as (
    select
        cast($run_month || '-01' as date) as first_on,
        cast(cast($run_month || '-01' as date) + interval 1 month as date) as next_on
),

listed as (
    select
        s.person_key,
        list(distinct s.category_code) as categories
    from facts.identity_span as s
    inner join month_of_run as m on s.since < m.next_on and (s.until is null or s.until > m.first_on)
    group by s.person_key
),

care as (
    select
        e.event_id,
        e.person_key,
        e.medfee_sumamt as cost_fen,
        coalesce(e.fund_pay_sumamt, 0) as fund_fen,
        coalesce(e.psn_part_amt, e.medfee_sumamt - coalesce(e.fund_pay_sumamt, 0)) as burden_fen,
        coalesce(a.relief_fen, 0) as relief_fen
    from facts.care_event as e
    inner join month_of_run as m on e.settled_on >= m.first_on and e.settled_on < m.next_on
    left join out.assessment as a on e.event_id = a.event_id and a.event_kind = 'care'
    where e.state = 'LIVE'
),

person as (
    select
        coalesce(l.person_key, c.person_key) as person_key,
        any_value(l.categories) as categories,
        count(c.event_id) as visits,
        count(c.event_id) filter (where c.relief_fen <> 0) as visits_relieved,
        coalesce(sum(c.cost_fen), 0) as cost_fen,
        coalesce(sum(c.fund_fen), 0) as fund_fen,
        coalesce(sum(c.burden_fen), 0) as burden_fen,
        coalesce(sum(c.relief_fen), 0) as relief_fen
    from listed as l
    full join care as c on l.person_key = c.person_key
    group by coalesce(l.person_key, c.person_key)
),

member as (
    select
        *,
        unnest(case when categories is null then ['NONE', 'TOTAL'] else list_append(categories, 'TOTAL') end) as category_code
    from person
),

counted as (
    select
        category_code,
        unnest(
            [
                struct_pack(figure_code := 'people_listed', amount := count(*) filter (where categories is not null)),
                struct_pack(figure_code := 'people_treated', amount := count(*) filter (where visits > 0)),
                struct_pack(figure_code := 'people_relieved', amount := count(*) filter (where visits_relieved > 0)),
                struct_pack(figure_code := 'visits', amount := cast(sum(visits) as bigint)),
                struct_pack(figure_code := 'visits_relieved', amount := cast(sum(visits_relieved) as bigint)),
                struct_pack(figure_code := 'cost_fen', amount := cast(sum(cost_fen) as bigint)),
                struct_pack(figure_code := 'fund_fen', amount := cast(sum(fund_fen) as bigint)),
                struct_pack(figure_code := 'burden_fen', amount := cast(sum(burden_fen) as bigint)),
                struct_pack(figure_code := 'relief_fen', amount := cast(sum(relief_fen) as bigint))
            ]
        ) as one
    from member
    group by category_code
)

select
    one.figure_code,
    category_code,
    cast(one.amount as bigint) as amount
from counted
