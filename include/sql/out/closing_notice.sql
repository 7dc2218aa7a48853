-- out.closing_notice: people whose benefit year stayed within a deductible and was closed in January, with what they are told
-- grain: person_key, benefit_year
-- reads: out.assessment
-- source: docs/reference/relief-semantics.md, 5.3 (below: closed)
select
    person_key,
    benefit_year,
    count(*) as visits,
    cast(sum(base_fen) as bigint) as base_fen,
    benefit_year || ' 年度共 ' || count(*) || ' 次费用,合规自付合计 ' || yuan_text(cast(sum(base_fen) as bigint))
    || ' 元,全年未超过起付线,不予救助,现予结案。之后又收到该年度费用的,重新计算。' as notice_zh
from out.assessment
where reason_code = 'YEAR_CLOSED'
group by person_key, benefit_year
