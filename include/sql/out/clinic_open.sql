-- one row: what a clinic is still due from a fund for assessed service packages; below zero when more was asked for than is due now.
-- grain: clinic_code, fund_code.
-- reads: facts.service_event, out.award_line, ledger.fund_act, ledger.fund_check.
-- source: 003, three (one) 1: 150 yuan a head and year to the clinic after the assessment; what is due now less what was asked for.
-- What finance refused was not asked for. $go_live_on: packages assessed before it were paid the old way.
with
assessed as (
    select
        event_id,
        clinic_code
    from facts.service_event
    where cast($go_live_on as date) is null or assessed_on >= cast($go_live_on as date)
),

due as (
    select
        s.clinic_code,
        l.fund_code,
        sum(l.amount_fen) as due_fen
    from assessed as s
    inner join out.award_line as l on s.event_id = l.event_id
    where not l.is_held
    group by s.clinic_code, l.fund_code
),

asked as (
    select
        a.clinic_code,
        a.fund_code,
        sum(a.amount_fen) as asked_fen
    from ledger.fund_act as a
    left join ledger.fund_check as c on a.act_id = c.act_id
    where a.kind = 'service' and coalesce(c.outcome, '') <> 'refused'
    group by a.clinic_code, a.fund_code
)

select
    coalesce(d.clinic_code, a.clinic_code) as clinic_code,
    coalesce(d.fund_code, a.fund_code) as fund_code,
    cast(coalesce(d.due_fen, 0) as bigint) as due_fen,
    cast(coalesce(a.asked_fen, 0) as bigint) as asked_fen,
    cast(coalesce(d.due_fen, 0) - coalesce(a.asked_fen, 0) as bigint) as open_fen
from due as d
full outer join asked as a on d.clinic_code = a.clinic_code and d.fund_code = a.fund_code
order by clinic_code, fund_code
