-- out.earlier_confirmed: one row a person who was confirmed for an item in a year, as the lists that stand say
-- grain: person_key, item_code, confirmed_year
-- reads: facts.roster_snapshot, staging.roster
-- source: 000 chapter 2 (往年已确定为救治对象); the year is that of the first day which the list states, else of the list's month
with standing as (
    select
        delivery_id,
        list_month
    from facts.roster_snapshot
    where known_at <= $known_at and (superseded_at is null or superseded_at > $known_at)
)

select
    r.person_key,
    r.category_code as item_code,
    cast(year(coalesce(r.valid_from, cast(s.list_month || '-01' as date))) as bigint) as confirmed_year,
    arg_max(r.town, s.list_month) filter (where r.town is not null) as town
from staging.roster as r
inner join standing as s on r.delivery_id = s.delivery_id
where list_contains(cast($items as varchar[]), r.category_code)  -- noqa: RF02
group by all
