-- out.holder: every person with a category, in slots; works within a run, is not published
-- grain: person_key, is_firm
-- reads: facts.identity_span
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 3 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
with listed as (
  select
    person_key,
    since,
    until,
    is_provisional,
    cast(case category_code when $category_1 then 1 when $category_2 then 2 when $category_3 then 4 else 0 end as bigint) as bit
  from facts.identity_span
  where
    category_code in ($category_1, $category_2, $category_3)
), span as (
  select
    person_key,
    since as since,
    coalesce(until, cast('9999-12-31' as date)) as until,
    is_provisional,
    bit
  from listed
), basis as (
  select
    person_key,
    false as is_firm,
    bit,
    since,
    until,
    is_provisional
  from span
  union all
  select
    person_key,
    true as is_firm,
    case when is_provisional then cast(0 as bigint) else bit end as bit,
    since,
    until,
    is_provisional
  from span
  where
    person_key in (
      select
        person_key
      from span
      where
        is_provisional
    )
), placed as (
  select
    *,
    dense_rank() over (partition by person_key, is_firm order by bit = 0 asc, bit asc) as slot,
    row_number() over (partition by person_key, is_firm, bit order by since asc, until asc) as turn
  from basis
)
select
  cast(row_number() over (order by person_key asc, is_firm asc) as int) as person_no,
  person_key,
  is_firm,
  bool_or(cast(is_provisional as boolean)) as is_doubtful,
  max(case when slot = 1 then bit else cast(0 as bigint) end) as bit_1,
  max(case when slot = 1 and turn = 1 then since else null end) as since_1,
  max(case when slot = 1 and turn = 1 then until else null end) as until_1,
  array_agg({'since': since, 'until': until}) filter(where
    slot = 1 and turn > 1) as more_1,
  max(case when slot = 2 then bit else cast(0 as bigint) end) as bit_2,
  max(case when slot = 2 and turn = 1 then since else null end) as since_2,
  max(case when slot = 2 and turn = 1 then until else null end) as until_2,
  array_agg({'since': since, 'until': until}) filter(where
    slot = 2 and turn > 1) as more_2,
  max(case when slot = 3 then bit else cast(0 as bigint) end) as bit_3,
  max(case when slot = 3 and turn = 1 then since else null end) as since_3,
  max(case when slot = 3 and turn = 1 then until else null end) as until_3,
  array_agg({'since': since, 'until': until}) filter(where
    slot = 3 and turn > 1) as more_3
from placed
group by
  person_key,
  is_firm
