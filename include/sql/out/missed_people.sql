-- out.missed_people: people who may need help and are not reached by it (应救未救), by kind of sign, town and what is waited for
-- grain: signal_code, town, waits_for
-- reads: out.radar
-- source: 001 chapters 1 and 4 (应救尽救); empty text where no town is known and where nothing is waited for
select
    $run_month as calendar_month,
    signal_code,
    coalesce(town, '') as town,
    coalesce(waits_for, '') as waits_for,
    count(distinct person_key) as people,
    count(*) as signals,
    cast(sum(coalesce(amount_fen, 0)) as bigint) as amount_fen,
    count(distinct person_key) < $small_cell as is_small
from out.radar
group by signal_code, coalesce(town, ''), coalesce(waits_for, '')
