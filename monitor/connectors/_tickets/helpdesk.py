"""What a helpdesk's own part provides, and all that a new helpdesk has to write (docs/new-connector.md tells it in steps)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from monitor.connector import Finding, Place, Untold
from monitor.connectors._tickets.facts import Ticket, Words
from monitor.connectors._tickets.rules import Rules

#: Why a ticket that was there cannot be seen any more.
Absence = Literal["deleted", "out_of_sight"]


class Row(NamedTuple):
    """A ticket as a listing names it."""

    ref: str  # what the interface calls it
    updated: datetime  # when it was changed last, aware
    data: Any = None  # whatever `Helpdesk.ticket` wants to have of the listing
    kept: Any = None  # what `Ticket.kept` was at the last reading, of a system whose tickets are known by their `ref`


class Listing(NamedTuple):
    """One page of the tickets that were changed at or after a moment."""

    rows: Sequence[Row]
    mark: Any = None  # of the next page, JSON; None: there is none
    total: int | None = None  # tickets on this page and the following ones, where the system tells


class Helpdesk(Protocol):
    """One system's interface, read-only. Every method raises SourceError (`HttpClient` does); moments are those of its clock."""

    #: The key of contact points that a ticket's queue, project or group stands for.
    place: Place
    #: How far back a listing reaches beyond what is known: for changes that are seen late, and clocks that are read wrongly.
    overlap: timedelta
    #: How old a change is before it is certain to be listed; whole-second clocks and search indexes want some.
    lag: timedelta
    rough: bool  # whether its moments have whole seconds
    looked_at: int  # open tickets that `absent` is asked for about once a minute

    def connected(self) -> AbstractAsyncContextManager[None]:
        """What the others are called inside of."""

    def now(self) -> datetime:
        """The server's clock; known once it has answered."""

    async def prepare(self) -> Rules:
        """Called first in each pass: learns what is needed to understand the tickets. Keep it cheap."""

    def untold(self) -> Untold:
        """What this account cannot see, as far as it turned out until now."""

    async def changed(self, since: datetime, mark: Any) -> Listing:
        """A page of the tickets that were changed at or after `since`; `mark` None: the first.

        The order must be one in which a ticket that is changed meanwhile moves no other past the mark: by id, not by the moment.
        """

    async def gather(self, rows: Sequence[Row]) -> None:
        """Called before `ticket` is for each of these: for what a system gives of many at once."""

    async def ticket(self, row: Row) -> Ticket | Absence | None:
        """A ticket with its whole history; why it cannot be seen, where the listing says so; None where it is gone meanwhile.
        Raises DataError for what is no ticket."""

    async def words(self, ref: str, *, ours: bool = False) -> Words:
        """What a message says (`Message.words_ref`): a customer's, to see whether it is a mere thank-you or a machine's; `ours`,
        to see what it promises, whatever files it has."""

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence] | None:
        """Which of these tickets cannot be seen any more, and why; merged ones are left out. None: the listing tells it."""

    def check(self) -> AsyncIterator[Finding]:
        """After `prepare`: who is who, which queues are seen, what is missing."""
