"""What the HTTP side asks of the daemon. The engine is put behind this by the one composition function."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple, Protocol

from monitor.domain.event import Channel
from monitor.domain.snapshot import Snapshot, WhoWaits
from monitor.publish.report.values import WeekReport, WeekSummary
from monitor.publish.web.hosts import Hosts

#: Our own name of a contact.
CONTACT_ID: Final = re.compile("[0-9a-f]{16}")
NO_SUCH_CONTACT: Final = "no such contact: its address is a mistake, it is older than what is kept, or it was forgotten"
#: `stored`: what could be used is in the store, durably. The others: nothing is, and why.
PushStatus = Literal["stored", "unauthorised", "unknown_source", "unavailable"]


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of pushed contact events.

    `accepted` are in the store, `repeated` of them were there before. `rejected` holds (line number from 1, reason without
    the customer's data).
    """

    status: PushStatus
    accepted: int = 0
    repeated: int = 0
    rejected: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One contact and why it is or is not a signal.

    `contract`: exactly what `explain --json` says, with `others` (contacts of the same customer). `explained`: the same, with
    what only people need: `timezone`, `seen_until`, `outcomes`, and of each wait its `calendar` and, of a promise, `deed`,
    `rule`, `kept_by` and `late_seconds`.
    """

    explained: Mapping[str, Any]
    contract: Mapping[str, Any]


class SignalsWanted(NamedTuple):
    """Which signals are asked for. None: all. `cursor`: those after the page that gave it."""

    since: datetime
    until: datetime | None = None  # before it, not at it
    contact_points: frozenset[str] | None = None
    signal: str | None = None
    limit: int = 100
    cursor: str | None = None


class SignalsPage(NamedTuple):
    """Signals, newest first, each as `signals --format json` says it. `cursor` asks for the next page; None: this is the last."""

    rows: Sequence[Mapping[str, Any]]
    cursor: str | None = None


class Gap(NamedTuple):
    """A span of which a source can tell nothing any more."""

    source: str
    since: datetime
    until: datetime


class MailCount(NamedTuple):
    """So many mails of a week's report, what became of them, and when the last of them became so.

    `perhaps`: nobody knows whether the mail server took them.
    """

    state: Literal["claimed", "sent", "perhaps", "refused", "later"]
    number: int
    at: datetime


class Services(Protocol):
    """The daemon, as seen by its pages."""

    def snapshot(self) -> Snapshot:
        """The latest snapshot; cheap, called on the event loop."""

    async def changed(self, after: int, within: float) -> int:
        """Waits until something that is shown has another version than `after`, for `within` seconds at most.

        Returns the version, which counts what was committed, swept, heard of a source, reloaded. It is at once where it is
        another already: take it first and the snapshot then, and nothing is missed. No version is below 0. What only time
        brings (a source that falls behind, a contact point that opens) has none.
        """

    def waiting(self, contact_point: str, channel: Channel, limit: int) -> Mapping[str, WhoWaits]:
        """By wait who waits at a contact point, the longest first: of each kind that runs `limit` at most.

        Without sources that are blind; which is known of the whole contact point by `PointState.running`. Cheap, called on the
        event loop.
        """

    def next_limits(self, limit: int) -> WhoWaits:
        """What falls due within NEXT_LIMITS_WITHIN, all contact points together, the nearest first: `limit` at most.

        Without what is overdue, and without sources that are blind. Cheap, called on the event loop.
        """

    def users(self) -> Mapping[str, str] | None:
        """Name -> bcrypt hash of those who may read; None or empty: anybody may."""

    def wall_users(self) -> Mapping[str, str]:
        """Likewise, of those who may see the wall alone; none where `users` has none."""

    def hosts(self) -> Hosts:
        """By which names pages may be asked for, where there are no users."""

    async def reload(self) -> Sequence[str]:
        """Reads the configuration again. The problems for which it was refused; empty: it is in force."""

    async def signals(self, wanted: SignalsWanted) -> SignalsPage | None:
        """The newest signals of those asked for, `limit` at most. None: the cursor stands at none that is kept.

        Raises StoreUnavailable.
        """

    async def gaps(self, since: datetime) -> Sequence[Gap]:
        """The gaps of all sources that ended since a moment. Raises StoreUnavailable."""

    async def weeks(self) -> Sequence[WeekSummary]:
        """The weeks of which anything is known, a year of them and the running one at most, the newest first.

        Raises StoreUnavailable.
        """

    async def week(self, monday: date) -> WeekReport:
        """The report of the week that begins on this Monday; with `of` that of one contact point, in whose own zone it is.

        Of a week in which nothing happened, or that has not begun, it has no figures. It may be some seconds old, and be waited
        for as long where a week has many contacts. Raises StoreUnavailable.
        """

    async def mails(self, week: str) -> Sequence[MailCount]:
        """What became of the mails of a week's report (as 2026-W46); none where nobody is to get any. Raises StoreUnavailable."""

    async def contact(self, contact: str) -> Evidence | None:
        """The contact of our id; None when there is none. Raises StoreUnavailable."""

    async def settle(self, contact: str, reason: str, by: str) -> Sequence[str] | None:
        """Settles the contact of our id: no answer is needed, says `by`. Which waits ended; None: no such contact.

        Raises StoreUnavailable.
        """

    def push_target(self, source: str | None, token: str | None) -> str | PushResult:
        """The source that takes what whoever shows this token pushes, or why none does. Compares in constant time.

        `source` None: whichever accepts this token.
        """

    async def push(self, source: str | None, token: str | None, lines: Sequence[tuple[int, bytes]]) -> PushResult:
        """Stores contact events (contract section 7) of one source: (line number from 1, one JSON object).

        Returns once they are durable. Never raises for bad lines.
        """
