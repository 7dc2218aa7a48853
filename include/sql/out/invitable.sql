-- out.invitable: one row a person and item that the person's own settlements show, who neither holds it nor asked for it
-- grain: person_key, item_code
-- reads: facts.care_event, facts.identity_span, facts.person_month
-- source: 002 annex 1 items 5 and 9 (近三年任意一年,二级及以上); that such people are invited before they ask is ours (免申即享)
-- A settlement shows the item whose beginning of disease codes fits it most closely. Who is insured otherwise than the item's list says is not invited.
with sign as (
    select
        unnest(cast($sign_items as varchar[])) as item_code,
        unnest(cast($sign_begins as varchar[])) as begins_with
),

covered as (
    select
        unnest(cast($covered_insutypes as varchar[])) as insutype,
        unnest(cast($covered_items as varchar[])) as item_code
),

-- a bill of care at a hospital of the level, within the time
shown as (
    select
        e.event_id,
        e.person_key,
        e.insutype,
        e.until_on,
        s.item_code
    from facts.care_event as e
    inner join sign as s on starts_with(e.dise_code, s.begins_with)
    where
        e.state = 'LIVE'
        and e.until_on between cast($since_on as date) and cast($as_of as date)  -- noqa: RF02
        and try_cast(left(e.hosp_lv, 1) as integer) >= cast($least_level as integer)  -- noqa: RF02
    qualify row_number() over (partition by e.event_id order by length(s.begins_with) desc, s.item_code) = 1
),

held as (
    select distinct
        person_key,
        category_code
    from facts.identity_span
    where since <= cast($as_of as date) and (until is null or until > cast($as_of as date))  -- noqa: RF02
),

lives as (
    select
        person_key,
        arg_max(town, calendar_month) filter (where town is not null) as town
    from facts.person_month
    group by person_key
)

select
    s.person_key,
    s.item_code,
    min(l.town) as town,
    count(*) as visits,
    max(s.until_on) as last_on
from shown as s
inner join covered as c on s.insutype = c.insutype and s.item_code = c.item_code
left join held as h on s.person_key = h.person_key and s.item_code = h.category_code
left join lives as l on s.person_key = l.person_key
where h.person_key is null
group by s.person_key, s.item_code
