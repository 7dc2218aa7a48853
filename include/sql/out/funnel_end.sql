-- out.funnel_end: of the eligible claims that relief is for, how many are done and how many are open, for the month and the year
-- grain: scope, event_kind, step
-- reads: out.assessment, out.relief_part, ledger.award_posting, ledger.payment, ledger.payment_line, ledger.transfer_line, ledger.recovery_line
-- source: 001 (17089 fetched, 12963 eligible, 5397 done); done: given at the window, or decided and all that was agreed has reached an account
-- What a transfer between funds or a recovery settles leaves nothing open either: no payment comes for it.
-- Held, not posted, not decided or not arrived is open; what a department refused leaves nothing open. Packages are paid to clinics, not here.
-- noqa: disable=RF02
with settled as (
    select
        l.award_id,
        l.amount_fen
    from ledger.payment_line as l
    inner join ledger.payment as p on l.payment_id = p.payment_id
    where l.is_live and p.state = 'paid'
    union all
    select
        award_id,
        amount_fen
    from ledger.transfer_line
    union all
    select
        award_id,
        amount_fen
    from ledger.recovery_line
),

arrived as (
    select
        award_id,
        sum(amount_fen) as paid_fen
    from settled
    group by award_id
),

posted as (
    select
        w.event_id,
        w.person_key,
        w.benefit_year,
        w.benefit_code,
        bool_or(w.fate = 'open')
        or coalesce(sum(w.amount_fen) filter (where w.kind = 'award' and w.fate = 'effective'), 0) > coalesce(sum(a.paid_fen), 0) as is_open
    from ledger.award_posting as w
    left join arrived as a on w.award_id = a.award_id
    group by w.event_id, w.person_key, w.benefit_year, w.benefit_code
),

claim as (
    select
        a.event_id,
        a.event_kind,
        a.person_key,
        a.benefit_year,
        a.event_on,
        a.relief_fen,
        a.outcome
    from out.assessment as a
    where a.event_kind <> 'service' and (a.outcome in ('PAID', 'HELD') or a.reason_code = 'WINDOW_PAID')
),

parted as (
    select
        c.event_id,
        c.event_kind,
        count(*) filter (where coalesce(o.is_open, y.is_open, r.relief_fen > 0)) as open_parts
    from claim as c
    inner join out.relief_part as r on c.event_id = r.event_id and c.event_kind = r.event_kind
    left join posted as o on r.event_id = o.event_id and r.person_key = o.person_key and r.benefit_code = o.benefit_code
    left join posted as y
        on
            y.event_id = ''
            and r.person_key = y.person_key
            and c.benefit_year = y.benefit_year
            and r.benefit_code = y.benefit_code
    group by c.event_id, c.event_kind
),

ended as (
    select
        c.*,
        case
            when c.outcome = 'REFUSED' then '7_done'
            when c.outcome = 'PAID' and p.open_parts = 0 then '7_done'
            else '8_open'
        end as step
    from claim as c
    left join parted as p on c.event_id = p.event_id and c.event_kind = p.event_kind
),

scoped as (
    select
        'year' as scope,
        *
    from ended
    where benefit_year = cast(left($run_month, 4) as integer)
    union all
    select
        'month' as scope,
        *
    from ended
    where strftime(event_on, '%Y-%m') = $run_month
)

select
    scope,
    event_kind,
    step,
    count(distinct person_key) as people,
    count(*) as visits,
    cast(sum(relief_fen) as bigint) as relief_fen
from scoped
group by scope, event_kind, step
