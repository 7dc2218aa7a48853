-- one row: a person whose money somebody should look at, because a listed row is flagged or an account is shared.
-- grain: person_key.
-- reads: staging.roster.
-- source: routing of approval items (risk to a person); 001 chapter 2, item 5.
-- $deliveries: the lists in force; $flags: flags that concern the payee or his account.
with
listed as (
    select
        person_key,
        account_key,
        list_has_any(flags, $flags) as is_flagged
    from staging.roster
    where list_contains($deliveries, delivery_id)
),

shared as (
    select account_key
    from listed
    where account_key is not null
    group by account_key
    having count(distinct person_key) > 1
)

select
    listed.person_key,
    bool_or(coalesce(listed.is_flagged, false)) as is_flagged,
    bool_or(shared.account_key is not null) as is_account_shared
from listed
left join shared on listed.account_key = shared.account_key
group by listed.person_key
having bool_or(coalesce(listed.is_flagged, false)) or bool_or(shared.account_key is not null)
order by listed.person_key
