-- How much left for the bank from each fund and department, to how many payees? By hand: paid without the bank.
-- 每项资金、每个部门送银行发放多少，多少收款人?by_hand 为人工发放。
select
    fund_code,
    department_code,
    sum(payees) as payees,
    sum(amount_fen) as amount_fen,
    sum(by_hand_fen) as by_hand_fen
from out_payment_summary
where mart_month = '2026-10'
group by fund_code, department_code
order by fund_code, department_code
