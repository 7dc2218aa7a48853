-- out.award_line: one row a claim and benefit with money
-- grain: event_id, benefit_code
-- reads: out.claim, out.award_chain
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 26 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
with line as (
  select
    event_id,
    person_key,
    benefit_year,
    event_on,
    is_firm,
    $b1_benefit_code as benefit_code,
    $b1_tier_code as tier_code,
    $b1_department_code as department_code,
    $b1_fund_code as fund_code,
    case b1_category when 2 then $category_2 end as category_code,
    b1_burden_fen as base_fen,
    b1_entitled_fen as entitled_fen,
    cast(0 as bigint) as window_fen,
    b1_entitled_fen as amount_fen,
    case b1_category when 2 then $b1_c1_clause_id end as clause_id
  from out.award_chain
  where
    (
      covers & 1
    ) <> 0 and (
      b1_entitled_fen <> 0
    )
  union all
  select
    event_id,
    person_key,
    benefit_year,
    event_on,
    is_firm,
    $b2_benefit_code as benefit_code,
    $b2_tier_code as tier_code,
    $b2_department_code as department_code,
    $b2_fund_code as fund_code,
    case b2_category when 1 then $category_1 when 2 then $category_2 end as category_code,
    b2_burden_fen as base_fen,
    b2_entitled_fen as entitled_fen,
    maf_fen as window_fen,
    b2_entitled_fen - maf_fen as amount_fen,
    case b2_category when 1 then $b2_c1_clause_id when 2 then $b2_c2_clause_id end as clause_id
  from out.award_chain
  where
    (
      covers & 2
    ) <> 0 and (
      b2_entitled_fen <> 0 or maf_fen <> 0
    )
  union all
  select
    event_id,
    person_key,
    benefit_year,
    event_on,
    is_firm,
    $b3_benefit_code as benefit_code,
    $b3_tier_code as tier_code,
    $b3_department_code as department_code,
    $b3_fund_code as fund_code,
    case b3_category when 3 then $category_3 end as category_code,
    b3_burden_fen as base_fen,
    b3_entitled_fen as entitled_fen,
    cast(0 as bigint) as window_fen,
    b3_entitled_fen as amount_fen,
    case b3_category when 3 then $b3_c1_clause_id end as clause_id
  from out.award_chain
  where
    (
      covers & 4
    ) <> 0 and (
      b3_entitled_fen <> 0
    )
  union all
  select
    event_id,
    person_key,
    benefit_year,
    event_on,
    is_firm,
    $b4_benefit_code as benefit_code,
    $b4_tier_code as tier_code,
    $b4_department_code as department_code,
    $b4_fund_code as fund_code,
    case b4_category when 1 then $category_1 when 2 then $category_2 when 3 then $category_3 end as category_code,
    b4_burden_fen as base_fen,
    b4_entitled_fen as entitled_fen,
    cast(0 as bigint) as window_fen,
    b4_entitled_fen as amount_fen,
    case b4_category when 1 then $b4_c1_clause_id when 2 then $b4_c2_clause_id when 3 then $b4_c3_clause_id end as clause_id
  from out.award_chain
  where
    (
      covers & 8
    ) <> 0 and (
      b4_entitled_fen <> 0
    )
), firm as (
  select
    *
  from line
  where
    is_firm
), doubtful as (
  select distinct
    person_key
  from out.claim
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
  not d.person_key is null and f.event_id is null as is_held,
  coalesce(f.clause_id, a.clause_id) as clause_id
from line as a
left join firm as f
  on a.event_id = f.event_id
  and a.benefit_code = f.benefit_code
  and a.entitled_fen = f.entitled_fen
  and a.window_fen = f.window_fen
  and a.amount_fen = f.amount_fen
left join doubtful as d
  on a.person_key = d.person_key
where
  not a.is_firm
