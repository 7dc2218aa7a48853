-- out.claim_payer: one row a settlement of care that lives, in the year to date, with what each payer gave for it
-- grain: event_id
-- reads: facts.care_placed, facts.care_event, out.relief_part, facts.person_month
-- source: 001, three tiers after insurance; works within a task, is not published
with relief as (
    select
        event_id,
        cast(sum(relief_fen) as bigint) as relief_fen
    from out.relief_part
    where event_kind = 'care'
    group by event_id
)

select
    p.event_id,
    p.person_key,
    p.calendar_month,
    m.categories,
    e.medfee_sumamt as cost_fen,
    coalesce(e.hifp_pay, 0) as hifp_fen,
    coalesce(e.hifmi_pay, 0) as hifmi_fen,
    coalesce(e.hifob_pay, 0) as hifob_fen,
    coalesce(e.cvlserv_pay, 0) as cvlserv_fen,
    coalesce(e.hifes_pay, 0) as hifes_fen,
    coalesce(e.hifdm_pay, 0) as hifdm_fen,
    coalesce(e.oth_pay, 0) as oth_fen,
    coalesce(e.hosp_part_amt, 0) as hosp_part_fen,
    coalesce(e.maf_pay, 0) as window_fen,
    coalesce(e.pay_commercial, 0) as pay_commercial_fen,
    coalesce(e.pay_inclusive, 0) as pay_inclusive_fen,
    coalesce(e.pay_mutual_aid, 0) as pay_mutual_aid_fen,
    coalesce(e.pay_charity, 0) as pay_charity_fen,
    coalesce(e.pay_emergency_fund, 0) as pay_emergency_fund_fen,
    coalesce(e.pay_temporary_aid, 0) as pay_temporary_aid_fen,
    coalesce(e.pay_third_party, 0) as pay_third_party_fen,
    coalesce(r.relief_fen, 0) as care_relief_fen,
    p.burden_fen - coalesce(r.relief_fen, 0) - (
        coalesce(e.pay_commercial, 0) + coalesce(e.pay_inclusive, 0) + coalesce(e.pay_mutual_aid, 0)
        + coalesce(e.pay_charity, 0) + coalesce(e.pay_emergency_fund, 0) + coalesce(e.pay_temporary_aid, 0)
        + coalesce(e.pay_third_party, 0)
    ) as left_fen,
    e.medfee_sumamt - p.burden_fen - (
        coalesce(e.hifp_pay, 0) + coalesce(e.hifmi_pay, 0) + coalesce(e.hifob_pay, 0) + coalesce(e.cvlserv_pay, 0)
        + coalesce(e.hifes_pay, 0) + coalesce(e.hifdm_pay, 0) + coalesce(e.oth_pay, 0) + coalesce(e.hosp_part_amt, 0)
        + coalesce(e.maf_pay, 0)
    ) as unsplit_fen
from facts.care_placed as p
inner join facts.care_event as e on p.event_id = e.event_id
inner join facts.person_month as m on p.person_key = m.person_key and p.calendar_month = m.calendar_month
left join relief as r on p.event_id = r.event_id
