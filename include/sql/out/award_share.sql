-- out.award_share: what a sum of the year lies on each claim
-- grain: event_id, benefit_code
-- reads: out.award_chain, out.award_line
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 0 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
select
  event_id,
  person_key,
  benefit_year,
  benefit_code,
  amount_fen,
  is_held
from out.award_line
where
  event_id is null
