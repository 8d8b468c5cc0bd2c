"""Who has got which week's report, kept in the store.

A mail server cannot be asked afterwards whether it took a mail. So each mail is claimed first: written down as about to be
sent, in one transaction that only one process wins. What ends between the claim and the server's answer has perhaps been sent,
and is never sent again by itself. The store holds no address: recipients are kept by a hash of theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from hashlib import blake2b
from typing import Any, Final, Literal

from monitor.domain.event import from_micros, to_micros
from monitor.store.base import CursorRow, Store

#: Nobody else writes there: no source can be called so. What is aged out of a source's state stays in its cursor.
PLACE: Final = "report:mail"
WEEKS_KEPT: Final = 60
#: A claim without an answer by then has perhaps been sent: no mail server is waited for so long.
CLAIM_SECONDS: Final = 1800.0
#: Seconds until a recipient whom the server cannot take now is tried again.
PAUSES: Final = (300.0, 900.0, 3600.0, 3600.0, 7200.0, 14400.0, 14400.0, 28800.0)


class Asked(IntEnum):
    """Who wants a mail to be sent: nobody in particular; somebody, unless it was sent; somebody, once more."""

    NOT = 0
    ONCE = 1
    AGAIN = 2


State = Literal["claimed", "sent", "perhaps", "refused", "later"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one week's mail to one recipient.

    `claimed`: about to be sent; `perhaps`: nobody knows whether the server took it; `refused`: not taken, and not tried again by
    itself; `later`: not taken, tried again after a pause.
    """

    state: State
    at: datetime
    tries: int = 0
    why: str = ""

    @property
    def again_at(self) -> datetime | None:
        """When it may be tried again by itself; None: never."""
        return self.at + timedelta(seconds=PAUSES[self.tries - 1]) if self.state == "later" else None

    def as_of(self, now: datetime) -> "Delivery":
        """A claim whose time is over has perhaps been sent."""
        over = self.state == "claimed" and now - self.at >= timedelta(seconds=CLAIM_SECONDS)
        return replace(self, state="perhaps", why="the monitor ended while it was being sent") if over else self

    def is_free(self, now: datetime, asked: Asked) -> bool:
        """Whether it may be claimed: who asks gets at once what surely nobody has."""
        if self.state in ("later", "refused"):
            return asked >= Asked.ONCE or (self.again_at is not None and now >= self.again_at)
        return asked is Asked.AGAIN and self.state != "claimed"


Deliveries = Mapping[str, Delivery]


def recipient_key(address: str) -> str:
    """Under what a recipient is kept; upper and lower case are alike."""
    return blake2b(address.casefold().encode(), digest_size=8, person=b"report").hexdigest()


class Book:
    """The book of deliveries in a store. Its calls block, and raise StoreUnavailable and StoreBroken."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_week(self, week: str, now: datetime) -> Deliveries:
        """What became of a week's mails, by the keys of recipients."""
        kept = _weeks(self._store.cursor_row(PLACE)).get(week, {})
        return {key: _unpacked(each).as_of(now) for key, each in kept.items()}

    def last_sent(self) -> datetime | None:
        """When a mail server last took a mail of any week; None: never."""
        kept = _weeks(self._store.cursor_row(PLACE)).values()
        deliveries = (_unpacked(each) for of_week in kept for each in of_week.values())
        return max((each.at for each in deliveries if each.state == "sent"), default=None)

    def claim(self, week: str, address: str, now: datetime, asked: Asked = Asked.NOT) -> Delivery | None:
        """Takes on to send it: None, or what hinders it. Of several processes one wins."""
        key = recipient_key(address)
        with self._store.transaction(PLACE) as unit:
            row = unit.cursor_row()
            weeks = _weeks(row)
            before = _unpacked(weeks[week][key]).as_of(now) if key in weeks.get(week, {}) else None
            if before is not None and not before.is_free(now, asked):
                return before
            tries = before.tries if before is not None and before.state == "later" else 0
            unit.move(row.version, _with(weeks, week, key, Delivery("claimed", now, tries)), None, None)
        return None

    def settle(self, week: str, address: str, delivery: Delivery) -> Delivery:
        """Writes down what became of a claim. What fails for now too often is refused. Returns what is written."""
        key = recipient_key(address)
        with self._store.transaction(PLACE) as unit:
            row = unit.cursor_row()
            weeks = _weeks(row)
            before = _unpacked(weeks[week][key]).tries if key in weeks.get(week, {}) else 0
            if delivery.state == "later":
                final = before >= len(PAUSES)
                delivery = replace(delivery, state="refused" if final else "later", tries=before + 1)
            unit.move(row.version, _with(weeks, week, key, delivery), None, None)
        return delivery

    def give_up_claims(self, week: str, now: datetime) -> int:
        """Writes down that claims whose time is over have perhaps been sent. Returns how many became so by this call."""
        kept = _weeks(self._store.cursor_row(PLACE)).get(week, {})
        if not any(_is_over(each, now) for each in kept.values()):
            return 0
        with self._store.transaction(PLACE) as unit:
            row = unit.cursor_row()
            weeks = _weeks(row)
            over = [key for key, each in weeks.get(week, {}).items() if _is_over(each, now)]
            for key in over:
                weeks = _with(weeks, week, key, _unpacked(weeks[week][key]).as_of(now))
            unit.move(row.version, weeks, None, None)
        return len(over)


def _is_over(packed: list[Any], now: datetime) -> bool:
    delivery = _unpacked(packed)
    return delivery.state == "claimed" and delivery.as_of(now).state == "perhaps"


def _weeks(row: CursorRow) -> dict[str, dict[str, list[Any]]]:
    return row.cursor or {}


def _with(weeks: Mapping[str, dict[str, list[Any]]], week: str, key: str, delivery: Delivery) -> dict[str, dict[str, list[Any]]]:
    """With one delivery of a week; of the others the latest WEEKS_KEPT stay. ISO weeks sort as text."""
    latest = sorted(weeks.keys() - {week})[-WEEKS_KEPT:]
    return {**{each: weeks[each] for each in latest}, week: {**weeks.get(week, {}), key: _packed(delivery)}}


def _packed(delivery: Delivery) -> list[Any]:
    return [delivery.state, to_micros(delivery.at), delivery.tries, delivery.why]


def _unpacked(packed: list[Any]) -> Delivery:
    state, at, tries, why = packed
    return Delivery(state, from_micros(at), tries, why)
