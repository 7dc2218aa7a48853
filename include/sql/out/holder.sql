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
), person_bits as (
  select
    person_key,
    is_firm,
    bit_or(bit) as bits,
    sum(case when bit <> 0 then 1 else 0 end) > bit_count(bit_or(bit)) as has_more
  from basis
  group by
    person_key,
    is_firm
), placed as (
  select
    b.*,
    p.has_more,
    case when b.bit <> 0 then bit_count(p.bits & (
      b.bit - 1
    )) + 1 else null end as slot
  from basis as b
  inner join person_bits as p
    on b.person_key = p.person_key and b.is_firm = p.is_firm
)
select
  cast(row_number() over (order by person_key asc, is_firm asc) as int) as person_no,
  person_key,
  is_firm,
  bool_or(cast(is_provisional as boolean)) as is_doubtful,
  bool_or(cast(has_more as boolean)) as has_more,
  max(case when slot = 1 then bit else cast(0 as bigint) end) as bit_1,
  min(case when slot = 1 then since else null end) as since_1,
  min(case when slot = 1 then until else null end) as until_1,
  max(case when slot = 2 then bit else cast(0 as bigint) end) as bit_2,
  min(case when slot = 2 then since else null end) as since_2,
  min(case when slot = 2 then until else null end) as until_2,
  max(case when slot = 3 then bit else cast(0 as bigint) end) as bit_3,
  min(case when slot = 3 then since else null end) as since_3,
  min(case when slot = 3 then until else null end) as until_3,
  array_agg({'since': since, 'until': until, 'bit': bit}) filter(where
    has_more and bit <> 0) as more
from placed
group by
  person_key,
  is_firm
