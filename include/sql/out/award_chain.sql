-- out.award_chain: benefits in order, each on what is left; works within a run, is not published
-- grain: event_id, is_firm
-- reads: out.claim, out.holder
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 24 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
with covered as (
  select
    event_id,
    benefit_year,
    event_on,
    person_no,
    base_fen,
    maf_fen,
    holds,
    covers,
    bit_1,
    bit_2,
    bit_3,
    ordered_on,
    ordered_at
  from out.claim
  where
    covers <> 0 and not is_stopped and not base_fen is null
), b1_rate as (
  select
    cast(bit as smallint) as bit,
    is_rated as is_rated,
    cast(kink_fen_1 as bigint) as kink_fen_1,
    cast(slope_ppm_1 as bigint) as slope_ppm_1,
    cast(cap_fen as bigint) as cap_fen
  from (values
    (2, true, $b1_c1_kink_fen_1, $b1_c1_slope_ppm_1, $b1_c1_cap_fen),
    (0, false, 0, 0, 0),
    (1, false, 0, 0, 0),
    (4, false, 0, 0, 0)) as rated(bit, is_rated, kink_fen_1, slope_ppm_1, cap_fen)
), b1_total as (
  select
    *,
    row_number() over w as claim_no,
    cast(sum(case when (
      covers & 1
    ) <> 0 and (
      holds & 1
    ) <> 0 then base_fen else 0 end) over w as bigint) as total_1,
    cast(sum(case when (
      covers & 1
    ) <> 0 and (
      holds & 2
    ) <> 0 then base_fen else 0 end) over w as bigint) as total_2,
    cast(sum(case when (
      covers & 1
    ) <> 0 and (
      holds & 4
    ) <> 0 then base_fen else 0 end) over w as bigint) as total_3
  from covered
  window w as (
    partition by person_no, benefit_year
    order by ordered_on asc, ordered_at asc nulls first, event_id asc
    rows between unbounded preceding and current row
  )
), b1_own as (
  select
    *,
    base_fen as left_fen,
    cast(0 as int) as seen,
    cast(0 as bigint) as earlier_fen,
    cast(0 as bigint) as window_fen,
    case when (
      covers & 1
    ) <> 0 and (
      holds & 1
    ) <> 0 then base_fen else 0 end as own_1,
    case when (
      covers & 1
    ) <> 0 and (
      holds & 2
    ) <> 0 then base_fen else 0 end as own_2,
    case when (
      covers & 1
    ) <> 0 and (
      holds & 4
    ) <> 0 then base_fen else 0 end as own_3
  from b1_total
), b1_relief as (
  select
    t.*,
    least((
      greatest(t.total_1 - r1.kink_fen_1, 0) * r1.slope_ppm_1 + 500000
    ) // 1000000, r1.cap_fen) as relief_1,
    least((
      greatest(t.total_1 - t.own_1 - r1.kink_fen_1, 0) * r1.slope_ppm_1 + 500000
    ) // 1000000, r1.cap_fen) as before_1,
    (
      holds & 1
    ) <> 0 and r1.is_rated as counts_1,
    r1.cap_fen as cap_1,
    least((
      greatest(t.total_2 - r2.kink_fen_1, 0) * r2.slope_ppm_1 + 500000
    ) // 1000000, r2.cap_fen) as relief_2,
    least((
      greatest(t.total_2 - t.own_2 - r2.kink_fen_1, 0) * r2.slope_ppm_1 + 500000
    ) // 1000000, r2.cap_fen) as before_2,
    (
      holds & 2
    ) <> 0 and r2.is_rated as counts_2,
    r2.cap_fen as cap_2,
    least((
      greatest(t.total_3 - r3.kink_fen_1, 0) * r3.slope_ppm_1 + 500000
    ) // 1000000, r3.cap_fen) as relief_3,
    least((
      greatest(t.total_3 - t.own_3 - r3.kink_fen_1, 0) * r3.slope_ppm_1 + 500000
    ) // 1000000, r3.cap_fen) as before_3,
    (
      holds & 4
    ) <> 0 and r3.is_rated as counts_3,
    r3.cap_fen as cap_3
  from b1_own as t
  inner join b1_rate as r1
    on t.bit_1 = r1.bit
  inner join b1_rate as r2
    on t.bit_2 = r2.bit
  inner join b1_rate as r3
    on t.bit_3 = r3.bit
), b1_held as (
  select
    *,
    greatest(relief_1, relief_2, relief_3) as best_fen,
    greatest(before_1, before_2, before_3) as before_fen,
    case when counts_1 then relief_1 else -1 end as held_1,
    case when counts_2 then relief_2 else -1 end as held_2,
    case when counts_3 then relief_3 else -1 end as held_3
  from b1_relief
), b1_due as (
  select
    *,
    best_fen - before_fen as entitled_fen,
    greatest(held_1, held_2, held_3) as held_best_fen,
    case greatest(held_1, held_2, held_3) when held_1 then bit_1 when held_2 then bit_2 when held_3 then bit_3 end as category,
    (
      held_1 = cap_1 or held_2 = cap_2 or held_3 = cap_3
    ) as is_at_cap
  from b1_held
), b1_paid as (
  select
    event_id,
    benefit_year,
    event_on,
    person_no,
    base_fen,
    maf_fen,
    holds,
    covers,
    bit_1,
    bit_2,
    bit_3,
    greatest(left_fen - entitled_fen, 0) as left_fen,
    seen | (
      case
        when (
          covers & 1
        ) <> 0
        then case when left_fen > 0 then 1 else 0 end + case when best_fen > 0 then 2 else 0 end + case when is_at_cap then 4 else 0 end + case when best_fen > held_best_fen then 8 else 0 end + case when (
          entitled_fen <> 0
        ) then 16 else 0 end + case when entitled_fen <> 0 then 32 else 0 end + case when best_fen > 0 and left_fen > 0 then 64 else 0 end
        else 0
      end
    ) as seen,
    earlier_fen,
    window_fen,
    claim_no,
    left_fen as b1_burden_fen,
    entitled_fen as b1_entitled_fen,
    category as b1_category
  from b1_due
), b2_rate as (
  select
    cast(bit as smallint) as bit,
    is_rated as is_rated,
    cast(kink_fen_1 as bigint) as kink_fen_1,
    cast(slope_ppm_1 as bigint) as slope_ppm_1,
    cast(kink_fen_2 as bigint) as kink_fen_2,
    cast(slope_ppm_2 as bigint) as slope_ppm_2,
    cast(cap_fen as bigint) as cap_fen
  from (values
    (1, true, $b2_c1_kink_fen_1, $b2_c1_slope_ppm_1, $b2_c1_kink_fen_2, $b2_c1_slope_ppm_2, null),
    (2, true, $b2_c2_kink_fen_1, $b2_c2_slope_ppm_1, 0, 0, $b2_c2_cap_fen),
    (0, false, 0, 0, 0, 0, 0),
    (4, false, 0, 0, 0, 0, 0)) as rated(bit, is_rated, kink_fen_1, slope_ppm_1, kink_fen_2, slope_ppm_2, cap_fen)
), b2_total as (
  select
    *,
    cast(sum(case when (
      covers & 2
    ) <> 0 and (
      holds & 1
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_1,
    cast(sum(case when (
      covers & 2
    ) <> 0 and (
      holds & 2
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_2,
    cast(sum(case when (
      covers & 2
    ) <> 0 and (
      holds & 4
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_3,
    cast(sum(case when (
      covers & 2
    ) <> 0 then maf_fen else 0 end) over w as bigint) as total_window
  from b1_paid
  window w as (partition by person_no, benefit_year order by claim_no asc rows between unbounded preceding and current row)
), b2_own as (
  select
    *,
    case when (
      covers & 2
    ) <> 0 and (
      holds & 1
    ) <> 0 then left_fen else 0 end as own_1,
    case when (
      covers & 2
    ) <> 0 and (
      holds & 2
    ) <> 0 then left_fen else 0 end as own_2,
    case when (
      covers & 2
    ) <> 0 and (
      holds & 4
    ) <> 0 then left_fen else 0 end as own_3,
    case when (
      covers & 2
    ) <> 0 then maf_fen else 0 end as own_window
  from b2_total
), b2_relief as (
  select
    t.*,
    least(
      (
        greatest(t.total_1 - r1.kink_fen_1, 0) * r1.slope_ppm_1 + greatest(t.total_1 - r1.kink_fen_2, 0) * r1.slope_ppm_2 + 500000
      ) // 1000000,
      r1.cap_fen
    ) as relief_1,
    least(
      (
        greatest(t.total_1 - t.own_1 - r1.kink_fen_1, 0) * r1.slope_ppm_1 + greatest(t.total_1 - t.own_1 - r1.kink_fen_2, 0) * r1.slope_ppm_2 + 500000
      ) // 1000000,
      r1.cap_fen
    ) as before_1,
    (
      holds & 1
    ) <> 0 and r1.is_rated as counts_1,
    r1.cap_fen as cap_1,
    least(
      (
        greatest(t.total_2 - r2.kink_fen_1, 0) * r2.slope_ppm_1 + greatest(t.total_2 - r2.kink_fen_2, 0) * r2.slope_ppm_2 + 500000
      ) // 1000000,
      r2.cap_fen
    ) as relief_2,
    least(
      (
        greatest(t.total_2 - t.own_2 - r2.kink_fen_1, 0) * r2.slope_ppm_1 + greatest(t.total_2 - t.own_2 - r2.kink_fen_2, 0) * r2.slope_ppm_2 + 500000
      ) // 1000000,
      r2.cap_fen
    ) as before_2,
    (
      holds & 2
    ) <> 0 and r2.is_rated as counts_2,
    r2.cap_fen as cap_2,
    least(
      (
        greatest(t.total_3 - r3.kink_fen_1, 0) * r3.slope_ppm_1 + greatest(t.total_3 - r3.kink_fen_2, 0) * r3.slope_ppm_2 + 500000
      ) // 1000000,
      r3.cap_fen
    ) as relief_3,
    least(
      (
        greatest(t.total_3 - t.own_3 - r3.kink_fen_1, 0) * r3.slope_ppm_1 + greatest(t.total_3 - t.own_3 - r3.kink_fen_2, 0) * r3.slope_ppm_2 + 500000
      ) // 1000000,
      r3.cap_fen
    ) as before_3,
    (
      holds & 4
    ) <> 0 and r3.is_rated as counts_3,
    r3.cap_fen as cap_3
  from b2_own as t
  inner join b2_rate as r1
    on t.bit_1 = r1.bit
  inner join b2_rate as r2
    on t.bit_2 = r2.bit
  inner join b2_rate as r3
    on t.bit_3 = r3.bit
), b2_held as (
  select
    *,
    greatest(relief_1, relief_2, relief_3) as best_fen,
    greatest(before_1, before_2, before_3) as before_fen,
    case when counts_1 then relief_1 else -1 end as held_1,
    case when counts_2 then relief_2 else -1 end as held_2,
    case when counts_3 then relief_3 else -1 end as held_3
  from b2_relief
), b2_due as (
  select
    *,
    greatest(best_fen, total_window) - greatest(before_fen, total_window - own_window) as entitled_fen,
    greatest(held_1, held_2, held_3) as held_best_fen,
    case greatest(held_1, held_2, held_3) when held_1 then bit_1 when held_2 then bit_2 when held_3 then bit_3 end as category,
    (
      held_1 = cap_1 or held_2 = cap_2 or held_3 = cap_3
    ) as is_at_cap
  from b2_held
), b2_paid as (
  select
    event_id,
    benefit_year,
    event_on,
    person_no,
    base_fen,
    maf_fen,
    holds,
    covers,
    bit_1,
    bit_2,
    bit_3,
    case
      when (
        covers & 2
      ) <> 0
      then greatest(left_fen - entitled_fen, 0)
      else left_fen - least(left_fen, maf_fen)
    end as left_fen,
    seen | (
      case
        when (
          covers & 2
        ) <> 0
        then case when left_fen > 0 then 1 else 0 end + case when best_fen > 0 then 2 else 0 end + case when is_at_cap then 4 else 0 end + case when best_fen > held_best_fen then 8 else 0 end + case when (
          entitled_fen <> 0 or own_window <> 0
        ) then 16 else 0 end + case when entitled_fen <> own_window then 32 else 0 end + case when best_fen > 0 and left_fen > 0 then 64 else 0 end
        else 0
      end
    ) as seen,
    case when (
      covers & 2
    ) <> 0 then earlier_fen else earlier_fen + least(left_fen, maf_fen) end as earlier_fen,
    window_fen + own_window as window_fen,
    claim_no,
    b1_burden_fen,
    b1_entitled_fen,
    b1_category,
    left_fen as b2_burden_fen,
    entitled_fen as b2_entitled_fen,
    category as b2_category
  from b2_due
), b3_rate as (
  select
    cast(bit as smallint) as bit,
    is_rated as is_rated,
    cast(kink_fen_1 as bigint) as kink_fen_1,
    cast(slope_ppm_1 as bigint) as slope_ppm_1,
    cast(cap_fen as bigint) as cap_fen
  from (values
    (4, true, $b3_c1_kink_fen_1, $b3_c1_slope_ppm_1, $b3_c1_cap_fen),
    (0, false, 0, 0, 0),
    (1, false, 0, 0, 0),
    (2, false, 0, 0, 0)) as rated(bit, is_rated, kink_fen_1, slope_ppm_1, cap_fen)
), b3_total as (
  select
    *,
    cast(sum(case when (
      covers & 4
    ) <> 0 and (
      holds & 1
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_1,
    cast(sum(case when (
      covers & 4
    ) <> 0 and (
      holds & 2
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_2,
    cast(sum(case when (
      covers & 4
    ) <> 0 and (
      holds & 4
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_3
  from b2_paid
  window w as (partition by person_no, benefit_year order by claim_no asc rows between unbounded preceding and current row)
), b3_own as (
  select
    *,
    case when (
      covers & 4
    ) <> 0 and (
      holds & 1
    ) <> 0 then left_fen else 0 end as own_1,
    case when (
      covers & 4
    ) <> 0 and (
      holds & 2
    ) <> 0 then left_fen else 0 end as own_2,
    case when (
      covers & 4
    ) <> 0 and (
      holds & 4
    ) <> 0 then left_fen else 0 end as own_3
  from b3_total
), b3_relief as (
  select
    t.*,
    least((
      greatest(t.total_1 - r1.kink_fen_1, 0) * r1.slope_ppm_1 + 500000
    ) // 1000000, r1.cap_fen) as relief_1,
    least((
      greatest(t.total_1 - t.own_1 - r1.kink_fen_1, 0) * r1.slope_ppm_1 + 500000
    ) // 1000000, r1.cap_fen) as before_1,
    (
      holds & 1
    ) <> 0 and r1.is_rated as counts_1,
    r1.cap_fen as cap_1,
    least((
      greatest(t.total_2 - r2.kink_fen_1, 0) * r2.slope_ppm_1 + 500000
    ) // 1000000, r2.cap_fen) as relief_2,
    least((
      greatest(t.total_2 - t.own_2 - r2.kink_fen_1, 0) * r2.slope_ppm_1 + 500000
    ) // 1000000, r2.cap_fen) as before_2,
    (
      holds & 2
    ) <> 0 and r2.is_rated as counts_2,
    r2.cap_fen as cap_2,
    least((
      greatest(t.total_3 - r3.kink_fen_1, 0) * r3.slope_ppm_1 + 500000
    ) // 1000000, r3.cap_fen) as relief_3,
    least((
      greatest(t.total_3 - t.own_3 - r3.kink_fen_1, 0) * r3.slope_ppm_1 + 500000
    ) // 1000000, r3.cap_fen) as before_3,
    (
      holds & 4
    ) <> 0 and r3.is_rated as counts_3,
    r3.cap_fen as cap_3
  from b3_own as t
  inner join b3_rate as r1
    on t.bit_1 = r1.bit
  inner join b3_rate as r2
    on t.bit_2 = r2.bit
  inner join b3_rate as r3
    on t.bit_3 = r3.bit
), b3_held as (
  select
    *,
    greatest(relief_1, relief_2, relief_3) as best_fen,
    greatest(before_1, before_2, before_3) as before_fen,
    case when counts_1 then relief_1 else -1 end as held_1,
    case when counts_2 then relief_2 else -1 end as held_2,
    case when counts_3 then relief_3 else -1 end as held_3
  from b3_relief
), b3_due as (
  select
    *,
    best_fen - before_fen as entitled_fen,
    greatest(held_1, held_2, held_3) as held_best_fen,
    case greatest(held_1, held_2, held_3) when held_1 then bit_1 when held_2 then bit_2 when held_3 then bit_3 end as category,
    (
      held_1 = cap_1 or held_2 = cap_2 or held_3 = cap_3
    ) as is_at_cap
  from b3_held
), b3_paid as (
  select
    event_id,
    benefit_year,
    event_on,
    person_no,
    base_fen,
    maf_fen,
    holds,
    covers,
    bit_1,
    bit_2,
    bit_3,
    greatest(left_fen - entitled_fen, 0) as left_fen,
    seen | (
      case
        when (
          covers & 4
        ) <> 0
        then case when left_fen > 0 then 1 else 0 end + case when best_fen > 0 then 2 else 0 end + case when is_at_cap then 4 else 0 end + case when best_fen > held_best_fen then 8 else 0 end + case when (
          entitled_fen <> 0
        ) then 16 else 0 end + case when entitled_fen <> 0 then 32 else 0 end + case when best_fen > 0 and left_fen > 0 then 64 else 0 end
        else 0
      end
    ) as seen,
    earlier_fen,
    window_fen,
    claim_no,
    b1_burden_fen,
    b1_entitled_fen,
    b1_category,
    b2_burden_fen,
    b2_entitled_fen,
    b2_category,
    left_fen as b3_burden_fen,
    entitled_fen as b3_entitled_fen,
    category as b3_category
  from b3_due
), b4_rate as (
  select
    cast(bit as smallint) as bit,
    is_rated as is_rated,
    cast(kink_fen_1 as bigint) as kink_fen_1,
    cast(slope_ppm_1 as bigint) as slope_ppm_1,
    cast(cap_fen as bigint) as cap_fen
  from (values
    (1, true, $b4_c1_kink_fen_1, $b4_c1_slope_ppm_1, $b4_c1_cap_fen),
    (2, true, $b4_c2_kink_fen_1, $b4_c2_slope_ppm_1, $b4_c2_cap_fen),
    (4, true, $b4_c3_kink_fen_1, $b4_c3_slope_ppm_1, $b4_c3_cap_fen),
    (0, false, 0, 0, 0)) as rated(bit, is_rated, kink_fen_1, slope_ppm_1, cap_fen)
), b4_total as (
  select
    *,
    cast(sum(case when (
      covers & 8
    ) <> 0 and (
      holds & 1
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_1,
    cast(sum(case when (
      covers & 8
    ) <> 0 and (
      holds & 2
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_2,
    cast(sum(case when (
      covers & 8
    ) <> 0 and (
      holds & 4
    ) <> 0 then left_fen else 0 end) over w as bigint) as total_3
  from b3_paid
  window w as (partition by person_no, benefit_year order by claim_no asc rows between unbounded preceding and current row)
), b4_own as (
  select
    *,
    case when (
      covers & 8
    ) <> 0 and (
      holds & 1
    ) <> 0 then left_fen else 0 end as own_1,
    case when (
      covers & 8
    ) <> 0 and (
      holds & 2
    ) <> 0 then left_fen else 0 end as own_2,
    case when (
      covers & 8
    ) <> 0 and (
      holds & 4
    ) <> 0 then left_fen else 0 end as own_3
  from b4_total
), b4_relief as (
  select
    t.*,
    least((
      greatest(t.total_1 - r1.kink_fen_1, 0) * r1.slope_ppm_1 + 500000
    ) // 1000000, r1.cap_fen) as relief_1,
    least((
      greatest(t.total_1 - t.own_1 - r1.kink_fen_1, 0) * r1.slope_ppm_1 + 500000
    ) // 1000000, r1.cap_fen) as before_1,
    (
      holds & 1
    ) <> 0 and r1.is_rated as counts_1,
    r1.cap_fen as cap_1,
    least((
      greatest(t.total_2 - r2.kink_fen_1, 0) * r2.slope_ppm_1 + 500000
    ) // 1000000, r2.cap_fen) as relief_2,
    least((
      greatest(t.total_2 - t.own_2 - r2.kink_fen_1, 0) * r2.slope_ppm_1 + 500000
    ) // 1000000, r2.cap_fen) as before_2,
    (
      holds & 2
    ) <> 0 and r2.is_rated as counts_2,
    r2.cap_fen as cap_2,
    least((
      greatest(t.total_3 - r3.kink_fen_1, 0) * r3.slope_ppm_1 + 500000
    ) // 1000000, r3.cap_fen) as relief_3,
    least((
      greatest(t.total_3 - t.own_3 - r3.kink_fen_1, 0) * r3.slope_ppm_1 + 500000
    ) // 1000000, r3.cap_fen) as before_3,
    (
      holds & 4
    ) <> 0 and r3.is_rated as counts_3,
    r3.cap_fen as cap_3
  from b4_own as t
  inner join b4_rate as r1
    on t.bit_1 = r1.bit
  inner join b4_rate as r2
    on t.bit_2 = r2.bit
  inner join b4_rate as r3
    on t.bit_3 = r3.bit
), b4_held as (
  select
    *,
    greatest(relief_1, relief_2, relief_3) as best_fen,
    greatest(before_1, before_2, before_3) as before_fen,
    case when counts_1 then relief_1 else -1 end as held_1,
    case when counts_2 then relief_2 else -1 end as held_2,
    case when counts_3 then relief_3 else -1 end as held_3
  from b4_relief
), b4_due as (
  select
    *,
    best_fen - before_fen as entitled_fen,
    greatest(held_1, held_2, held_3) as held_best_fen,
    case greatest(held_1, held_2, held_3) when held_1 then bit_1 when held_2 then bit_2 when held_3 then bit_3 end as category,
    (
      held_1 = cap_1 or held_2 = cap_2 or held_3 = cap_3
    ) as is_at_cap
  from b4_held
), b4_paid as (
  select
    event_id,
    benefit_year,
    event_on,
    person_no,
    base_fen,
    maf_fen,
    holds,
    covers,
    bit_1,
    bit_2,
    bit_3,
    greatest(left_fen - entitled_fen, 0) as left_fen,
    seen | (
      case
        when (
          covers & 8
        ) <> 0
        then case when left_fen > 0 then 1 else 0 end + case when best_fen > 0 then 2 else 0 end + case when is_at_cap then 4 else 0 end + case when best_fen > held_best_fen then 8 else 0 end + case when (
          entitled_fen <> 0
        ) then 16 else 0 end + case when entitled_fen <> 0 then 32 else 0 end + case when best_fen > 0 and left_fen > 0 then 64 else 0 end
        else 0
      end
    ) as seen,
    earlier_fen,
    window_fen,
    claim_no,
    b1_burden_fen,
    b1_entitled_fen,
    b1_category,
    b2_burden_fen,
    b2_entitled_fen,
    b2_category,
    b3_burden_fen,
    b3_entitled_fen,
    b3_category,
    left_fen as b4_burden_fen,
    entitled_fen as b4_entitled_fen,
    category as b4_category
  from b4_due
)
select
  c.event_id,
  case when (
    c.covers & 1
  ) <> 0 then $enrolment else $care end as event_kind,
  h.person_key,
  c.benefit_year,
  c.event_on,
  h.is_firm,
  h.is_doubtful,
  c.base_fen,
  c.maf_fen,
  c.covers,
  c.left_fen,
  c.seen,
  c.earlier_fen,
  c.window_fen,
  cast(c.b1_entitled_fen + c.b2_entitled_fen + c.b3_entitled_fen + c.b4_entitled_fen - c.window_fen as bigint) as relief_fen,
  c.b1_burden_fen,
  c.b1_entitled_fen,
  c.b1_category,
  c.b2_burden_fen,
  c.b2_entitled_fen,
  c.b2_category,
  c.b3_burden_fen,
  c.b3_entitled_fen,
  c.b3_category,
  c.b4_burden_fen,
  c.b4_entitled_fen,
  c.b4_category
from b4_paid as c
inner join out.holder as h
  on c.person_no = h.person_no
