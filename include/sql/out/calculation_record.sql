-- out.calculation_record: one row a claim and benefit with money, a sum of the year, or a claim without: how its amount came about,
-- and what would have changed it
-- grain: event_kind, event_id, person_key, benefit_year, benefit_code
-- reads: out.assessment, out.award_line, out.award_share, out.order_tried, out.record_step, out.record_trace, out.record_saying,
-- out.record_change, facts.care_event, facts.enrolment_event, facts.service_event, staging.plan_pair, staging.reason_word
-- source: docs/reference/relief-semantics.md; 核算依据单
-- noqa: disable=RF02
with named as (
    select map_from_entries(list(struct_pack(code := benefit_code, said := benefit_name_zh))) as name_of
    from (
        select distinct
            benefit_code,
            benefit_name_zh
        from staging.plan_pair
    ) as paired
),

-- every order that was tried for a person-year, the losing ones too
tried as (
    select
        t.person_key,
        t.benefit_year,
        list(
            struct_pack("sequence" := t.sequence, total_fen := t.total_fen, is_chosen := t.is_chosen)  -- noqa: RF06
            order by t.order_no
        ) as orders,
        t.benefit_year || ' 年度比较了 ' || count(*) || ' 种次序:' || string_agg(
            coalesce(
                list_aggregate(list_transform(string_split(t.sequence, '>'), lambda code: n.name_of[code]), 'string_agg', '→'), ''
            ) || ' ' || yuan_text(t.total_fen) || ' 元' || if(t.is_chosen, ',采用', ''),
            ';' order by t.order_no
        ) || '。' as tried_zh
    from out.order_tried as t
    cross join named as n
    group by t.person_key, t.benefit_year
),

stepped as (
    select
        event_id,
        person_key,
        benefit_year,
        benefit_place,
        pair_no,
        benefit_code,
        category_code,
        burden_fen,
        total_fen,
        received_before_fen,
        relief_fen,
        deductible_fen,
        excess_fen,
        parts,
        exact_fen,
        cap_fen,
        null as trace
    from out.record_step
    union all
    select
        t.event_id,
        t.person_key,
        t.benefit_year,
        t.benefit_place,
        p.pair_no,
        p.benefit_code,
        p.category_code,
        t.burden_fen,
        t.total_fen,
        t.received_before_fen,
        t.year_fen as relief_fen,
        null as deductible_fen,
        null as excess_fen,
        null as parts,
        null as exact_fen,
        null as cap_fen,
        struct_pack(
            deductible_fen := t.deductible_fen,
            is_waived := t.is_waived,
            deducted_before_fen := t.deducted_before_fen,
            excess_fen := t.excess_fen,
            top_fen := t.top_fen,
            parts := list_filter(t.parts, lambda one: one is not null),
            modifiers := list_filter(t.modifiers, lambda one: one is not null),
            weighed_before := t.weighed_before,
            given_before_fen := t.given_before_fen,
            rounded_fen := t.rounded_fen,
            caps := list_filter(t.caps, lambda one: one is not null),
            capped_fen := t.capped_fen,
            factor_ppm := t.factor_ppm,
            cut_weighed_before := t.cut_weighed_before,
            cut_given_before_fen := t.cut_given_before_fen,
            is_at_cap := t.is_at_cap,
            is_over := t.is_over,
            relief_fen := t.relief_fen
        ) as trace
    from out.record_trace as t
    inner join staging.plan_pair as p on t.benefit_place = p.benefit_place and t.category_bit = p.category_bit
),

compared as (
    select
        event_id,
        person_key,
        benefit_year,
        benefit_place,
        pair_no,
        benefit_code,
        category_code,
        relief_fen
    from out.record_step
    union all
    select
        t.event_id,
        t.person_key,
        t.benefit_year,
        t.benefit_place,
        p.pair_no,
        p.benefit_code,
        p.category_code,
        t.year_fen as relief_fen
    from out.record_trace as t
    inner join staging.plan_pair as p on t.benefit_place = p.benefit_place and t.category_bit = p.category_bit
),

-- the categories of a claim and benefit, the best first
ranked as (
    select
        *,
        row_number() over (
            partition by person_key, benefit_year, event_id, benefit_place order by relief_fen desc, category_code asc
        ) as place,
        count(*) over (partition by person_key, benefit_year, event_id, benefit_place) as among
    from compared
),

-- those of which several are held
contested as (
    select
        person_key,
        benefit_year,
        event_id,
        benefit_place,
        list(struct_pack(category_code := category_code, relief_fen := relief_fen) order by place) as compared
    from ranked
    where among > 1
    group by person_key, benefit_year, event_id, benefit_place
),

weighed as (
    select
        s.*,
        coalesce(
            list_filter(c.compared, lambda one: one.category_code <> s.category_code),
            cast([] as struct(category_code varchar, relief_fen bigint)[])
        ) as others
    from stepped as s
    left join contested as c
        on
            s.person_key = c.person_key
            and s.benefit_year = c.benefit_year
            and s.event_id is not distinct from c.event_id
            and s.benefit_place = c.benefit_place
),

-- what is said of a claim without money beside its base: the same for every claim of a reason
reasoned as (
    select
        reason_code,
        reason_zh || '。下一步:' || remedy_zh || '。' || coalesce('基数依据:' || $base_quoted_zh || '。', '') as reason_said_zh
    from staging.reason_word
),

placed as (
    select
        event_id,
        'care' as event_kind,
        delivery_id,
        line_no
    from facts.care_event
    union all
    select
        event_id,
        'enrolment' as event_kind,
        delivery_id,
        line_no
    from facts.enrolment_event
    union all
    select
        event_id,
        'service' as event_kind,
        delivery_id,
        line_no
    from facts.service_event
),

paid as (
    select event_id
    from out.award_line
    union
    select event_id
    from out.award_share
),

-- claims with money by benefit, and sums of the year; the shares of sums; the others once, with the step that was nearest
listed as (
    select
        l.event_id,
        l.person_key,
        l.benefit_year,
        l.event_on,
        l.benefit_code,
        l.category_code,
        l.clause_id,
        l.base_fen as burden_fen,
        l.entitled_fen,
        l.window_fen,
        l.amount_fen,
        null as share_fen,
        null as shared_fen,
        l.is_held,
        l.is_provisional,
        s.pair_no,
        null as reason_said_zh
    from out.award_line as l
    left join ranked as s
        on
            l.person_key = s.person_key
            and l.benefit_year = s.benefit_year
            and l.event_id is not distinct from s.event_id
            and l.benefit_code = s.benefit_code
            and l.category_code = s.category_code
    union all
    select
        h.event_id,
        h.person_key,
        h.benefit_year,
        a.event_on,
        h.benefit_code,
        l.category_code,
        l.clause_id,
        null as burden_fen,
        null as entitled_fen,
        null as window_fen,
        null as amount_fen,
        h.amount_fen as share_fen,
        l.amount_fen as shared_fen,
        h.is_held,
        l.is_provisional,
        null as pair_no,
        null as reason_said_zh
    from out.award_share as h
    inner join out.assessment as a on h.event_id = a.event_id and h.person_key = a.person_key
    inner join out.award_line as l
        on h.person_key = l.person_key and h.benefit_year = l.benefit_year and h.benefit_code = l.benefit_code and l.event_id is null
    union all
    select
        a.event_id,
        a.person_key,
        a.benefit_year,
        a.event_on,
        null as benefit_code,
        null as category_code,
        null as clause_id,
        null as burden_fen,
        null as entitled_fen,
        null as window_fen,
        null as amount_fen,
        null as share_fen,
        null as shared_fen,
        false as is_held,
        a.is_provisional,
        coalesce(c.change.pair_no, n.pair_no) as pair_no,
        w.reason_said_zh
    from out.assessment as a
    left join out.record_change as c on a.event_id = c.event_id and a.event_kind = c.event_kind
    left join reasoned as w on a.reason_code = w.reason_code
    left join ranked as n on a.event_id = n.event_id and n.place = 1 and n.benefit_place = 1
    left join paid as m on a.event_id = m.event_id
    where m.event_id is null
),

joined as (
    select
        i.*,
        a.event_kind as claim_kind,
        a.base_fen,
        coalesce(a.outcome, if(i.is_held, 'HELD', 'PAID')) as outcome,
        if(a.event_id is null and i.is_held, 'IDENTITY_PROVISIONAL', a.reason_code) as reason_code,
        p.delivery_id,
        p.line_no,
        s.total_fen - s.burden_fen as total_before_fen,
        s.total_fen,
        s.deductible_fen,
        s.excess_fen,
        s.parts,
        s.exact_fen,
        s.cap_fen,
        s.relief_fen as total_relief_fen,
        s.received_before_fen,
        s.trace,
        s.others,
        g.said_zh,
        c.change,
        list_aggregate(
            list_transform(s.parts, lambda part: yuan_text(part.length_fen) || ' × ' || part.ratio_zh), 'string_agg', ' + '
        ) as product_zh
    from listed as i
    left join out.assessment as a on i.event_id = a.event_id
    left join placed as p on i.event_id = p.event_id and a.event_kind = p.event_kind
    left join weighed as s
        on
            i.person_key = s.person_key
            and i.benefit_year = s.benefit_year
            and i.event_id is not distinct from s.event_id
            and i.pair_no = s.pair_no
    left join out.record_saying as g
        on
            i.person_key = g.person_key
            and i.benefit_year = g.benefit_year
            and i.event_id is not distinct from g.event_id
            and i.benefit_code = g.benefit_code
    left join out.record_change as c on i.event_id = c.event_id and a.event_kind = c.event_kind
),

worded as (
    select
        j.*,
        coalesce(j.claim_kind, b.event_kind) as event_kind,
        b.benefit_name_zh,
        b.counts_window,
        b.is_plain,
        b.steps.is_shared,
        b.category_name_zh,
        b.quoted_zh,
        o.orders,
        o.tried_zh,
        t.benefit_name_zh as change_benefit_zh,
        t.category_name_zh as change_category_zh,
        t.steps.is_year_sum as is_of_year,
        t.valid_since,
        t.valid_until
    from joined as j
    left join staging.plan_pair as b on j.benefit_code = b.benefit_code and j.category_code = b.category_code
    left join staging.plan_pair as t on j.change.pair_no = t.pair_no
    left join tried as o
        on
            j.person_key = o.person_key
            and j.benefit_year = o.benefit_year
            and coalesce(j.claim_kind, b.event_kind) = 'care'
            and (j.benefit_code is not null or j.reason_code = 'LEFT_OUT')
)

select
    event_id,
    event_kind,
    person_key,
    benefit_year,
    event_on,
    delivery_id,
    line_no,
    cast($policy_hash as varchar) as policy_hash,
    benefit_code,
    category_code,
    clause_id,
    base_fen,
    burden_fen,
    total_before_fen,
    total_fen,
    deductible_fen,
    excess_fen,
    list_transform(parts, lambda part: struct_pack(length_fen := part.length_fen, ratio_ppm := part.ratio_ppm)) as parts,
    exact_fen,
    cap_fen,
    total_relief_fen,
    others,
    received_before_fen,
    trace,
    entitled_fen,
    window_fen,
    amount_fen,
    share_fen,
    is_held,
    is_provisional,
    orders,
    outcome,
    reason_code,
    case
        when benefit_code is null then
            '合规自付 ' || coalesce(yuan_text(base_fen) || ' 元', '未知') || ';' || reason_said_zh
        when share_fen is not null
            then
                benefit_name_zh || ':按【' || category_name_zh || '】全年一并计算,救助合计 ' || yuan_text(shared_fen) || ' 元,其中落在本次 '
                || yuan_text(share_fen) || ' 元。依据:' || quoted_zh || '。'
        else
            benefit_name_zh || ':按【' || category_name_zh || '】计。'
            || case
                when is_plain then
                    '本年度累计合规自付 ' || yuan_text(total_fen) || ' 元'
                    || if(deductible_fen > 0, ',减起付线 ' || yuan_text(deductible_fen) || ' 元,余 ' || yuan_text(excess_fen) || ' 元', '')
                    || ';' || coalesce(nullif(product_zh, ''), '0.00') || ' = ' || yuan_text(exact_fen) || ' 元'
                    || if(exact_fen > cap_fen, ',按年度封顶线 ' || yuan_text(cap_fen) || ' 元计', '')
                else said_zh
            end
            || ';'
            || case
                when event_id is null then '全年救助 ' || yuan_text(amount_fen) || ' 元'
                when counts_window
                    then
                        '此前已得 ' || yuan_text(received_before_fen) || ' 元(含医院窗口),本次应得 ' || yuan_text(entitled_fen)
                        || ' 元,窗口已付 ' || yuan_text(window_fen) || ' 元,本次救助 ' || yuan_text(amount_fen) || ' 元'
                else
                    '此前已计 ' || yuan_text(received_before_fen) || ' 元,本次救助 ' || yuan_text(amount_fen) || ' 元'
                    || if(is_shared, '(以共用额度所余为限)', '')
            end
            || '。依据:' || quoted_zh || '。'
    end || coalesce(tried_zh, '') || if(is_provisional, '有支付方尚未交付,暂按没有支付计,交付后重算。', '') as sentence_zh,
    if(outcome = 'REFUSED', change, null) as change,
    if(
        outcome = 'REFUSED' and change is not null,
        '若' || array_to_string(
            list_filter(
                [
                    '在 ' || change.held_on || ' 属于【' || if(change.category_code is null, null, change_category_zh) || '】',
                    '医疗类别为 ' || change.med_type,
                    '病种代码以 ' || change.dise_code || ' 开头',
                    '费用发生在 ' || change.needed_on || '(该待遇自 ' || valid_since || ' 起' || coalesce(',至 ' || valid_until || ' 前', '') || ')',
                    if(
                        change.fen <> 0,
                        '合规自付再' || if(change.fen > 0, '多 ', '少 ') || yuan_text(abs(change.fen)) || ' 元(本次'
                        || if(change.fen > 0, '达到 ', '为 ') || yuan_text(base_fen + change.fen) || ' 元)', null
                    )
                ],
                lambda part: part is not null
            ),
            ',且'
        )
        || case
            when change.needed_on is not null then ',才可能按'
            when is_of_year then ',全年合计即可按'
            else ',本次即可按'
        end
        || change_benefit_zh || '得到救助。',
        null
    ) as change_zh
from worded
