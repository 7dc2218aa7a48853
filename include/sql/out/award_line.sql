-- out.award_line: one row a claim and benefit with money
-- grain: event_id, benefit_code
-- reads: out.award_chain
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 26 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
with b1_word as (
  select
    *
  from (values
    (2, $b1_benefit_code, $b1_tier_code, $b1_department_code, $b1_fund_code, $category_2, $b1_c1_clause_id)) as worded(bit, benefit_code, tier_code, department_code, fund_code, category_code, clause_id)
), b2_word as (
  select
    *
  from (values
    (1, $b2_benefit_code, $b2_tier_code, $b2_department_code, $b2_fund_code, $category_1, $b2_c1_clause_id),
    (2, $b2_benefit_code, $b2_tier_code, $b2_department_code, $b2_fund_code, $category_2, $b2_c2_clause_id)) as worded(bit, benefit_code, tier_code, department_code, fund_code, category_code, clause_id)
), b3_word as (
  select
    *
  from (values
    (4, $b3_benefit_code, $b3_tier_code, $b3_department_code, $b3_fund_code, $category_3, $b3_c1_clause_id)) as worded(bit, benefit_code, tier_code, department_code, fund_code, category_code, clause_id)
), b4_word as (
  select
    *
  from (values
    (1, $b4_benefit_code, $b4_tier_code, $b4_department_code, $b4_fund_code, $category_1, $b4_c1_clause_id),
    (2, $b4_benefit_code, $b4_tier_code, $b4_department_code, $b4_fund_code, $category_2, $b4_c2_clause_id),
    (4, $b4_benefit_code, $b4_tier_code, $b4_department_code, $b4_fund_code, $category_3, $b4_c3_clause_id)) as worded(bit, benefit_code, tier_code, department_code, fund_code, category_code, clause_id)
), line as (
  select
    c.event_id,
    c.person_key,
    c.benefit_year,
    c.event_on,
    c.is_firm,
    c.is_doubtful,
    w.benefit_code,
    w.tier_code,
    w.department_code,
    w.fund_code,
    w.category_code,
    w.clause_id,
    c.b1_burden_fen as base_fen,
    c.b1_entitled_fen as entitled_fen,
    cast(0 as bigint) as window_fen,
    c.b1_entitled_fen as amount_fen,
    false as is_provisional
  from out.award_chain as c
  inner join b1_word as w
    on c.b1_category = w.bit
  where
    (
      covers & 1
    ) <> 0 and (
      c.b1_entitled_fen <> 0
    )
  union all
  select
    c.event_id,
    c.person_key,
    c.benefit_year,
    c.event_on,
    c.is_firm,
    c.is_doubtful,
    w.benefit_code,
    w.tier_code,
    w.department_code,
    w.fund_code,
    w.category_code,
    w.clause_id,
    c.b2_burden_fen as base_fen,
    c.b2_entitled_fen as entitled_fen,
    c.maf_fen as window_fen,
    c.b2_entitled_fen - c.maf_fen as amount_fen,
    false as is_provisional
  from out.award_chain as c
  inner join b2_word as w
    on c.b2_category = w.bit
  where
    (
      covers & 2
    ) <> 0 and (
      c.b2_entitled_fen <> 0 or c.maf_fen <> 0
    )
  union all
  select
    c.event_id,
    c.person_key,
    c.benefit_year,
    c.event_on,
    c.is_firm,
    c.is_doubtful,
    w.benefit_code,
    w.tier_code,
    w.department_code,
    w.fund_code,
    w.category_code,
    w.clause_id,
    c.b3_burden_fen as base_fen,
    c.b3_entitled_fen as entitled_fen,
    cast(0 as bigint) as window_fen,
    c.b3_entitled_fen as amount_fen,
    false as is_provisional
  from out.award_chain as c
  inner join b3_word as w
    on c.b3_category = w.bit
  where
    (
      covers & 4
    ) <> 0 and (
      c.b3_entitled_fen <> 0
    )
  union all
  select
    c.event_id,
    c.person_key,
    c.benefit_year,
    c.event_on,
    c.is_firm,
    c.is_doubtful,
    w.benefit_code,
    w.tier_code,
    w.department_code,
    w.fund_code,
    w.category_code,
    w.clause_id,
    c.b4_burden_fen as base_fen,
    c.b4_entitled_fen as entitled_fen,
    cast(0 as bigint) as window_fen,
    c.b4_entitled_fen as amount_fen,
    false as is_provisional
  from out.award_chain as c
  inner join b4_word as w
    on c.b4_category = w.bit
  where
    (
      covers & 8
    ) <> 0 and (
      c.b4_entitled_fen <> 0
    )
), firm as (
  select
    *
  from line
  where
    is_firm
)
select
  a.event_id,
  a.person_key,
  a.benefit_year,
  a.event_on,
  a.benefit_code,
  a.tier_code,
  a.department_code,
  a.fund_code,
  coalesce(f.category_code, a.category_code) as category_code,
  a.base_fen,
  a.entitled_fen,
  a.window_fen,
  a.amount_fen,
  a.is_doubtful and f.benefit_code is null as is_held,
  coalesce(f.clause_id, a.clause_id) as clause_id,
  a.is_provisional
from line as a
left join firm as f
  on a.event_id = f.event_id
  and a.benefit_code = f.benefit_code
  and a.entitled_fen = f.entitled_fen
  and a.window_fen = f.window_fen
  and a.amount_fen = f.amount_fen
where
  not a.is_firm
