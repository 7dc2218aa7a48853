-- staging.roster_grid: one row is a row of a department's list whose village a grid of the county serves; the village stays behind
-- grain: delivery_id, line_no
-- reads: staging.landed_roster (lives within the task)
-- source: 001, visits per town and grid; the county's grids.yaml
select
    delivery_id,
    line_no,
    person_key,
    town,
    grid_code
from staging.landed_roster
where person_key is not null and grid_code is not null
