-- out.record_turned: one row a refused claim and pair of a benefit with several steps: how much more burden (or less, where only
-- less helps) would have brought relief, or that this stays open; works within a run, is not published
-- grain: event_id, event_kind, pair_no
-- reads: out.record_stood, staging.plan_pair
-- source: docs/reference/relief-semantics.md, 5.1 to 5.3, each step turned round from the aim to the burden
-- noqa: disable=RF02
with stood as (
    select
        s.*,
        p.turn,
        p.turn.is_year_sum,
        p.turn.place_fen,
        p.turn.rounding_mode,
        list_transform(
            list_filter(p.turn.modifiers, lambda one: one.is_before and condition_fits(one.condition, s.claim)),
            lambda one: coalesce(-one.add_ppm, one.factor_ppm)
        ) as before,
        modified(
            1000000,
            list_transform(
                list_filter(p.turn.modifiers, lambda one: not one.is_before and condition_fits(one.condition, s.claim)),
                lambda one: one.factor_ppm
            )
        ) as after_ppm,
        len(list_filter(p.turn.modifiers, lambda one: not one.is_before)) > 0 as has_after
    from out.record_stood as s
    inner join staging.plan_pair as p on s.pair_no = p.pair_no
),

-- backwards: what must be given, what the caps must let through
aimed as (
    select
        *,
        if(
            turn.is_one_category or is_year_sum, 1, coalesce(best_before_fen, 0) + 1 - coalesce(relief_before_fen, 0)
        ) as aim_fen
    from stood
    where not has_after or after_ppm > 0
),

pressed as (
    select
        *,
        if(
            has_after,
            greatest(
                aim_fen,
                upwards(
                    needed_weight(rounding_mode, place_fen, upwards(coalesce(cut_paid_before_fen, 0) + aim_fen, place_fen) * place_fen)
                    - coalesce(cut_before, 0),
                    after_ppm
                )
            ),
            aim_fen
        ) as aim_paid_fen
    from aimed
),

weighed as (
    select
        *,
        needed_weight(rounding_mode, place_fen, upwards(coalesce(paid_before_fen, 0) + aim_paid_fen, place_fen) * place_fen)
        - coalesce(weight_before, 0) as aim_weight,
        weight_within(rounding_mode, place_fen, (coalesce(paid_before_fen, 0) + most_fen) // place_fen * place_fen)
        - coalesce(weight_before, 0) as most_weight,
        list_transform(
            turn.brackets,
            lambda one: struct_pack(
                low_fen := one.low_fen,
                high_fen := one.high_fen,
                lump := one.lump_fen * modified(1000000, list_filter(before, lambda factor: factor >= 0)),
                ratio_ppm := modified(
                    coalesce(
                        list_filter(one.variants, lambda other: condition_fits(other.condition, claim))[1].ratio_ppm, one.ratio_ppm
                    ),
                    before
                )
            )
        ) as brackets
    from pressed
    where (room_fen is null or aim_paid_fen <= room_fen) and (most_fen is null or aim_paid_fen <= most_fen)
),

-- what the deductible still takes; of one that a year which is over may be spared, each of the two ways that the year's total allows
parted as (
    select
        *,
        unnest(
            case
                when not turn.is_whole or is_waived or benefit_year >= $this_year
                    then [struct_pack(lacking_fen := if(
                        is_waived or turn.is_gate, 0, greatest(deductible_fen - coalesce(borne_before_fen, 0), 0)
                    ), low_fen := cast(0 as bigint), high_fen := cast(null as bigint))]
                when is_year_sum
                    then
                        [
                            struct_pack(lacking_fen := cast(0 as bigint), low_fen := cast(0 as bigint), high_fen := deductible_fen),
                            struct_pack(lacking_fen := deductible_fen, low_fen := deductible_fen + 1, high_fen := null)
                        ]
                else
                    list_filter(
                        [
                            struct_pack(
                                lacking_fen := if(year_borne_fen <= deductible_fen or year_borne_fen = own_borne_fen, 0, null),
                                low_fen := 0,
                                high_fen := deductible_fen - (year_borne_fen - own_borne_fen)
                            ),
                            struct_pack(
                                lacking_fen := if(
                                    year_borne_fen > deductible_fen or year_borne_fen = own_borne_fen,
                                    greatest(deductible_fen - borne_before_fen, 0), null
                                ),
                                low_fen := deductible_fen - (year_borne_fen - own_borne_fen) + 1,
                                high_fen := null
                            )
                        ],
                        lambda one: one.lacking_fen is not null
                    )
            end
        ) as way
    from weighed
),

-- where in the brackets or bands the claim begins, and the weight below each bracket
begun as (
    select
        * exclude (brackets),
        way.lacking_fen,
        if(turn.is_banded, 0, coalesce(measured_before_fen, 0)) + if(turn.is_on_amount, way.lacking_fen, 0) as start_fen,
        list_transform(
            if(
                turn.is_banded or brackets[-1].high_fen is null, brackets,
                list_append(
                    brackets,
                    struct_pack(
                        low_fen := brackets[-1].high_fen, high_fen := cast(null as bigint), lump := cast(null as bigint),
                        ratio_ppm := cast(0 as bigint)
                    )
                )
            ),
            lambda one: struct_pack(
                low_fen := one.low_fen,
                high_fen := one.high_fen,
                lump := one.lump,
                ratio_ppm := one.ratio_ppm,
                weight := coalesce(
                    list_sum(list_transform(
                        list_filter(brackets, lambda lower: lower.low_fen < one.low_fen),
                        lambda lower: (lower.high_fen - lower.low_fen) * lower.ratio_ppm
                    )),
                    0
                )
            )
        ) as brackets
    from parted
),

-- the weights between which it must come to lie
bounded as (
    select
        *,
        if(turn.is_banded, 0, coalesce(list_sum(list_transform(
            brackets,
            lambda one: greatest(0, least(start_fen, coalesce(one.high_fen, start_fen)) - one.low_fen) * one.ratio_ppm
        )), 0)) as start_weight
    from begun
),

-- of each bracket the places in it that bring the aim, the last one included
reached as (
    select
        *,
        list_transform(
            brackets,
            lambda one: struct_pack(
                from_fen := case
                    when not turn.is_banded and start_weight + aim_weight <= one.weight then one.low_fen
                    when not turn.is_banded and one.ratio_ppm > 0
                        then one.low_fen + upwards(start_weight + aim_weight - one.weight, one.ratio_ppm)
                    when not turn.is_banded then null
                    when aim_weight <= 0 or one.lump >= aim_weight then one.low_fen
                    when one.lump is not null then null
                    when one.ratio_ppm > 0 then greatest(one.low_fen, start_fen + upwards(aim_weight, one.ratio_ppm))
                end,
                until_fen := least(
                    one.high_fen - if(turn.is_banded, 1, 0),
                    case
                        when most_weight is null then null
                        when turn.is_banded and one.lump is not null then if(one.lump <= most_weight, null, -1)
                        when turn.is_banded and one.ratio_ppm > 0 then start_fen + most_weight // one.ratio_ppm
                        when turn.is_banded then null
                        when start_weight + most_weight < one.weight then -1
                        when one.ratio_ppm > 0 then one.low_fen + (start_weight + most_weight - one.weight) // one.ratio_ppm
                    end
                )
            )
        ) as places
    from bounded
),

-- the burdens of these places
borne as (
    select
        event_id,
        event_kind,
        pair_no,
        any_value(burden_fen) as burden_fen,
        any_value(own_fen) as own_fen,
        flatten(list(list_filter(
            list_transform(
                list_filter(places, lambda one: one.from_fen is not null),
                lambda one: struct_pack(
                    from_fen := greatest(
                        aim_paid_fen,
                        way.low_fen,
                        if(aim_weight <= 0, 0, greatest(one.from_fen - start_fen, 1) + lacking_fen),
                        if(
                            turn.is_gate and not is_waived and aim_weight > 0,
                            deductible_fen + if(turn.opens_above, 1, 0), 0
                        )
                    ),
                    until_fen := least(
                        coalesce(one.until_fen - start_fen + lacking_fen, 4000000000000000000),
                        coalesce(way.high_fen, 4000000000000000000)
                    )
                )
            ),
            lambda one: one.from_fen <= one.until_fen
        ))) as burdens,
        bool_or(turn.is_one_category) as is_one_category,
        bool_or(turn.is_steady) as is_steady,
        any_value(is_new) as is_new,
        any_value(rival_bits) as rival_bits,
        -- beyond this way the claims before would be paid otherwise, and what they come to then is not known here
        bool_or(turn.is_whole and not is_year_sum and way.high_fen is not null and year_borne_fen > own_borne_fen) as is_partial,
        any_value(rival_fen) as rival_fen,
        any_value(year_relief_fen) as year_relief_fen
    from reached
    group by event_id, event_kind, pair_no
),

-- more burden where more helps, else as little less as helps
moved as (
    select
        *,
        list_min(list_transform(
            list_filter(burdens, lambda one: greatest(one.from_fen, burden_fen) <= one.until_fen),
            lambda one: greatest(one.from_fen, burden_fen)
        )) - burden_fen as more_fen,
        list_max(list_transform(
            list_filter(burdens, lambda one: one.until_fen < burden_fen), lambda one: one.until_fen
        )) - burden_fen as less_fen
    from borne
),

needed as (
    select
        *,
        coalesce(more_fen, if(is_partial, null, less_fen)) as needed_fen,
        -- the category that counts for the whole year stays ahead of the others, whatever the change brings them
        not is_one_category
        or (rival_fen is null and rival_bits = 0)
        or (
            is_steady
            and year_relief_fen > coalesce(rival_fen, -1) + if(is_new, burden_fen + coalesce(more_fen, less_fen), coalesce(more_fen, 0)) + 1
        ) as is_ahead
    from moved
)

select
    event_id,
    event_kind,
    pair_no,
    cast(if(is_ahead and needed_fen >= -own_fen, needed_fen, null) as bigint) as needed_fen,
    not is_new and (not is_ahead or (is_partial and more_fen is null)) as is_open
from needed
where (is_ahead and needed_fen >= -own_fen) or (not is_new and (not is_ahead or (is_partial and more_fen is null)))
