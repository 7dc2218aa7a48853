-- out.return_record: one row is a settlement, fee or notice that was set aside, from its return to its clearing
-- grain: delivery_id, line_no
-- reads: ledger.delivery, staging.settlement_quarantined, staging.enrolment_quarantined, staging.notice_quarantined, staging.settlement, staging.enrolment, staging.notice
-- source: law of the house: a record stays open until the same serial number comes sound, or its file comes anew without it
with stood as (
    select
        delivery_id,
        feed,
        list_code,
        department_code,
        partition,
        version as version_no,
        received_at
    from ledger.delivery
    where feed in ('settlement', 'enrolment', 'notice') and state in ('ACCEPTED', 'SUPERSEDED') and received_at <= $known_at
),

aside as (
    select
        delivery_id,
        line_no,
        reason_code,
        field,
        setl_id as record_id
    from staging.settlement_quarantined
    union all
    select
        delivery_id,
        line_no,
        reason_code,
        field,
        enrol_id as record_id
    from staging.enrolment_quarantined
    union all
    select
        delivery_id,
        line_no,
        reason_code,
        field,
        notice_id as record_id
    from staging.notice_quarantined
),

bad as (
    select
        s.*,
        a.line_no,
        a.reason_code,
        a.field,
        nullif(a.record_id, '?') as record_id
    from aside as a
    inner join stood as s on a.delivery_id = s.delivery_id
),

asked as (
    select distinct record_id
    from bad
    where record_id is not null
),

taken as (
    select
        delivery_id,
        setl_id as record_id
    from staging.settlement
    where setl_id in (select k.record_id from asked as k)
    union all
    select
        delivery_id,
        enrol_id as record_id
    from staging.enrolment
    where enrol_id in (select k.record_id from asked as k)
    union all
    select
        delivery_id,
        notice_id as record_id
    from staging.notice
    where notice_id in (select k.record_id from asked as k)
),

-- every later sight of the number: sound, or bad again
seen as (
    select
        s.list_code,
        s.delivery_id,
        s.received_at,
        s.partition,
        s.version_no,
        t.record_id,
        'CORRECTED' as state_code
    from taken as t
    inner join stood as s on t.delivery_id = s.delivery_id
    union all
    select
        list_code,
        delivery_id,
        received_at,
        partition,
        version_no,
        record_id,
        'REPEATED' as state_code
    from bad
    where record_id is not null
),

-- and the file's next version, which stands in place of the whole
followed as (
    select
        b.delivery_id,
        b.line_no,
        n.delivery_id as next_id,
        n.received_at as next_at,
        n.state_code
    from bad as b
    inner join seen as n
        on
            b.list_code = n.list_code and b.record_id = n.record_id and b.delivery_id <> n.delivery_id
            and (b.received_at, b.partition, b.version_no) < (n.received_at, n.partition, n.version_no)
    union all
    select
        b.delivery_id,
        b.line_no,
        n.delivery_id as next_id,
        n.received_at as next_at,
        'REMOVED' as state_code
    from bad as b
    inner join stood as n on b.list_code = n.list_code and b.partition = n.partition and b.version_no < n.version_no
),

first_sight as (
    select *
    from followed
    qualify row_number() over (partition by delivery_id, line_no order by next_at, state_code = 'REMOVED', state_code, next_id) = 1
)

select
    b.delivery_id,
    b.department_code,
    b.list_code,
    b.partition as list_month,
    b.version_no,
    b.line_no,
    b.reason_code,
    b.field,
    b.received_at as opened_at,
    f.next_at as closed_at,
    f.next_id as closed_by,
    coalesce(f.state_code, 'OPEN') as state_code
from bad as b
left join first_sight as f on b.delivery_id = f.delivery_id and b.line_no = f.line_no
