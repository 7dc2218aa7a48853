-- out.claim: every claim as the policy sees it; works within a run, is not published
-- grain: event_id, event_kind, is_firm
-- reads: facts.care_event, facts.enrolment_event, facts.identity_span
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 23 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
with span as (
  select
    person_key,
    since,
    until,
    is_provisional,
    cast(case category_code when $category_1 then 1 when $category_2 then 2 when $category_3 then 4 else 0 end as bigint) as bit
  from facts.identity_span
  where
    category_code in ($category_1, $category_2, $category_3)
), care as (
  select
    event_id,
    $care as event_kind,
    person_key,
    benefit_year,
    settled_on as ordered_on,
    settled_at as ordered_at,
    settled_on as event_on,
    since as first_on,
    until_on as last_on,
    med_type,
    dise_code,
    case
      when (
        inscp_scp_amt is null or hifp_pay is null or hifmi_pay is null or maf_pay is null
      )
      then cast(null as bigint)
      else cast(greatest(coalesce(inscp_scp_amt, 0) - coalesce(hifp_pay, 0) - coalesce(hifmi_pay, 0) - coalesce(hifes_pay, 0), 0) as bigint)
    end as base_fen,
    coalesce(maf_pay, 0) as maf_fen,
    state <> $live as is_stopped
  from facts.care_event
  where
    state <> $struck and array_contains(cast($years as int[]), benefit_year)
), enrolment as (
  select
    event_id,
    $enrolment as event_kind,
    person_key,
    benefit_year,
    paid_on as ordered_on,
    cast(null as timestamp) as ordered_at,
    paid_on as event_on,
    paid_on as first_on,
    paid_on as last_on,
    cast(null as text) as med_type,
    cast(null as text) as dise_code,
    fee_fen as base_fen,
    cast(0 as bigint) as maf_fen,
    false as is_stopped
  from facts.enrolment_event
  where
    array_contains(cast($years as int[]), benefit_year)
), listed as (
  select
    *
  from care
  union all
  select
    *
  from enrolment
), held as (
  select
    e.event_kind,
    e.event_id,
    cast(bit_or(s.bit) as bigint) as held,
    cast(bit_or(case when s.is_provisional then 0 else s.bit end) as bigint) as held_firm
  from listed as e
  inner join span as s
    on e.person_key = s.person_key
    and (
      (
        e.first_on >= s.since and (
          s.until is null or e.first_on < s.until
        )
      )
      or (
        e.last_on >= s.since and (
          s.until is null or e.last_on < s.until
        )
      )
      or (
        e.ordered_on >= s.since and (
          s.until is null or e.ordered_on < s.until
        )
      )
    )
  group by
    e.event_kind,
    e.event_id
), provisional as (
  select distinct
    person_key
  from span
  where
    is_provisional
), judged as (
  select
    e.event_id,
    e.event_kind,
    e.person_key,
    e.benefit_year,
    e.ordered_on,
    e.ordered_at,
    e.event_on,
    e.med_type,
    e.dise_code,
    e.base_fen,
    e.maf_fen,
    e.is_stopped,
    coalesce(h.held, 0) as held,
    false as is_firm
  from listed as e
  left join held as h
    on e.event_kind = h.event_kind and e.event_id = h.event_id
  union all
  select
    e.event_id,
    e.event_kind,
    e.person_key,
    e.benefit_year,
    e.ordered_on,
    e.ordered_at,
    e.event_on,
    e.med_type,
    e.dise_code,
    e.base_fen,
    e.maf_fen,
    e.is_stopped,
    coalesce(h.held_firm, 0) as held,
    true as is_firm
  from listed as e
  left join held as h
    on e.event_kind = h.event_kind and e.event_id = h.event_id
  where
    e.person_key in (
      select
        p.person_key
      from provisional as p
    )
)
select
  c.event_id,
  c.event_kind,
  c.person_key,
  c.benefit_year,
  c.ordered_on,
  c.ordered_at,
  c.event_on,
  c.base_fen,
  c.maf_fen,
  c.held,
  c.is_firm,
  c.is_stopped,
  cast(greatest(
    case
      when not (
        c.event_kind = $enrolment and (
          held & 2
        ) <> 0
      )
      then 0
      when not true
      then 1
      when not (
        c.event_on >= $b1_since and c.event_on < $b1_until
      )
      then 2
      else 3
    end,
    case
      when not (
        c.event_kind = $care and (
          held & 3
        ) <> 0
      )
      then 0
      when not coalesce((
        c.med_type in ($b2_med_type_1, $b2_med_type_2, $b2_med_type_3)
      ), false)
      then 1
      when not (
        c.event_on >= $b2_since and c.event_on < $b2_until
      )
      then 2
      else 3
    end,
    case
      when not (
        c.event_kind = $care and (
          held & 4
        ) <> 0
      )
      then 0
      when not coalesce((
        (
          starts_with(c.dise_code, $b3_dise_code_1) or starts_with(c.dise_code, $b3_dise_code_2)
        )
      ), false)
      then 1
      when not (
        c.event_on >= $b3_since and c.event_on < $b3_until
      )
      then 2
      else 3
    end,
    case
      when not (
        c.event_kind = $care and (
          held & 7
        ) <> 0
      )
      then 0
      when not coalesce((
        c.med_type in ($b4_med_type_1, $b4_med_type_2, $b4_med_type_3)
      ), false)
      then 1
      when not (
        c.event_on >= $b4_since and c.event_on < $b4_until
      )
      then 2
      else 3
    end
  ) as bigint) as gate,
  cast(case
    when (
      c.event_kind = $enrolment and (
        held & 2
      ) <> 0
    )
    and true
    and (
      c.event_on >= $b1_since and c.event_on < $b1_until
    )
    then 1
    else 0
  end + case
    when (
      c.event_kind = $care and (
        held & 3
      ) <> 0
    )
    and coalesce((
      c.med_type in ($b2_med_type_1, $b2_med_type_2, $b2_med_type_3)
    ), false)
    and (
      c.event_on >= $b2_since and c.event_on < $b2_until
    )
    then 2
    else 0
  end + case
    when (
      c.event_kind = $care and (
        held & 4
      ) <> 0
    )
    and coalesce((
      (
        starts_with(c.dise_code, $b3_dise_code_1) or starts_with(c.dise_code, $b3_dise_code_2)
      )
    ), false)
    and (
      c.event_on >= $b3_since and c.event_on < $b3_until
    )
    then 4
    else 0
  end + case
    when (
      c.event_kind = $care and (
        held & 7
      ) <> 0
    )
    and coalesce((
      c.med_type in ($b4_med_type_1, $b4_med_type_2, $b4_med_type_3)
    ), false)
    and (
      c.event_on >= $b4_since and c.event_on < $b4_until
    )
    then 8
    else 0
  end as bigint) as covers
from judged as c
