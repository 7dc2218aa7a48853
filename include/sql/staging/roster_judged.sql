-- staging.roster_judged: one row is a row of a list with types, its verdict and flags; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.roster_keyed
-- source: monthly lists of the departments; a month without its day is the month's first day
with texts as (
    select
        *,
        nullif(trim(translate(replace(valid_from, '日', ''), '年月/.T', '---- '), '- '), '') as day_text,
        hash(list_code, person_key, category_code, written_category, valid_from, town, household_key, account_key, phone_key, gend)
            as content
    from staging.roster_keyed
),

typed as (
    select
        * exclude (valid_from),
        cast(
            if(
                regexp_full_match(day_text, '[12][0-9]{3}-[0-9]{1,2}(-[0-9]{1,2}( [0-9:]{4,8})?)?|[12][0-9]{5}|[12][0-9]{7}'),
                try_strptime(day_text, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m', '%Y%m%d', '%Y%m']), null
            ) as date
        ) as valid_from,
        person_key is not null
        and row_number() over (partition by delivery_id, person_key, content order by line_no) > 1 as is_repeat
    from texts
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
        when category_code is null then 'CATEGORY_UNKNOWN'
        when day_text is not null and valid_from is null then 'DATE_INVALID'
    end as reason_code,
    case
        when reason_code is not null then 'certno'
        when category_code is null then 'written_category'
        when day_text is not null and valid_from is null then 'valid_from'
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
    flags
from typed
