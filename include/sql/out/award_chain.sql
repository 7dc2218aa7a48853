-- out.award_chain: benefits in order, each on what is left; works within a run, is not published
-- grain: event_id, is_firm
-- reads: out.claim
-- source: include/policies/_example in force on 2026-10-31, compiled by mianshen.warehouse; values stand beside the text
--   b1: fee_support (Fee support)
--   b2: bureau_relief (Bureau relief)
--   b3: union_relief (Union relief)
--   b4: last_resort (Last-resort relief)
-- 30 values; written by tools/golden_sql.py, do not edit
-- noqa: disable=LT09
with covered as (
  select
    event_id,
    event_kind,
    person_key,
    benefit_year,
    ordered_on,
    ordered_at,
    event_on,
    is_firm,
    base_fen,
    maf_fen,
    held,
    covers,
    base_fen as left_fen,
    cast(0 as bigint) as earlier_fen,
    cast(0 as bigint) as relief_fen,
    cast(0 as bigint) as window_fen,
    cast(0 as bigint) as seen
  from out.claim
  where
    gate = 3 and not is_stopped and not base_fen is null
), b1_own as (
  select
    *,
    case when (
      covers & 1
    ) <> 0 and (
      held & 2
    ) <> 0 then left_fen else 0 end as c1_own
  from covered
), b1_total as (
  select
    *,
    cast(sum(c1_own) over w as bigint) as c1_total
  from b1_own
  window w as (
    partition by person_key, benefit_year, is_firm
    order by ordered_on asc, ordered_at asc nulls first, event_id asc
    rows between unbounded preceding and current row
  )
), b1_relief as (
  select
    *,
    case
      when c1_total > 0
      then least(
        (
          greatest(greatest(c1_total - $b1_c1_deductible_fen, 0) - $b1_c1_low_fen_1, 0) * $b1_c1_ratio_ppm_1 + 500000
        ) // 1000000,
        $b1_c1_cap_fen
      )
      else 0
    end as c1_relief
  from b1_total
), b1_held as (
  select
    *,
    case
      when c1_own > 0
      then least(
        (
          greatest(greatest(c1_total - c1_own - $b1_c1_deductible_fen, 0) - $b1_c1_low_fen_1, 0) * $b1_c1_ratio_ppm_1 + 500000
        ) // 1000000,
        $b1_c1_cap_fen
      )
      else c1_relief
    end as c1_before,
    case when (
      held & 2
    ) <> 0 then c1_relief else -1 end as c1_held
  from b1_relief
), b1_due as (
  select
    *,
    c1_relief as best_fen,
    c1_relief - c1_before as entitled_fen,
    c1_held as held_best_fen,
    case c1_held when c1_held then 2 end as category,
    (
      c1_held = $b1_c1_cap_fen
    ) as is_at_cap
  from b1_held
), b1_paid as (
  select
    event_id,
    event_kind,
    person_key,
    benefit_year,
    ordered_on,
    ordered_at,
    event_on,
    is_firm,
    base_fen,
    maf_fen,
    held,
    covers,
    greatest(left_fen - entitled_fen, 0) as left_fen,
    earlier_fen,
    relief_fen + entitled_fen as relief_fen,
    window_fen,
    seen | (
      case
        when (
          covers & 1
        ) <> 0
        then case when left_fen > 0 then 1 else 0 end + case when best_fen > 0 then 2 else 0 end + case when is_at_cap then 4 else 0 end + case when best_fen > held_best_fen then 8 else 0 end + case when (
          entitled_fen <> 0
        ) then 16 else 0 end + case when entitled_fen <> 0 then 32 else 0 end
        else 0
      end
    ) as seen,
    left_fen as b1_burden_fen,
    entitled_fen as b1_entitled_fen,
    category as b1_category
  from b1_due
), b2_own as (
  select
    *,
    case when (
      covers & 2
    ) <> 0 and (
      held & 1
    ) <> 0 then left_fen else 0 end as c1_own,
    case when (
      covers & 2
    ) <> 0 and (
      held & 2
    ) <> 0 then left_fen else 0 end as c2_own,
    case when (
      covers & 2
    ) <> 0 then maf_fen else 0 end as window_own
  from b1_paid
), b2_total as (
  select
    *,
    cast(sum(c1_own) over w as bigint) as c1_total,
    cast(sum(c2_own) over w as bigint) as c2_total,
    cast(sum(window_own) over w as bigint) as window_total
  from b2_own
  window w as (
    partition by person_key, benefit_year, is_firm
    order by ordered_on asc, ordered_at asc nulls first, event_id asc
    rows between unbounded preceding and current row
  )
), b2_relief as (
  select
    *,
    case
      when c1_total > 0
      then (
        greatest(least(greatest(c1_total - $b2_c1_deductible_fen, 0), $b2_c1_high_fen_1) - $b2_c1_low_fen_1, 0) * $b2_c1_ratio_ppm_1 + greatest(greatest(c1_total - $b2_c1_deductible_fen, 0) - $b2_c1_low_fen_2, 0) * $b2_c1_ratio_ppm_2 + 500000
      ) // 1000000
      else 0
    end as c1_relief,
    case
      when c2_total > 0
      then least(
        (
          greatest(greatest(c2_total - $b2_c2_deductible_fen, 0) - $b2_c2_low_fen_1, 0) * $b2_c2_ratio_ppm_1 + 500000
        ) // 1000000,
        $b2_c2_cap_fen
      )
      else 0
    end as c2_relief
  from b2_total
), b2_held as (
  select
    *,
    case
      when c1_own > 0
      then (
        greatest(least(greatest(c1_total - c1_own - $b2_c1_deductible_fen, 0), $b2_c1_high_fen_1) - $b2_c1_low_fen_1, 0) * $b2_c1_ratio_ppm_1 + greatest(greatest(c1_total - c1_own - $b2_c1_deductible_fen, 0) - $b2_c1_low_fen_2, 0) * $b2_c1_ratio_ppm_2 + 500000
      ) // 1000000
      else c1_relief
    end as c1_before,
    case when (
      held & 1
    ) <> 0 then c1_relief else -1 end as c1_held,
    case
      when c2_own > 0
      then least(
        (
          greatest(greatest(c2_total - c2_own - $b2_c2_deductible_fen, 0) - $b2_c2_low_fen_1, 0) * $b2_c2_ratio_ppm_1 + 500000
        ) // 1000000,
        $b2_c2_cap_fen
      )
      else c2_relief
    end as c2_before,
    case when (
      held & 2
    ) <> 0 then c2_relief else -1 end as c2_held
  from b2_relief
), b2_due as (
  select
    *,
    greatest(c1_relief, c2_relief) as best_fen,
    greatest(greatest(c1_relief, c2_relief), window_total) - greatest(greatest(c1_before, c2_before), window_total - window_own) as entitled_fen,
    greatest(c1_held, c2_held) as held_best_fen,
    case greatest(c1_held, c2_held) when c1_held then 1 when c2_held then 2 end as category,
    (
      c2_held = $b2_c2_cap_fen
    ) as is_at_cap
  from b2_held
), b2_paid as (
  select
    event_id,
    event_kind,
    person_key,
    benefit_year,
    ordered_on,
    ordered_at,
    event_on,
    is_firm,
    base_fen,
    maf_fen,
    held,
    covers,
    case
      when (
        covers & 2
      ) <> 0
      then greatest(left_fen - entitled_fen, 0)
      else left_fen - least(left_fen, maf_fen)
    end as left_fen,
    case when (
      covers & 2
    ) <> 0 then earlier_fen else earlier_fen + least(left_fen, maf_fen) end as earlier_fen,
    relief_fen + entitled_fen - window_own as relief_fen,
    window_fen + window_own as window_fen,
    seen | (
      case
        when (
          covers & 2
        ) <> 0
        then case when left_fen > 0 then 1 else 0 end + case when best_fen > 0 then 2 else 0 end + case when is_at_cap then 4 else 0 end + case when best_fen > held_best_fen then 8 else 0 end + case when (
          entitled_fen <> 0 or window_own <> 0
        ) then 16 else 0 end + case when entitled_fen <> window_own then 32 else 0 end
        else 0
      end
    ) as seen,
    b1_burden_fen,
    b1_entitled_fen,
    b1_category,
    left_fen as b2_burden_fen,
    entitled_fen as b2_entitled_fen,
    category as b2_category
  from b2_due
), b3_own as (
  select
    *,
    case when (
      covers & 4
    ) <> 0 and (
      held & 4
    ) <> 0 then left_fen else 0 end as c1_own
  from b2_paid
), b3_total as (
  select
    *,
    cast(sum(c1_own) over w as bigint) as c1_total
  from b3_own
  window w as (
    partition by person_key, benefit_year, is_firm
    order by ordered_on asc, ordered_at asc nulls first, event_id asc
    rows between unbounded preceding and current row
  )
), b3_relief as (
  select
    *,
    case
      when c1_total > 0
      then least(
        (
          greatest(greatest(c1_total - $b3_c1_deductible_fen, 0) - $b3_c1_low_fen_1, 0) * $b3_c1_ratio_ppm_1 + 500000
        ) // 1000000,
        $b3_c1_cap_fen
      )
      else 0
    end as c1_relief
  from b3_total
), b3_held as (
  select
    *,
    case
      when c1_own > 0
      then least(
        (
          greatest(greatest(c1_total - c1_own - $b3_c1_deductible_fen, 0) - $b3_c1_low_fen_1, 0) * $b3_c1_ratio_ppm_1 + 500000
        ) // 1000000,
        $b3_c1_cap_fen
      )
      else c1_relief
    end as c1_before,
    case when (
      held & 4
    ) <> 0 then c1_relief else -1 end as c1_held
  from b3_relief
), b3_due as (
  select
    *,
    c1_relief as best_fen,
    c1_relief - c1_before as entitled_fen,
    c1_held as held_best_fen,
    case c1_held when c1_held then 3 end as category,
    (
      c1_held = $b3_c1_cap_fen
    ) as is_at_cap
  from b3_held
), b3_paid as (
  select
    event_id,
    event_kind,
    person_key,
    benefit_year,
    ordered_on,
    ordered_at,
    event_on,
    is_firm,
    base_fen,
    maf_fen,
    held,
    covers,
    greatest(left_fen - entitled_fen, 0) as left_fen,
    earlier_fen,
    relief_fen + entitled_fen as relief_fen,
    window_fen,
    seen | (
      case
        when (
          covers & 4
        ) <> 0
        then case when left_fen > 0 then 1 else 0 end + case when best_fen > 0 then 2 else 0 end + case when is_at_cap then 4 else 0 end + case when best_fen > held_best_fen then 8 else 0 end + case when (
          entitled_fen <> 0
        ) then 16 else 0 end + case when entitled_fen <> 0 then 32 else 0 end
        else 0
      end
    ) as seen,
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
), b4_own as (
  select
    *,
    case when (
      covers & 8
    ) <> 0 and (
      held & 1
    ) <> 0 then left_fen else 0 end as c1_own,
    case when (
      covers & 8
    ) <> 0 and (
      held & 2
    ) <> 0 then left_fen else 0 end as c2_own,
    case when (
      covers & 8
    ) <> 0 and (
      held & 4
    ) <> 0 then left_fen else 0 end as c3_own
  from b3_paid
), b4_total as (
  select
    *,
    cast(sum(c1_own) over w as bigint) as c1_total,
    cast(sum(c2_own) over w as bigint) as c2_total,
    cast(sum(c3_own) over w as bigint) as c3_total
  from b4_own
  window w as (
    partition by person_key, benefit_year, is_firm
    order by ordered_on asc, ordered_at asc nulls first, event_id asc
    rows between unbounded preceding and current row
  )
), b4_relief as (
  select
    *,
    case
      when c1_total > 0
      then least(
        (
          greatest(greatest(c1_total - $b4_c1_deductible_fen, 0) - $b4_c1_low_fen_1, 0) * $b4_c1_ratio_ppm_1 + 500000
        ) // 1000000,
        $b4_c1_cap_fen
      )
      else 0
    end as c1_relief,
    case
      when c2_total > 0
      then least(
        (
          greatest(greatest(c2_total - $b4_c2_deductible_fen, 0) - $b4_c2_low_fen_1, 0) * $b4_c2_ratio_ppm_1 + 500000
        ) // 1000000,
        $b4_c2_cap_fen
      )
      else 0
    end as c2_relief,
    case
      when c3_total > 0
      then least(
        (
          greatest(greatest(c3_total - $b4_c3_deductible_fen, 0) - $b4_c3_low_fen_1, 0) * $b4_c3_ratio_ppm_1 + 500000
        ) // 1000000,
        $b4_c3_cap_fen
      )
      else 0
    end as c3_relief
  from b4_total
), b4_held as (
  select
    *,
    case
      when c1_own > 0
      then least(
        (
          greatest(greatest(c1_total - c1_own - $b4_c1_deductible_fen, 0) - $b4_c1_low_fen_1, 0) * $b4_c1_ratio_ppm_1 + 500000
        ) // 1000000,
        $b4_c1_cap_fen
      )
      else c1_relief
    end as c1_before,
    case when (
      held & 1
    ) <> 0 then c1_relief else -1 end as c1_held,
    case
      when c2_own > 0
      then least(
        (
          greatest(greatest(c2_total - c2_own - $b4_c2_deductible_fen, 0) - $b4_c2_low_fen_1, 0) * $b4_c2_ratio_ppm_1 + 500000
        ) // 1000000,
        $b4_c2_cap_fen
      )
      else c2_relief
    end as c2_before,
    case when (
      held & 2
    ) <> 0 then c2_relief else -1 end as c2_held,
    case
      when c3_own > 0
      then least(
        (
          greatest(greatest(c3_total - c3_own - $b4_c3_deductible_fen, 0) - $b4_c3_low_fen_1, 0) * $b4_c3_ratio_ppm_1 + 500000
        ) // 1000000,
        $b4_c3_cap_fen
      )
      else c3_relief
    end as c3_before,
    case when (
      held & 4
    ) <> 0 then c3_relief else -1 end as c3_held
  from b4_relief
), b4_due as (
  select
    *,
    greatest(c1_relief, c2_relief, c3_relief) as best_fen,
    greatest(c1_relief, c2_relief, c3_relief) - greatest(c1_before, c2_before, c3_before) as entitled_fen,
    greatest(c1_held, c2_held, c3_held) as held_best_fen,
    case greatest(c1_held, c2_held, c3_held) when c1_held then 1 when c2_held then 2 when c3_held then 3 end as category,
    (
      c1_held = $b4_c1_cap_fen or c2_held = $b4_c2_cap_fen or c3_held = $b4_c3_cap_fen
    ) as is_at_cap
  from b4_held
), b4_paid as (
  select
    event_id,
    event_kind,
    person_key,
    benefit_year,
    ordered_on,
    ordered_at,
    event_on,
    is_firm,
    base_fen,
    maf_fen,
    held,
    covers,
    greatest(left_fen - entitled_fen, 0) as left_fen,
    earlier_fen,
    relief_fen + entitled_fen as relief_fen,
    window_fen,
    seen | (
      case
        when (
          covers & 8
        ) <> 0
        then case when left_fen > 0 then 1 else 0 end + case when best_fen > 0 then 2 else 0 end + case when is_at_cap then 4 else 0 end + case when best_fen > held_best_fen then 8 else 0 end + case when (
          entitled_fen <> 0
        ) then 16 else 0 end + case when entitled_fen <> 0 then 32 else 0 end
        else 0
      end
    ) as seen,
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
  event_id,
  event_kind,
  person_key,
  benefit_year,
  ordered_on,
  ordered_at,
  event_on,
  is_firm,
  base_fen,
  maf_fen,
  held,
  covers,
  left_fen,
  earlier_fen,
  relief_fen,
  window_fen,
  seen,
  b1_burden_fen,
  b1_entitled_fen,
  b1_category,
  b2_burden_fen,
  b2_entitled_fen,
  b2_category,
  b3_burden_fen,
  b3_entitled_fen,
  b3_category,
  b4_burden_fen,
  b4_entitled_fen,
  b4_category
from b4_paid
