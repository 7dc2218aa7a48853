-- out.record_saying: one row a line of a stepped benefit: every step that changed something, in words; works within a run
-- grain: event_id, person_key, benefit_year, benefit_code
-- reads: out.award_line, out.record_trace, staging.plan_pair
-- source: docs/reference/relief-semantics.md, 5.1 to 5.3; every figure that the next one needs stands in the sentence
-- noqa: disable=RF02
with touched as (
    select
        l.event_id,
        l.person_key,
        l.benefit_year,
        l.benefit_code,
        p.steps,
        t.* exclude (event_id, event_kind, person_key, benefit_year, benefit_place, category_bit, parts, modifiers, caps),
        list_filter(t.parts, lambda one: one is not null) as parts,
        list_filter(t.modifiers, lambda one: one is not null) as modifiers,
        list_filter(t.caps, lambda one: one is not null and one.let_fen <> one.came_fen) as caps
    from out.award_line as l
    inner join staging.plan_pair as p
        on l.benefit_code = p.benefit_code and l.category_code = p.category_code and not p.is_plain
    inner join out.record_trace as t
        on
            l.person_key = t.person_key
            and l.benefit_year = t.benefit_year
            and l.event_id is not distinct from t.event_id
            and p.benefit_place = t.benefit_place
            and p.category_bit = t.category_bit
),

listed as (
    select
        *,
        list_aggregate(
            list_transform(
                parts,
                lambda one: if(steps.is_lump[one.bracket_no], '定额 ', '') || yuan_text(one.fen) || ' × ' || percent_text(one.ratio_ppm)
                || if(one.variant_no > 0, '(因' || steps.variants_zh[one.bracket_no][one.variant_no] || ')', '')
            ),
            'string_agg', ' + '
        ) as product_zh,
        list_aggregate(
            list_transform(list_filter(modifiers, lambda one: steps.modifiers[one].is_before), lambda one: steps.modifiers[one].zh),
            'string_agg', '、'
        ) as before_zh,
        list_aggregate(
            list_transform(
                list_filter(modifiers, lambda one: not steps.modifiers[one].is_before), lambda one: steps.modifiers[one].zh
            ),
            'string_agg', '、'
        ) as after_zh,
        list_aggregate(
            list_transform(
                caps,
                lambda one: if(
                    steps.caps[one.cap_no].is_all_or_nothing,
                    ',超过' || steps.caps[one.cap_no].period_zh || '上限 ' || yuan_text(one.bound_fen) || ' 元',
                    ',' || steps.caps[one.cap_no].period_zh || '封顶线 ' || yuan_text(one.bound_fen) || ' 元'
                    || if(steps.caps[one.cap_no].is_per_day, '(每日 ' || yuan_text(steps.caps[one.cap_no].amount_fen) || ' 元)', '')
                    || if(
                        steps.caps[one.cap_no].is_of_claim, '',
                        ',此前已用 ' || yuan_text(least(one.before_fen, one.bound_fen)) || ' 元'
                    )
                )
                || ',计 ' || yuan_text(one.let_fen) || ' 元'
            ),
            'string_agg', ''
        ) as caps_zh,
        list_filter(
            range(1, len(steps.highs) + 1), lambda place: steps.highs[place] is null or top_fen < steps.highs[place]
        )[1] as band_no,
        coalesce('(' || steps.rounding_zh || ',不超过所计金额)', '') as how_zh,
        coalesce('(' || steps.rounding_zh || ',不超过所计金额)', '(四舍五入到分,不超过所计金额)') as how_summed_zh
    from touched
)

select
    event_id,
    person_key,
    benefit_year,
    benefit_code,
    if(steps.is_year_sum, '全年合规自付合计 ', '合规自付 ') || yuan_text(burden_fen) || ' 元'
    || case
        when is_waived then if(steps.has_deductible, ',免起付线', '')
        when deductible_fen = 0 then ''
        when steps.is_gate
            then
                ',' || if(excess_fen > 0, '', '未') || if(steps.opens_above, '超过', '达到') || steps.deductible_period_zh || '门槛 '
                || yuan_text(deductible_fen) || ' 元,计入 ' || yuan_text(excess_fen) || ' 元'
        else
            ',' || steps.deductible_period_zh || '起付线 ' || yuan_text(deductible_fen) || ' 元'
            || if(
                steps.is_deductible_of_claim, '',
                ',此前已抵 ' || yuan_text(least(deducted_before_fen, deductible_fen)) || ' 元'
            )
            || ',本次抵 ' || yuan_text(burden_fen - excess_fen) || ' 元,余 ' || yuan_text(excess_fen) || ' 元'
    end
    || case
        when excess_fen = 0 or not steps.is_split then ''
        when not steps.is_banded then ',分段自 ' || yuan_text(top_fen - excess_fen) || ' 元至 ' || yuan_text(top_fen) || ' 元'
        when band_no is null then ',' || yuan_text(top_fen) || ' 元超出最高一档,不予计算'
        else ',' || yuan_text(top_fen) || ' 元在第 ' || band_no || ' 档'
    end
    || ';' || coalesce(product_zh || coalesce('(比例已' || before_zh || ')', ''), '0.00')
    || if(
        rounded_fen = alone_fen, ' = ' || yuan_text(rounded_fen) || ' 元' || how_zh,
        ',加此前取整前合计 ' || exact_yuan_text(weighed_before) || ' 元,取整后减已计 ' || yuan_text(given_before_fen)
        || ' 元 = ' || yuan_text(rounded_fen) || ' 元' || how_summed_zh
    )
    || coalesce(caps_zh, '')
    || if(
        factor_ppm is null or (after_zh is null and relief_fen = capped_fen), '',
        ';' || yuan_text(capped_fen) || ' × ' || percent_text(factor_ppm) || coalesce('(' || after_zh || ')', '')
        || if(
            relief_fen = cut_alone_fen, ' = ' || yuan_text(relief_fen) || ' 元' || how_zh,
            ',加此前取整前合计 ' || exact_yuan_text(cut_weighed_before) || ' 元,取整后减已计 ' || yuan_text(cut_given_before_fen)
            || ' 元 = ' || yuan_text(relief_fen) || ' 元' || how_summed_zh
        )
    )
    || if(steps.is_running and not steps.is_year_sum, ';该类别本年度累计 ' || yuan_text(year_fen) || ' 元', '') as said_zh
from listed
