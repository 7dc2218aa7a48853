-- out.listed_span: one row a stretch of days on which a person was on a list that counts, each list by itself
-- grain: person_key, category_code, list_code, since
-- reads: facts.identity_span
-- source: 000 annex items 1 and 2 (名单比对); what is only held in doubt counts as listed: nobody is dropped because a list is late
select
    person_key,
    category_code,
    list_code,
    min(since) as since,
    if(bool_or(until is null), null, max(until)) as until
from (
    select
        *,
        count(*) filter (where not is_adjoined) over (partition by person_key, category_code, list_code order by since) as stretch
    from (
        select
            *,
            coalesce(
                since <= lag(until) over (partition by person_key, category_code, list_code order by since), false
            ) as is_adjoined
        from facts.identity_span
        where list_contains(cast($categories as varchar[]), category_code)
    ) as seen
) as numbered
group by person_key, category_code, list_code, stretch
