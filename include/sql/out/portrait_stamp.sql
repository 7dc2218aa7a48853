-- out.portrait_stamp: one row: as of when, by which runs and how sure the figures of this run of the portrait are
-- grain: run_id
-- reads: nothing; what the run was given is bound
-- source: every published figure carries its as-of stamp; banners where a number behind it is illustrative
select
    cast($run_id as varchar) as run_id,
    cast($run_month as varchar) as calendar_month,
    cast($known_at as varchar) as as_of,
    cast($facts_run_id as varchar) as facts_run_id,
    cast($assess_run_id as varchar) as assess_run_id,
    cast($policy_hash as varchar) as policy_hash,
    cast($policy_status as varchar) as policy_status,
    cast($lines_status as varchar) as lines_status,
    cast($small_cell as integer) as small_cell,
    cast($banner_zh as varchar) as banner_zh,
    cast($banner_en as varchar) as banner_en
