-- one row: a delivery that has not come, and how many signals of a kind rest on that alone; shown once instead of each of them.
-- grain: waits_for, signal_code.
-- reads: out.radar.
-- source: docs/domain 2.1 (late is not wrong: say why).
select
    waits_for,
    signal_code,
    count(*) as signals,
    cast(sum(amount_fen) as bigint) as amount_fen
from out.radar
where waits_for is not null
group by waits_for, signal_code
order by waits_for, signal_code
