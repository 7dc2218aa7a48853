-- out.claim: every claim as the policy sees it; works within a run, is not published
-- grain: event_id, event_kind, is_firm
-- reads: facts.care_event, facts.enrolment_event, facts.benefit_refused, out.holder
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 25 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
with refused as (
  select
    person_key,
    benefit_year,
    bit_or(
      cast(case benefit_code when $b1_code then 1 when $b2_code then 2 when $b3_code then 4 when $b4_code then 8 else 0 end as bigint)
    ) as refused_bits
  from facts.benefit_refused
  group by
    person_key,
    benefit_year
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
    case
      when (
        inscp_scp_amt is null or hifp_pay is null or hifmi_pay is null or maf_pay is null
      )
      then cast(null as bigint)
      else cast(greatest(coalesce(inscp_scp_amt, 0) - coalesce(hifp_pay, 0) - coalesce(hifmi_pay, 0) - coalesce(hifes_pay, 0), 0) as bigint)
    end as base_fen,
    false as is_provisional,
    coalesce(maf_pay, 0) as maf_fen,
    state <> $live as is_stopped,
    case when state <> $live then state else null end as stopped_state,
    case when state <> $live then reason_code else null end as stopped_code,
    med_type,
    dise_code,
    hosp_lv as hosp_level,
    care_place,
    is_referred,
    greatest(cast(until_on - since as int), 1) as days,
    coalesce(stay_id, event_id) as stay_id
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
    fee_fen as base_fen,
    false as is_provisional,
    cast(0 as bigint) as maf_fen,
    not stopped_code is null as is_stopped,
    case when not stopped_code is null then $refused else null end as stopped_state,
    stopped_code,
    cast(null as text) as med_type,
    cast(null as text) as dise_code,
    cast(null as text) as hosp_level,
    cast(null as text) as care_place,
    cast(null as boolean) as is_referred,
    1 as days,
    event_id as stay_id
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
), met as (
  select
    e.event_id,
    e.event_kind,
    e.person_key,
    e.benefit_year,
    e.ordered_on,
    e.ordered_at,
    e.event_on,
    e.base_fen,
    e.is_provisional,
    e.maf_fen,
    e.is_stopped,
    e.stopped_state,
    e.stopped_code,
    e.med_type,
    e.dise_code,
    e.hosp_level,
    e.care_place,
    e.is_referred,
    e.days,
    e.stay_id,
    h.person_no,
    coalesce(h.is_firm, false) as is_firm,
    coalesce(h.is_doubtful, false) as is_doubtful,
    coalesce(h.bit_1, 0) as bit_1,
    coalesce(h.bit_2, 0) as bit_2,
    coalesce(h.bit_3, 0) as bit_3,
    case
      when (
        (
          e.first_on >= h.since_1 and e.first_on < h.until_1
        )
        or (
          e.last_on >= h.since_1 and e.last_on < h.until_1
        )
        or (
          e.ordered_on >= h.since_1 and e.ordered_on < h.until_1
        )
      )
      then true
      when h.has_more
      then array_contains(
        list_transform(
          h.more,
          lambda span : span.bit = h.bit_1
          and (
            (
              e.first_on >= span.since and e.first_on < span.until
            )
            or (
              e.last_on >= span.since and e.last_on < span.until
            )
            or (
              e.ordered_on >= span.since and e.ordered_on < span.until
            )
          )
        ),
        true
      )
      else false
    end as holds_1,
    case
      when (
        (
          e.first_on >= h.since_2 and e.first_on < h.until_2
        )
        or (
          e.last_on >= h.since_2 and e.last_on < h.until_2
        )
        or (
          e.ordered_on >= h.since_2 and e.ordered_on < h.until_2
        )
      )
      then true
      when h.has_more
      then array_contains(
        list_transform(
          h.more,
          lambda span : span.bit = h.bit_2
          and (
            (
              e.first_on >= span.since and e.first_on < span.until
            )
            or (
              e.last_on >= span.since and e.last_on < span.until
            )
            or (
              e.ordered_on >= span.since and e.ordered_on < span.until
            )
          )
        ),
        true
      )
      else false
    end as holds_2,
    case
      when (
        (
          e.first_on >= h.since_3 and e.first_on < h.until_3
        )
        or (
          e.last_on >= h.since_3 and e.last_on < h.until_3
        )
        or (
          e.ordered_on >= h.since_3 and e.ordered_on < h.until_3
        )
      )
      then true
      when h.has_more
      then array_contains(
        list_transform(
          h.more,
          lambda span : span.bit = h.bit_3
          and (
            (
              e.first_on >= span.since and e.first_on < span.until
            )
            or (
              e.last_on >= span.since and e.last_on < span.until
            )
            or (
              e.ordered_on >= span.since and e.ordered_on < span.until
            )
          )
        ),
        true
      )
      else false
    end as holds_3
  from listed as e
  left join out.holder as h
    on e.person_key = h.person_key
), holding as (
  select
    *,
    cast(case when holds_1 then 1 else 0 end + case when holds_2 then 2 else 0 end + case when holds_3 then 4 else 0 end as bigint) as holds,
    cast(case when holds_1 then bit_1 else 0 end + case when holds_2 then bit_2 else 0 end + case when holds_3 then bit_3 else 0 end as bigint) as held
  from met
), judged as (
  select
    c.*,
    coalesce(f.refused_bits, 0) as refused_bits,
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
    end as b1_gate,
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
    end as b2_gate,
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
    end as b3_gate,
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
    end as b4_gate,
    false as is_elsewhere
  from holding as c
  left join refused as f
    on c.person_key = f.person_key and c.benefit_year = f.benefit_year
)
select
  event_id,
  event_kind,
  person_key,
  benefit_year,
  ordered_on,
  ordered_at,
  event_on,
  base_fen,
  is_provisional,
  maf_fen,
  is_stopped,
  stopped_state,
  stopped_code,
  person_no,
  is_firm,
  is_doubtful,
  cast(bit_1 as smallint) as bit_1,
  cast(bit_2 as smallint) as bit_2,
  cast(bit_3 as smallint) as bit_3,
  cast(held as smallint) as held,
  cast(holds as smallint) as holds,
  is_elsewhere,
  cast(greatest(b1_gate, b2_gate, b3_gate, b4_gate) as smallint) as gate,
  cast((
    case when b1_gate = 3 then 1 else 0 end + case when b2_gate = 3 then 2 else 0 end + case when b3_gate = 3 then 4 else 0 end + case when b4_gate = 3 then 8 else 0 end
  ) & ~refused_bits as smallint) as covers,
  false as closes
from judged
