-- out.paid_part: one row a claim of the year to date and benefit with what reached an account for it; a sum of the year as one row
-- grain: event_id, person_key, benefit_code
-- reads: ledger.payment_line, ledger.payment, ledger.award_posting, out.assessment, facts.care_placed
-- source: 001 chapter 3 (一卡通发放); a sum of the year stands in the month of its person's last claim; works within a task only
-- noqa: disable=RF02
with claim as (
    select
        a.event_id,
        a.person_key,
        a.benefit_year,
        coalesce(p.calendar_month, strftime(a.event_on, '%Y-%m')) as calendar_month
    from out.assessment as a
    left join facts.care_placed as p on a.event_id = p.event_id and a.event_kind = 'care'
),

last_claim as (
    select
        person_key,
        benefit_year,
        max(calendar_month) as calendar_month
    from claim
    where list_contains(cast($months as varchar[]), calendar_month)
    group by person_key, benefit_year
),

paid as (
    select
        w.event_id,
        w.person_key,
        w.benefit_year,
        w.benefit_code,
        w.department_code,
        w.fund_code,
        max_by(w.category_code, w.posting_no) as category_code,
        cast(sum(l.amount_fen) as bigint) as paid_fen
    from ledger.payment_line as l
    inner join ledger.payment as p on l.payment_id = p.payment_id
    inner join ledger.award_posting as w on l.award_id = w.award_id
    where l.is_live and p.state = 'paid'
    group by w.event_id, w.person_key, w.benefit_year, w.benefit_code, w.department_code, w.fund_code
)

select
    p.event_id,
    p.person_key,
    coalesce(c.calendar_month, y.calendar_month) as calendar_month,
    p.department_code,
    p.benefit_code,
    p.fund_code,
    p.category_code,
    p.paid_fen
from paid as p
left join claim as c on p.event_id = c.event_id
left join last_claim as y on p.event_id = '' and p.person_key = y.person_key and p.benefit_year = y.benefit_year
where list_contains(cast($months as varchar[]), coalesce(c.calendar_month, y.calendar_month))
