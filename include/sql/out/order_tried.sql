-- out.order_tried: orders of the benefits that were tried for a person-year
-- grain: person_key, benefit_year, order_no
-- reads: out.claim
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 0 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
select
  person_key,
  benefit_year,
  cast(null as int) as order_no,
  cast(null as text) as sequence,
  cast(null as text) as arrangement,
  cast(null as bigint) as total_fen,
  cast(null as boolean) as is_chosen
from out.claim
where
  false
