-- one row: an event whose settlement carries a flag that concerns its money or its person.
-- grain: event_id.
-- reads: facts.care_event.
-- source: routing of approval items (risk to a person); 001 chapter 2, item 5.
select
    event_id,
    list_sort(list_filter(flags, lambda flag: list_contains($flags, flag))) as flags
from facts.care_event
where list_has_any(flags, $flags)
order by event_id
