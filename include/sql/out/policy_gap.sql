-- out.policy_gap: what the policies miss: care of the year to date by category and why it was not relieved; PAID is what was
-- grain: category_code, gap_code
-- reads: out.assessment, out.claim_payer
-- source: 001, policy portrait (政策画像); NO_POLICY: the category is covered by no benefit of care; TOTAL is every claim once, NONE the
-- unlisted; a claim of a person in two categories counts in both
with covered as (
    select distinct unnest(cast($care_categories as varchar[])) as category_code
),

judged as (
    select
        c.person_key,
        c.cost_fen,
        c.care_relief_fen,
        c.left_fen,
        a.outcome,
        a.reason_code,
        unnest(case when len(c.categories) = 0 then ['NONE', 'TOTAL'] else list_append(c.categories, 'TOTAL') end) as category_code
    from out.claim_payer as c
    inner join out.assessment as a on c.event_id = a.event_id
    where a.event_kind = 'care'
),

named as (
    select
        j.*,
        case
            when j.outcome = 'PAID' then 'PAID'
            when j.category_code not in ('NONE', 'TOTAL') and v.category_code is null then 'NO_POLICY'
            else j.reason_code
        end as gap_code
    from judged as j
    left join covered as v on j.category_code = v.category_code
)

select
    category_code,
    gap_code,
    count(distinct person_key) as people,
    count(*) as visits,
    cast(sum(cost_fen) as bigint) as cost_fen,
    cast(sum(care_relief_fen) as bigint) as care_relief_fen,
    cast(sum(left_fen) as bigint) as left_fen,
    count(distinct person_key) < $small_cell as is_small
from named
group by category_code, gap_code
