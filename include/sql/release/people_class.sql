-- release.people_class: people whom one recoding leaves alike, and whether they are enough and mixed enough; never published
-- grain: recoding_no, age_band, gend, town, category
-- reads: release.people_recoded
-- source: k-anonymity (GB/T 42460-2023, annex D, as quoted in docs/explanation/privacy.md), distinct l-diversity
select
    recoding_no,
    age_band,
    gend,
    town,
    category,
    count(*) as people,
    count(distinct disease_group) as disease_groups,
    count(distinct relief_band) as relief_bands,
    count(*) >= $k and count(distinct disease_group) >= $l_disease_group and count(distinct relief_band) >= $l_relief_band as is_safe
from release.people_recoded
group by recoding_no, age_band, gend, town, category
