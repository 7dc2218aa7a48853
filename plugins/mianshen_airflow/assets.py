"""What the DAGs of a county tell each other. Wake-ups carry no partition; accepted data carry one."""

from __future__ import annotations

from dataclasses import dataclass

from airflow.sdk import Asset, AssetWatcher

from mianshen_airflow.triggers import DueMomentTrigger, InboxTrigger


@dataclass(frozen=True, slots=True)
class CountyAssets:
    """The assets of one county."""

    inbox: Asset
    """Files have arrived; watched by the triggerer."""
    landed: Asset
    """Wake-up: deliveries wait to be judged."""
    settlements: Asset
    """Accepted settlements; partition 2026-10-05, or 2026-10 for a file of a whole month."""
    rosters: Asset
    """Accepted lists; partition `county|list_code|month`."""
    rosters_complete: Asset
    """Every expected list of a month was accepted; partition 2026-10."""
    overdue: Asset
    """Wake-up: a due moment passed with a clock still open."""
    missed: Asset
    """Wake-up: misses were recorded at their due moment; watched by the triggerer."""
    applied: Asset
    """Wake-up: applications were made."""
    decided: Asset
    """Wake-up: items were decided."""
    paid: Asset
    """Wake-up: payment batches were made."""


def assets_of(pack: str) -> CountyAssets:
    """The county's assets, the same objects' names wherever they are named."""

    def named(what: str) -> Asset:
        return Asset(name=f"{pack}.{what}", uri=f"x-mianshen://{pack}/{what}", group="mianshen")

    inbox = Asset(
        name=f"{pack}.inbox",
        uri=f"x-mianshen://{pack}/inbox",
        group="mianshen",
        watchers=[AssetWatcher(name=f"{pack}.inbox_watcher", trigger=InboxTrigger(pack=pack))],
    )
    missed = Asset(
        name=f"{pack}.missed",
        uri=f"x-mianshen://{pack}/missed",
        group="mianshen",
        watchers=[AssetWatcher(name=f"{pack}.clock_watcher", trigger=DueMomentTrigger(pack=pack))],
    )
    return CountyAssets(
        inbox=inbox,
        landed=named("landed"),
        settlements=named("settlements"),
        rosters=named("rosters"),
        rosters_complete=named("rosters_complete"),
        overdue=named("overdue"),
        missed=missed,
        applied=named("applied"),
        decided=named("decided"),
        paid=named("paid"),
    )
