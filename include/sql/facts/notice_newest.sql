-- facts.notice_newest: one row what somebody else tells of a person or a settlement, newest delivery first; works within a run, is not published
-- grain: list_code, notice_id
-- reads: staging.notice
-- source: notices of public security, of the injury office and of other payers
with delivered as (
    select
        unnest(cast($notice_deliveries as varchar[])) as delivery_id,
        unnest(cast($notice_received as varchar[])) as received_at,
        generate_subscripts(cast($notice_deliveries as varchar[]), 1) as place
)

select
    n.list_code,
    n.notice_id,
    n.notice_code,
    n.person_key,
    n.setl_id,
    n.benefit_year,
    n.happened_on,
    n.clinic_code,
    n.is_checked,
    n.is_signed,
    n.fen,
    n.delivery_id,
    n.line_no,
    d.received_at
from staging.notice as n
inner join delivered as d on n.delivery_id = d.delivery_id
qualify row_number() over (partition by n.list_code, n.notice_id order by d.place desc, n.line_no desc) = 1
