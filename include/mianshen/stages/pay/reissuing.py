"""更正发放: what came back is claimed to be paid again as soon as its payee has another sound account."""

from __future__ import annotations

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.stages.pay.till import Till
from mianshen.warehouse import audit, bank_loop
from mianshen.warehouse.audit import Entry


def reissue(till: Till) -> dict[str, int]:
    """Claim every returned payment whose payee has an own account now that nothing came back from. Counts by name.

    Others wait: for the town's officer where money came back too often (`most_returns` of the pack), for a better account, or for
    a clerk who finds the account right (`mianshen payment reissue`).
    """
    job = till.job
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        waiting = bank_loop.returned(connection, county_code=job.county_code)
        refused = bank_loop.refused_accounts(connection, county_code=job.county_code)
        people = till.open(sorted({row["payee_key"] for row in waiting}), connection) if waiting else {}
        times = bank_loop.rounds(connection, county_code=job.county_code)
        often = {key for key in people if times.get(key, 0) >= job.pack.accounts.most_returns}
        better = {
            key
            for key, person in people.items()
            if key not in often and any(not one.is_flagged and one.account_key not in refused for one in person.accounts)
        }
        claimed = [
            row["payment_id"]
            for row in waiting
            if row["payee_key"] in better
            and bank_loop.claim(
                connection, row["payment_id"], reason_code="RETURNED", keeps_account=False, by=job.actor, at=job.moment
            )
        ]
        if claimed:
            detail = {"payments": len(claimed), "content_sha256": sha256_hex(canonical_json(claimed))}
            audit.append(connection, [Entry("payments.reissued", claimed[0], detail)], at=job.moment, actor=job.actor)
    return {"returned": len(waiting), "reissued": len(claimed), "left_to_town": len(often)}
