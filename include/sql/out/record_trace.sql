-- out.record_trace: each step of a claim where a benefit takes several; works within a run, is not published
-- grain: event_id, person_key, benefit_year, benefit_place, category_bit
-- reads: out.claim, out.award_chain
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 0 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
select
  cast(null as text) as event_id,
  cast(null as text) as event_kind,
  cast(null as text) as person_key,
  cast(null as int) as benefit_year,
  cast(null as int) as benefit_place,
  cast(null as bigint) as category_bit,
  cast(null as bigint) as burden_fen,
  cast(null as bigint) as entitled_fen,
  cast(null as bigint) as received_before_fen,
  cast(null as bigint) as total_fen,
  cast(null as bigint) as year_fen,
  cast(null as bigint) as deductible_fen,
  cast(null as boolean) as is_waived,
  cast(null as bigint) as deducted_before_fen,
  cast(null as bigint) as excess_fen,
  cast(null as bigint) as top_fen,
  cast(null as struct(fen bigint, ratio_ppm bigint, bracket_no bigint, variant_no bigint)[]) as parts,
  cast(null as bigint[]) as modifiers,
  cast(null as bigint) as weighed_before,
  cast(null as bigint) as given_before_fen,
  cast(null as bigint) as alone_fen,
  cast(null as bigint) as rounded_fen,
  cast(null as struct(cap_no bigint, bound_fen bigint, before_fen bigint, came_fen bigint, let_fen bigint)[]) as caps,
  cast(null as bigint) as capped_fen,
  cast(null as bigint) as factor_ppm,
  cast(null as bigint) as cut_weighed_before,
  cast(null as bigint) as cut_given_before_fen,
  cast(null as bigint) as cut_alone_fen,
  cast(null as bigint) as changed_fen,
  cast(null as boolean) as is_at_cap,
  cast(null as boolean) as is_over,
  cast(null as bigint) as relief_fen
where
  false
