"""People hear of misses and warnings: one digest a channel, by mail and to work groups (企业微信, 钉钉), nothing told twice.

MIANSHEN_NOTIFY_MAIL    mail addresses, separated by commas; sent through the Airflow connection `mianshen_smtp`
MIANSHEN_NOTIFY_URLS    addresses of work groups as apprise writes them, separated by spaces, such as wecombot://KEY dingtalk://TOKEN

A digest is claimed in the ledger before it is sent, and what came of it is recorded after: taken, or certainly not taken, which
sends it again with the next one. Where no answer came, or the sender died, nobody knows: it is not sent again by itself, the page
运维 shows it, and a person who looked settles it (`mianshen clock told`). A mail's Message-ID is made of its alarms.
"""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from smtplib import SMTPServerDisconnected
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


LOST = "Socket Exception"
"""What apprise says when the line broke, before or after the server had the message."""
NEVER_SENT = ("NewConnectionError", "ConnectTimeout", "NameResolutionError")
"""How the line broke before anything was sent."""


class NotTakenError(RuntimeError):
    """A server did not take a digest; it is sent again with the next one."""


class UnansweredError(RuntimeError):
    """A server may have taken a digest: the answer was lost."""


class AlarmNotifier(BaseNotifier):
    """Tells every channel of the county what it has not heard yet; a channel that fails does not keep the others from hearing."""

    def __init__(self, *, pack: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pack = pack

    def notify(self, context: Context) -> None:
        """Send the digests; NotTakenError names how many channels failed, after the others were told."""
        failed = [one for one in channels() if not self._told(one, context)]
        if failed:
            raise NotTakenError(f"{len(failed)} 个通知渠道未送达或未知 channels did not take the digest, or nobody knows")

    def _told(self, channel: str, context: Context) -> bool:
        from mianshen.warehouse.alarms import claim, digest_id, record_outcome

        card, name = card_of(self.pack), channel_name(channel)
        ledger = defaults.ledger(defaults.home())
        with ledger.begin() as connection:
            alarms = claim(connection, card.county_code, channel=name, at=_moment())
        if not alarms:
            return True
        try:
            _send(channel, card, alarms, digest_id(alarms), context)
        except UnansweredError:
            self.log.warning("通知是否送达不明 %s: nobody knows whether it was told", name.split("|")[0])
            return False
        except Exception as trouble:
            self.log.warning("通知未送达 %s not told: %s", name.split("|")[0], type(trouble).__name__)
            is_taken = False
        else:
            is_taken = True
        with ledger.begin() as connection:
            record_outcome(connection, card.county_code, alarms, channel=name, is_taken=is_taken, at=_moment())
        return is_taken


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
    mail = SmtpNotifier(
        to=to,
        from_email=SENDER,
        subject=subject,
        html_content=f"<ul>{items}</ul>",
        custom_headers={"Message-ID": f"<{message_id}@mianshen>"},
        smtp_conn_id=SMTP,
    )
    try:
        mail.notify(context)
    except (SMTPServerDisconnected, TimeoutError) as cause:
        raise UnansweredError("mailto") from cause


def _post(channel: str, subject: str, lines: list[str]) -> None:
    import apprise

    group = apprise.Apprise()
    with apprise.LogCapture(level=apprise.logging.DEBUG) as said:  # type: ignore[no-untyped-call]
        if group.add(channel) and group.notify(title=subject, body="\n".join(lines)):
            return
        is_lost = LOST in said.getvalue() and not any(one in said.getvalue() for one in NEVER_SENT)
    raise (UnansweredError if is_lost else NotTakenError)(channel.split(":", 1)[0])


def _moment() -> str:
    return defaults.now().isoformat(timespec="seconds")
