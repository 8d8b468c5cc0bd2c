"""Sends a week's report to those who have not got it: claim, hand over, write down; one recipient after the other.

The daemon and `report --send` do the same. Everything here blocks.
"""

from collections.abc import Mapping
from threading import Event
from typing import NamedTuple

from monitor import log
from monitor.clock import Clock
from monitor.errors import StoreUnavailable
from monitor.notify.weekly.book import Asked, Book, Delivery, recipient_key
from monitor.notify.weekly.smtp import MailServerError, Outcome, Server, Session, session
from monitor.publish.letter import Letter, as_bytes, bare

#: The teams whose contact points a recipient is told of; empty: all.
Teams = frozenset[str]


class Plan(NamedTuple):
    """Who gets the report, from whom, by which server."""

    recipients: Mapping[str, Teams]  # by address, as `Name <address>` or alone
    sender: str
    server: Server


class Mailing:
    """The mailing of reports."""

    def __init__(self, plan: Plan, book: Book, clock: Clock) -> None:
        self.plan, self.book, self._clock = plan, book, clock

    def waiting(self, week: str, asked: Asked = Asked.NOT) -> Mapping[str, Teams]:
        """The recipients to whom this week's report can be sent now. Raises StoreUnavailable."""
        now = self._clock.now()
        known = self.book.of_week(week, now)
        return {
            recipient: teams
            for recipient, teams in self.plan.recipients.items()
            if (delivery := known.get(recipient_key(bare(recipient)))) is None or delivery.is_free(now, asked)
        }

    def standing(self, week: str) -> Mapping[str, Delivery]:
        """What became of each recipient's mail of a week; those that were not tried are left out. Raises StoreUnavailable."""
        known = self.book.of_week(week, self._clock.now())
        keys = {recipient: recipient_key(bare(recipient)) for recipient in self.plan.recipients}
        return {recipient: known[key] for recipient, key in keys.items() if key in known}

    def send(self, week: str, letters: Mapping[Teams, Letter], asked: Asked = Asked.NOT, *, stop: Event | None = None) -> None:
        """Sends each waiting recipient the letter of his teams. `stop`: ends after the mail that is on its way.

        Raises MailServerError where the server takes nothing, after what it took; StoreUnavailable, when nothing was sent that
        is not written down.
        """
        waiting = {recipient: teams for recipient, teams in self.waiting(week, asked).items() if teams in letters}
        if not waiting:
            return
        with session(self.plan.server) as open_session:
            for recipient, teams in waiting.items():
                if stop is not None and stop.is_set():
                    return
                if self.book.claim(week, bare(recipient), self._clock.now(), asked) is None:
                    self._send_one(open_session, week, recipient, letters[teams], asked)

    def _send_one(self, open_session: Session, week: str, recipient: str, letter: Letter, asked: Asked) -> None:
        now, key = self._clock.now(), recipient_key(bare(recipient))
        # The same mail has the same name, so that mail systems can drop a second one; what is asked for again has another.
        message_id = f"{week}.{key}{f'.{now:%Y%m%dT%H%M%S}' if asked is Asked.AGAIN else ''}.report"
        data = as_bytes(letter, self.plan.sender, recipient, now, message_id)
        try:
            outcome = open_session.send(bare(self.plan.sender), bare(recipient), data)
        except MailServerError as error:
            self._settle(week, recipient, Outcome("later", str(error)))
            raise
        self._settle(week, recipient, outcome)

    def _settle(self, week: str, recipient: str, outcome: Outcome) -> None:
        try:
            tell(
                week,
                recipient,
                self.book.settle(week, bare(recipient), Delivery(outcome.state, self._clock.now(), why=outcome.why)),
            )
        except StoreUnavailable as error:  # the claim stands, so it is not sent a second time
            said = {"recipient": recipient, "state": outcome.state, "error": str(error)}
            log.get("report").error("cannot write down what became of a mail", week=week, **said)


def tell(week: str, recipient: str, delivery: Delivery) -> None:
    """One line in the log for what became of a mail."""
    logger = log.get("report")
    said: dict[str, str] = {"week": week, "recipient": recipient}
    if delivery.state == "sent":
        logger.info("weekly report sent", **said)
    elif delivery.state == "perhaps":
        logger.error("weekly report perhaps sent, it is not sent again by itself", **said, why=delivery.why)
    elif delivery.state == "refused":
        logger.error("weekly report refused, it is not sent again by itself", **said, why=delivery.why)
    elif delivery.tries <= 1:
        logger.warning("weekly report not taken now, trying again", **said, why=delivery.why)
