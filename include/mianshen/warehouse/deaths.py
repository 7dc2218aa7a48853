"""Persons whose death has been told, by the newest version of each notice."""

from __future__ import annotations

from sqlalchemy import select

from mianshen.warehouse import lake
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake
from mianshen.warehouse.ledger import DELIVERY


def dead(store: Lake, *, county_code: str) -> frozenset[str]:
    """person_keys of the dead, as the notices that stand tell them."""
    wanted = (DELIVERY.c.county_code == county_code, DELIVERY.c.feed == "notice", DELIVERY.c.state == "ACCEPTED")
    query = select(DELIVERY.c.delivery_id, DELIVERY.c.staged_run_id).where(*wanted, DELIVERY.c.staged_run_id.is_not(None))
    with store.engine.connect() as connection:
        standing = connection.execute(query.order_by(DELIVERY.c.received_at, DELIVERY.c.version, DELIVERY.c.delivery_id)).all()
    if not standing:
        return frozenset()
    with compute() as con:
        lake.show(con, "staging.notice", store.files("staging.notice", run_ids={row.staged_run_id for row in standing}))
        newest = """
            select person_key from (
                select person_key, notice_code, happened_on, list_position($deliveries, delivery_id) as place
                from staging.notice where list_contains($deliveries, delivery_id)
                qualify row_number() over (partition by list_code, notice_id order by place desc, line_no desc) = 1
            ) as told where notice_code = 'DEATH' and happened_on is not null and person_key is not null
        """
        found = con.execute(newest, {"deliveries": [row.delivery_id for row in standing]}).fetchall()
    return frozenset(key for (key,) in found)
