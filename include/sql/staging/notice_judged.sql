-- staging.notice_judged: one row is a notice with types, its verdict and flags; works within a run, is not published
-- grain: delivery_id, line_no
-- reads: staging.notice_keyed
-- source: notices of public security, of the injury office and of other payers; a notice that names its settlement needs no id number
with texts as (
    select
        *,
        nullif(nullif(regexp_replace(translate(amount_written, ',¥ ', ''), '^[+]([0-9])|元$', '\1', 'g'), '--'), '') as fen_text,
        nullif(trim(translate(replace(happened_on, '日', ''), '年月/.T', '---- '), '- '), '') as day_text
    from staging.notice_keyed
),

typed as (
    select
        delivery_id,
        line_no,
        list_code,
        person_key,
        birth_year,
        if(reason_code = 'CERTNO_MISSING' and setl_id is not null, null, reason_code) as identity_code,
        flags,
        notice_id,
        notice_code,
        setl_id,
        benefit_year as year_text,
        try_cast(if(regexp_full_match(benefit_year, '20[0-9][0-9]'), benefit_year, null) as integer) as benefit_year,
        day_text,
        cast(
            if(
                regexp_full_match(day_text, '[12][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}( [0-9:]{4,8})?|[12][0-9]{7}'),
                try_strptime(day_text, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y%m%d']), null
            ) as date
        ) as happened_on,
        clinic_code,
        is_checked = '1' as is_checked,
        is_signed = '1' as is_signed,
        fen_text,
        if(
            regexp_full_match(fen_text, '-?[0-9]{1,13}([.][0-9]{1,2}0*)?'),
            try_cast(try_cast(fen_text as decimal(18, 2)) * 100 as bigint), null
        ) as fen,
        coalesce(starts_with(notice_code, 'PAY_'), false) as is_payment,
        coalesce(starts_with(notice_code, 'SERVICE_'), false) as is_service,
        hash(person_key, notice_code, setl_id, benefit_year, day_text, fen_text, clinic_code, is_checked, is_signed) as content
    from texts
),

compared as (
    select
        *,
        notice_id is not null and row_number() over (partition by delivery_id, notice_id, content order by line_no) > 1 as is_repeat,
        notice_id is not null and min(content) over same_key <> max(content) over same_key as is_conflict
    from typed
    window same_key as (partition by delivery_id, notice_id)
),

judged as (
    select
        *,
        case
            when identity_code is not null then identity_code
            when notice_id is null then 'KEY_MISSING'
            when notice_id = '?' then 'KEY_DAMAGED'
            when is_conflict then 'KEY_CONFLICT'
            when notice_code is null then 'CATEGORY_UNKNOWN'
            when fen_text is not null and fen is null then 'MONEY_INVALID'
            when is_payment and fen is null then 'MONEY_MISSING'
            when day_text is not null and happened_on is null or year_text is not null and benefit_year is null then 'DATE_INVALID'
            when (notice_code = 'DEATH' or is_service) and happened_on is null then 'DATE_MISSING'
            when is_service and benefit_year is null then 'DATE_MISSING'
            when is_service and clinic_code is null then 'KEY_MISSING'
            when is_service and clinic_code = '?' then 'KEY_DAMAGED'
            when is_payment and setl_id is null and benefit_year is null then 'DATE_MISSING'
            when setl_id = '?' then 'KEY_DAMAGED'
            when not is_payment and not is_service and notice_code <> 'DEATH' and setl_id is null then 'KEY_MISSING'
        end as reason_code
    from compared
)

select
    delivery_id,
    line_no,
    list_code,
    person_key,
    birth_year,
    reason_code,
    case
        when reason_code is null then null
        when identity_code is not null then 'certno'
        when notice_id is null or notice_id = '?' or is_conflict then 'notice_id'
        when notice_code is null then 'notice_code'
        when reason_code in ('MONEY_INVALID', 'MONEY_MISSING') then 'fen'
        when reason_code in ('KEY_MISSING', 'KEY_DAMAGED') then if(is_service and coalesce(clinic_code, '?') = '?', 'clinic_code', 'setl_id')
        when is_service and happened_on is not null then 'benefit_year'
        when is_payment and happened_on is null and day_text is null then 'benefit_year'
        else 'happened_on'
    end as field,
    is_repeat,
    notice_id,
    notice_code,
    setl_id,
    benefit_year,
    happened_on,
    clinic_code,
    is_checked,
    is_signed,
    fen,
    flags
from judged
