"""Where the chain from application to payment has a gap: queries that a whole ledger answers with 0."""

from __future__ import annotations

GAPS = {
    "a line without its payment": """
        select count(*) from payment_line l left join payment p on p.payment_id = l.payment_id
        where p.payment_id is null or p.payee_key <> l.payee_key""",
    "a payment that is not the sum of its lines": """
        select count(*) from (
            select p.payment_id from payment p left join payment_line l on l.payment_id = p.payment_id
            group by p.payment_id, p.amount_fen having coalesce(sum(l.amount_fen), 0) <> p.amount_fen
        ) as o""",
    "a line that differs from its award": """
        select count(*) from payment_line l left join award_posting a on a.award_id = l.award_id
        where a.award_id is null or a.kind <> 'award' or a.person_key <> l.payee_key or a.amount_fen <> l.amount_fen
            or a.department_code <> l.department_code or a.fund_code <> l.fund_code""",
    "an award whose item is another's": """
        select count(*) from award_posting a join approval_item i on i.approval_item_id = a.approval_item_id
        where i.person_key <> a.person_key or i.department_code <> a.department_code""",
    "an item without its application": """
        select count(*) from approval_item i left join application a on a.application_id = i.application_id
        where a.application_id is null or a.person_key <> i.person_key""",
    "an award whose application is not its item's": """
        select count(*) from award_posting a join approval_item i on i.approval_item_id = a.approval_item_id
        where a.application_id <> i.application_id""",
    "an application without an item": """
        select count(*) from application a left join approval_item i on i.application_id = a.application_id
        where i.application_id is null""",
    "an item that is not the sum of its awards": """
        select count(*) from (
            select i.approval_item_id from approval_item i left join award_posting a on a.approval_item_id = i.approval_item_id
            group by i.approval_item_id, i.amount_fen having coalesce(sum(a.amount_fen), 0) <> i.amount_fen
        ) as o""",
    "new money that no item decided": """
        select count(*) from (
            select l.payment_id from payment_line l join award_posting a on a.award_id = l.award_id
            where a.approval_item_id is null group by l.payment_id, l.department_code having sum(l.amount_fen) > 0
        ) as o""",
}
"""Queries over the ledger that count the gaps of one kind in the chain from application to payment."""
