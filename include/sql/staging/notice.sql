-- staging.notice: one row is an accepted notice: a death, an injury finding, a payment of another payer
-- grain: delivery_id, line_no
-- reads: staging.notice_judged
-- source: notices of public security, of the injury office and of other payers
select
    delivery_id,
    line_no,
    list_code,
    notice_code,
    notice_id,
    person_key,
    setl_id,
    benefit_year,
    happened_on,
    clinic_code,
    is_checked,
    is_signed,
    fen,
    flags
from staging.notice_judged
where reason_code is null and not is_repeat
