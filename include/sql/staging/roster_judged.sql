-- staging.roster_judged: one row is a row of a list with types, its verdict and flags; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.roster_keyed
-- source: monthly lists of the departments; a month without its day is the month's first day
with texts as (
    select
        *,
        nullif(nullif(trim(translate(replace(valid_from, '日', ''), '年月/.T', '---- '), '- '), ''), '0000-00-00') as day_text,
        nullif(nullif(trim(translate(replace(applied_on, '日', ''), '年月/.T', '---- '), '- '), ''), '0000-00-00') as applied_text,
        hash(
            list_code, person_key, category_code, written_category, valid_from, town, household_key, account_key, phone_key, gend,
            applied_on, is_local, wording_no
        ) as content
    from staging.roster_keyed
),

typed as (
    select
        * exclude (valid_from, applied_on),
        cast(
            if(
                regexp_full_match(day_text, '[12][0-9]{3}-[0-9]{1,2}(-[0-9]{1,2}( [0-9:]{4,8})?)?|[12][0-9]{5}|[12][0-9]{7}'),
                try_strptime(day_text, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m', '%Y%m%d', '%Y%m']), null
            ) as date
        ) as stated_from,
        cast(
            if(
                regexp_full_match(applied_text, '[12][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}( [0-9:]{4,8})?|[12][0-9]{7}'),
                try_strptime(applied_text, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y%m%d']), null
            ) as date
        ) as stated_applied_on,
        person_key is not null
        and row_number() over (partition by delivery_id, person_key, content order by line_no) > 1 as is_repeat,
        person_key is not null
        and min(content) over same_key <> max(content) over same_key as is_conflict
    from texts
    window same_key as (partition by delivery_id, person_key, coalesce(category_code, cast(wording_no as varchar)))
),

-- a stated day that cannot be read, lies ahead or before the person's birth says nothing; the list's own month counts then
dated as (
    select
        * exclude (stated_from, stated_applied_on),
        if(stated_from <= cast($today as date) and coalesce(year(stated_from) >= birth_year, true), stated_from, null) as valid_from,
        if(
            stated_applied_on <= cast($today as date) and coalesce(year(stated_applied_on) >= birth_year, true), stated_applied_on, null
        ) as applied_on
    from typed
),

compared as (
    select
        *,
        (day_text is not null and valid_from is null) or (applied_text is not null and applied_on is null) as is_day_doubtful
    from dated
)

select
    delivery_id,
    line_no,
    list_code,
    list_month,
    person_key,
    birth_year,
    case
        when reason_code is not null then reason_code
        when is_conflict then 'KEY_CONFLICT'
        when is_category_missing then 'CATEGORY_MISSING'
    end as reason_code,
    case
        when reason_code is not null or is_conflict then 'certno'
        when is_category_missing then 'written_category'
    end as field,
    is_repeat,
    category_code,
    written_category,
    valid_from,
    town,
    household_key,
    account_key,
    phone_key,
    gend,
    applied_on,
    is_local,
    list_concat(flags, list_filter(
        [
            if(category_code is null and not is_category_missing, 'CATEGORY_UNKNOWN', null),
            if(is_day_doubtful, 'DATE_DOUBTFUL', null)
        ],
        lambda flag: flag is not null
    )) as flags
from compared
