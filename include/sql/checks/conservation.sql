-- checks.conservation: one row is a delivery: rows and fen that came in, were accepted, set aside, ignored
-- grain: delivery_id
-- reads: staging.delivered (lives within the task: what the reader counted), staging.judged_row (lives within the task)
-- source: law of the house: rows in = load + fix + flag + quarantined + ignored, where load + fix + flag = accepted; fen in likewise
with counted as (
    select
        delivery_id,
        sum(rows) filter (where reason_code is null and not is_repeat) as rows_accepted,
        sum(rows) filter (where reason_code is null and not is_repeat and not is_flagged and not is_fixed) as rows_load,
        sum(rows) filter (where reason_code is null and not is_repeat and not is_flagged and is_fixed) as rows_fix,
        sum(rows) filter (where reason_code is null and not is_repeat and is_flagged) as rows_flag,
        sum(rows) filter (where reason_code is not null and not is_repeat) as rows_quarantined,
        sum(rows) filter (where is_repeat) as rows_repeated,
        sum(coalesce(fen, 0)) filter (where reason_code is null and not is_repeat) as fen_accepted,
        sum(coalesce(fen, 0)) filter (where reason_code is not null and not is_repeat) as fen_quarantined,
        sum(coalesce(fen, 0)) filter (where is_repeat) as fen_repeated
    from staging.judged_row
    group by delivery_id
)

select
    d.delivery_id,
    d.feed,
    cast(d.rows_in as bigint) as rows_in,
    cast(coalesce(c.rows_accepted, 0) as bigint) as rows_accepted,
    cast(coalesce(c.rows_load, 0) as bigint) as rows_load,
    cast(coalesce(c.rows_fix, 0) as bigint) as rows_fix,
    cast(coalesce(c.rows_flag, 0) as bigint) as rows_flag,
    cast(coalesce(c.rows_quarantined, 0) as bigint) as rows_quarantined,
    cast(coalesce(c.rows_repeated, 0) + d.rows_ignored as bigint) as rows_ignored,
    cast(d.fen_in as bigint) as fen_in,
    cast(coalesce(c.fen_accepted, 0) as bigint) as fen_accepted,
    cast(coalesce(c.fen_quarantined, 0) as bigint) as fen_quarantined,
    cast(coalesce(c.fen_repeated, 0) as bigint) as fen_ignored
from staging.delivered as d
left join counted as c on d.delivery_id = c.delivery_id
