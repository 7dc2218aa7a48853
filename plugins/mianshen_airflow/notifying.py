"""People hear of misses and warnings: one digest a channel, by mail and to work groups (企业微信, 钉钉), nothing told twice.

MIANSHEN_NOTIFY_MAIL    mail addresses, separated by commas; sent through the Airflow connection `mianshen_smtp`
MIANSHEN_NOTIFY_URLS    addresses of work groups as apprise writes them, separated by spaces, such as wecombot://KEY dingtalk://TOKEN

A digest is recorded as told after the server took it. Its Message-ID is made of its alarms, so that one that a crash sends
again is the same message to every mail server.
"""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.bases.notifier import BaseNotifier

from mianshen.core.digest import sha256_hex
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card, card_of

if TYPE_CHECKING:
    from mianshen.warehouse.alarms import Alarm

SMTP = "mianshen_smtp"
"""The Airflow connection of the mail server."""
SENDER = "mianshen@localhost"
"""Who a mail is from where the connection names nobody."""


class NotTakenError(RuntimeError):
    """A work group's server did not take a digest; it is sent again with the next one."""


class AlarmNotifier(BaseNotifier):
    """Tells every channel of the county what it has not heard yet; a channel that fails does not keep the others from hearing."""

    def __init__(self, *, pack: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pack = pack

    def notify(self, context: Context) -> None:
        """Send the digests; NotTakenError names how many channels failed, after the others were told."""
        failed = [one for one in channels() if not self._told(one, context)]
        if failed:
            raise NotTakenError(f"{len(failed)} 个通知渠道未送达 channels did not take the digest")

    def _told(self, channel: str, context: Context) -> bool:
        from mianshen.warehouse.alarms import digest_id, record_told, untold

        card, name = card_of(self.pack), channel_name(channel)
        ledger = defaults.ledger(defaults.home())
        with ledger.connect() as connection:
            alarms = untold(connection, card.county_code, channel=name)
        if not alarms:
            return True
        try:
            _send(channel, card, alarms, digest_id(alarms), context)
        except Exception as trouble:
            self.log.warning("通知未送达 %s not told: %s", name.split("|")[0], type(trouble).__name__)
            return False
        with ledger.begin() as connection:
            record_told(connection, card.county_code, alarms, channel=name, at=defaults.now().isoformat(timespec="seconds"))
        return True


class NotifyOperator(BaseOperator):
    """A task that notifies, so that what a channel did not take is seen and tried again."""

    def __init__(self, *, pack: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pack = pack

    def execute(self, context: Context) -> None:
        """Tell every channel."""
        AlarmNotifier(pack=self.pack).notify(context)


def channels() -> list[str]:
    """The mail addresses as one channel, then each work group."""
    mail = os.environ.get("MIANSHEN_NOTIFY_MAIL", "").replace(" ", "")
    return [*([f"mailto:{mail}"] if mail else []), *os.environ.get("MIANSHEN_NOTIFY_URLS", "").split()]


def channel_name(channel: str) -> str:
    """What stands in the ledger for a channel: its kind and a digest; addresses of work groups are keys."""
    return f"{channel.split(':', 1)[0]}|{sha256_hex(channel.encode())[:16]}"


def _send(channel: str, card: Card, alarms: Sequence[Alarm], message_id: str, context: Context) -> None:
    from mianshen.documents.alarm_text import digest_lines, subject_line

    subject = subject_line(alarms, county=card.county_name_zh)
    lines = digest_lines(alarms, limits=dict(card.limits), departments=dict(card.departments))
    if channel.startswith("mailto:"):
        _mail(channel.removeprefix("mailto:").split(","), subject, lines, message_id, context)
    else:
        _post(channel, subject, lines)


def _mail(to: list[str], subject: str, lines: list[str], message_id: str, context: Context) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    items = "".join(f"<li>{html.escape(one)}</li>" for one in lines)
    SmtpNotifier(
        to=to,
        from_email=SENDER,
        subject=subject,
        html_content=f"<ul>{items}</ul>",
        custom_headers={"Message-ID": f"<{message_id}@mianshen>"},
        smtp_conn_id=SMTP,
    ).notify(context)


def _post(channel: str, subject: str, lines: list[str]) -> None:
    import apprise

    group = apprise.Apprise()
    if not group.add(channel) or not group.notify(title=subject, body="\n".join(lines)):
        raise NotTakenError(channel.split(":", 1)[0])
