-- staging.enrolment_judged: one row is an enrolment fee with types, its verdict and flags; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.enrolment_keyed
-- source: enrolment fees of the medical security bureau
with texts as (
    select
        *,
        nullif(nullif(regexp_replace(translate(fee_written, ',¥ ', ''), '^[+]([0-9])|元$', '\1', 'g'), '--'), '') as fee_text,
        nullif(trim(translate(replace(paid_on, '日', ''), '年月/.T', '---- '), '- '), '') as day_text
    from staging.enrolment_keyed
),

typed as (
    select
        delivery_id,
        line_no,
        person_key,
        birth_year,
        reason_code as identity_code,
        flags,
        enrol_id,
        try_cast(if(regexp_full_match(benefit_year, '20[0-9][0-9]'), benefit_year, null) as integer) as benefit_year,
        day_text,
        cast(
            if(
                regexp_full_match(day_text, '[12][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}( [0-9:]{4,8})?|[12][0-9]{7}'),
                try_strptime(day_text, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y%m%d']), null
            ) as date
        ) as paid_on,
        fee_text,
        if(
            regexp_full_match(fee_text, '-?[0-9]{1,13}([.][0-9]{1,2}0*)?'),
            try_cast(try_cast(fee_text as decimal(18, 2)) * 100 as bigint), null
        ) as fee_fen,
        insutype,
        hash(person_key, benefit_year, day_text, fee_text, insutype) as content
    from texts
),

compared as (
    select
        *,
        enrol_id is not null and row_number() over (partition by delivery_id, enrol_id, content order by line_no) > 1 as is_repeat,
        enrol_id is not null and min(content) over same_key <> max(content) over same_key as is_conflict
    from typed
    window same_key as (partition by delivery_id, enrol_id)
)

select
    delivery_id,
    line_no,
    person_key,
    birth_year,
    case
        when identity_code is not null then identity_code
        when enrol_id is null then 'KEY_MISSING'
        when enrol_id = '?' then 'KEY_DAMAGED'
        when is_conflict then 'KEY_CONFLICT'
        when fee_text is null then 'MONEY_MISSING'
        when fee_fen is null then 'MONEY_INVALID'
        when fee_fen < 0 then 'MONEY_NEGATIVE'
        when day_text is null then 'DATE_MISSING'
        when paid_on is null or benefit_year is null then 'DATE_INVALID'
    end as reason_code,
    case
        when identity_code is not null then 'certno'
        when enrol_id is null or enrol_id = '?' or is_conflict then 'enrol_id'
        when fee_fen is null or fee_fen < 0 then 'fee_fen'
        when paid_on is null then 'paid_on'
        when benefit_year is null then 'benefit_year'
    end as field,
    is_repeat,
    enrol_id,
    benefit_year,
    paid_on,
    fee_fen,
    insutype,
    list_concat(flags, list_filter(
        [if(not list_contains(cast($known_insutype as varchar[]), insutype), 'CODE_UNKNOWN', null)],
        lambda flag: flag is not null
    )) as flags
from compared
