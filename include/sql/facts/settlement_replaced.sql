-- facts.settlement_replaced: one row an accepted settlement record that a newer version, or the same one delivered again, stands in for
-- grain: delivery_id, line_no
-- reads: staging.settlement, facts.settlement_newest
-- source: law of the house: every accepted record is an event, a refund, or is named here
with delivered as (
    select unnest(cast($settlement_deliveries as varchar[])) as delivery_id
)

select
    s.delivery_id,
    s.line_no,
    s.setl_id,
    s.medfee_sumamt,
    if(
        s.updt_time is not distinct from n.updt_time or s.medfee_sumamt is not distinct from n.medfee_sumamt
        and s.psn_part_amt is not distinct from n.psn_part_amt and s.refd_setl_flag is not distinct from n.refd_setl_flag
        and s.begndate is not distinct from n.begndate and s.enddate is not distinct from n.enddate,
        'SETTLEMENT_REPEATED', 'SETTLEMENT_CORRECTED'
    ) as reason_code,
    n.delivery_id as replaced_by
from staging.settlement as s
inner join delivered as d on s.delivery_id = d.delivery_id
inner join facts.settlement_newest as n
    on
        s.setl_id = n.setl_id
        and n.is_refund = (
            coalesce(s.refd_setl_flag = '1', false)
            and (coalesce(nullif(s.init_setl_id, ''), s.setl_id) <> s.setl_id or coalesce(s.medfee_sumamt < 0, false))
        )
where s.delivery_id <> n.delivery_id or s.line_no <> n.line_no
