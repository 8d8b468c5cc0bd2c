"""What the engine asks of a store. Everything that one batch changes is one transaction: all of it or nothing.

Every key begins with the source, and no row of one source refers to another's (design section 3.3), so that the
schema can be spread over machines. Moments are whole microseconds since 1970 (`domain.event.to_micros`).
Calls block: the engine makes them in the store's own thread.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple, Protocol

from monitor.domain.news import News
from monitor.domain.returns import Told
from monitor.domain.snapshot import TotalKey as TotalKey
from monitor.domain.snapshot import WeekKey as WeekKey

#: (contact, contact point): the source's own name of the matter, and where it is judged.
ContactKey = tuple[str, str]


class CursorRow(NamedTuple):
    """Where a source was left. `version` counts moves: it is what compare-and-swap compares."""

    version: int
    cursor: dict[str, Any] | None
    watermark: int | None
    last_outbound: int | None


#: `owed_until` of what is not over yet.
OPEN: Final = 2**62
#: So much of what was told of a customer, under each of his names, is looked at on either side of a moment (`Store.around`).
LOOKED_AT: Final = 200
#: A late word of one customer changes what is known of so many contacts after it; the next ones do not look back so far.
MOST_COMINGS: Final = 16

#: Microseconds for which it is kept that something was told: a daemon that rests longer does not hear of it.
TOLD_KEPT: Final = 14 * 86_400_000_000

NO_CURSOR = CursorRow(0, None, None, None)


class ContactRow(NamedTuple):
    """One contact. `record` is opaque to the store (the engine's packed events and ledger)."""

    contact: str
    contact_point: str
    id: str  # our own name of it, 16 hex digits
    channel: str
    begun: int
    last: int
    record: str
    deadline: int | None  # when it must be judged again without a new event; None: never
    running: str | None  # packed running waits, for the live state after a restart; None: none runs
    customer: str | None = None
    owed_since: int | None = None  # the earliest of what other contacts of the customer can settle, or could; None: nothing
    owed_until: int | None = None  # when the last of it was over; OPEN: it is not


class RunningRow(NamedTuple):
    """The running waits of one contact."""

    contact: str
    contact_point: str
    channel: str
    running: str  # packed
    owed_since: int | None
    id: str  # our own name of it


class SignalRow(NamedTuple):
    """One negative contact, as listed."""

    contact: str
    contact_point: str
    signal: str
    occurrence: str
    channel: str
    at: int
    waited_seconds: float | None
    limit_seconds: float | None
    related: str | None = None  # our id of another contact that it rests on


class ListedSignal(NamedTuple):
    """A signal with the names of its contact, for people."""

    source: str
    contact_id: str
    row: SignalRow


class Begun(NamedTuple):
    """A contact by when it began: the order in which history is gone through."""

    at: int
    source: str
    contact: str
    contact_point: str


class FoundContact(NamedTuple):
    """A contact with its source."""

    source: str
    row: ContactRow


class NamedEvent(NamedTuple):
    """An event that people may call by a name of its own, as a mail by its Message-ID."""

    contact: str
    event: str  # its id
    at: int


class ToldNews(NamedTuple):
    """What one transaction told: the earliest moment at which something is new, by each name of the customers.

    `number` grows with what is written later, by whichever process, up to a few seconds.
    """

    number: int
    since: dict[str, int]


class PlaceRow(NamedTuple):
    """A contact point that was discovered: where it was seen, and the name it got."""

    place: str
    contact_point: str
    channel: str


class GapRow(NamedTuple):
    """A span of which a source can tell nothing any more."""

    source: str
    since: int
    until: int


class Unit(Protocol):
    """One open transaction on one source. Reads see what it wrote. Leaving with an exception undoes all of it."""

    def cursor_row(self) -> CursorRow:
        """Where the source stands; NO_CURSOR when it was never read."""

    def move(self, version: int, cursor: dict[str, Any] | None, watermark: int | None, last_outbound: int | None) -> None:
        """Compare-and-swap: `version` becomes `version + 1`. Raises CursorMoved when another has moved it.

        `watermark` and `last_outbound` None leave what is stored.
        """

    def contacts(self, keys: Iterable[ContactKey]) -> dict[ContactKey, ContactRow]:
        """The stored ones among `keys`."""

    def contacts_named(self, names: Iterable[str]) -> dict[str, list[ContactRow]]:
        """All stored contacts of these names, by name, each name's in the order of their contact points."""

    def due(self, until: int, limit: int) -> Sequence[ContactRow]:
        """At most `limit` contacts whose deadline is <= `until`, earliest first."""

    def owed(self, since: Mapping[str, int]) -> Sequence[ContactRow]:
        """Contacts of these customers to whom something is owed still, or was after this moment (`owed_until` is later)."""

    def came(self, since: Mapping[str, int], *, besides: Collection[str] = ()) -> Sequence[ContactRow]:
        """With which these customers came, or in which these words were sent (`news.TELLING`), at this moment or after: of each
        the first MOST_COMINGS that any source knows, as far as they are this source's, without those of the ids `besides`."""

    def comings(self, asked: Sequence[tuple[Collection[str], int]]) -> list[set[tuple[str, str, int]]]:
        """For each (names, moment) with which contacts one who has these names came at this moment or after, as (source, contact,
        moment): of each name the first MOST_COMINGS."""

    def put_news(self, rows: Sequence[News]) -> None:
        """Remember news; of the same contact, kind and moment the later replaces the earlier. They are written by the source's
        own transaction alone, and read by all."""

    def drop_news(self, rows: Sequence[News]) -> None:
        """Forget these."""

    def news_of(self, contacts: Iterable[str]) -> list[News]:
        """All that these contacts have told."""

    def first_words(self, customers: Iterable[str], after: int, *, spoken: bool, besides: str) -> Told | None:
        """The earliest words of ours > `after` to one who has these names, whichever source tells them; `spoken`: by phone.

        Not from this source's own contact `besides`, unless it was by phone.
        """

    def news_before(self, asked: Sequence[tuple[Collection[str], int]]) -> list[list[Told]]:
        """For each (names, moment) what of one who has these names was told of his contacts until that moment, it included: the
        latest MOST_NEWS of each name, whichever source tells them."""

    def put_told(self, told: ToldNews) -> None:
        """Remember that news were told, for other processes and for after a restart (`Store.told_after`)."""

    def have_heard(self, number: int) -> None:
        """Remember that this source has heard of all news up to this number; that it told something itself is forgotten
        TOLD_KEPT before."""

    def put_contacts(self, rows: Sequence[ContactRow]) -> None:
        """Insert or replace."""

    def drop_contacts(self, keys: Sequence[ContactKey]) -> None:
        """Forget contacts; their signals stay listed as long as there is a contact of their name."""

    def put_named_events(self, rows: Sequence[NamedEvent]) -> None:
        """Make events of contacts known to `Store.find_event`; what is known stays."""

    def drop_named_events(self, contacts: Collection[str]) -> None:
        """Forget the events of these contacts that `Store.find_event` knows, where no contact of that name is left."""

    def put_signals(self, rows: Sequence[SignalRow]) -> None:
        """Insert or replace; identity is (contact, contact point, signal, occurrence)."""

    def drop_signals(self, keys: Sequence[tuple[str, str, str, str]]) -> None:
        """Forget signals by (contact, contact point, signal, occurrence)."""

    def add_totals(self, deltas: Mapping[TotalKey, float]) -> None:
        """Add to this source's totals; a key that is new begins at 0."""

    def add_weeks(self, deltas: Mapping[WeekKey, tuple[int, int]]) -> None:
        """Add (assessed, signals) to this source's weeks; may be negative after a correction."""

    def put_places(self, rows: Sequence[PlaceRow]) -> None:
        """Remember discovered contact points."""

    def drop_places(self, contact_point: str) -> None:
        """Forget where this contact point was discovered."""

    def write_state(self, entries: Mapping[str, str | None], at: int) -> None:
        """Keep a connector's own entries (`Batch.state`) under the source; None forgets one."""

    def put_gap(self, since: int, until: int) -> None:
        """Remember a gap of the source; one that was put before with the same `since` is replaced."""


class Store(Protocol):
    """A whole store. Raises StoreUnavailable for what may pass, StoreBroken for what will not."""

    def hold(self, sources: Collection[str]) -> None:
        """Be the only daemon that reads these sources into it, until `close` or the end of the process; let go of others.

        A daemon calls it before `open`, and again every few seconds: what was lost meanwhile is taken anew. Who only looks
        something up, or imports, holds nothing. Raises StoreHeld when another daemon has one of them.
        """

    def held_by(self, sources: Collection[str]) -> str | None:
        """The daemon that holds one of these sources, in words; None: none does. Holds nothing itself."""

    def open(self) -> None:
        """Make it ready: create or upgrade the schema. Raises StoreBroken when that cannot be."""

    def close(self) -> None:
        """Release it; nothing is lost."""

    def keep_key_check(self, value: str, *, replace: bool = False) -> str:
        """Keep the check value of the key that customers are hashed with, where none is kept yet or it is to be replaced.
        Returns the one that is kept."""

    def transaction(self, source: str) -> AbstractContextManager[Unit]:
        """Begin writing for one source. Only one writes for it at a time; a busy store raises StoreUnavailable."""

    def cursor_row(self, source: str) -> CursorRow:
        """Where a source stands, outside any transaction."""

    def read_state(self, source: str, keys: Iterable[str]) -> dict[str, str]:
        """A connector's entries under these keys; missing ones are left out."""

    def read_state_prefix(self, source: str, prefix: str) -> dict[str, str]:
        """All entries of a source whose key begins with `prefix`."""

    def next_deadline(self, source: str) -> int | None:
        """The earliest deadline of a source's contacts."""

    def running(self, source: str) -> Iterator[RunningRow]:
        """What runs in the contacts of a source, for the live state after a start."""

    def concerned(self, since: Mapping[str, int]) -> set[str]:
        """The sources with contacts of these customers that `Unit.owed` or `Unit.came` would give."""

    def heard(self, source: str) -> int:
        """The number up to which a source has heard of all news; 0: of none yet."""

    def told_after(self, number: int, besides: str) -> Iterator[tuple[str, ToldNews]]:
        """What was told with later numbers, by other sources than this one, in their order, with the source that told it: two
        may have told under one number."""

    def totals(self) -> dict[TotalKey, float]:
        """Summed over sources."""

    def weeks(self, since: str) -> dict[WeekKey, tuple[int, int]]:
        """Weeks that start on or after the ISO date `since`, summed over sources; zero pairs are left out."""

    def places(self, source: str) -> Sequence[PlaceRow]:
        """The discovered contact points of a source."""

    def at_contact_point(self, name: str) -> dict[str, list[str]]:
        """By source the contacts that stand at this contact point; of a source that has only discovered it, none."""

    def gaps(self, since: int) -> Sequence[GapRow]:
        """Gaps that end at or after `since`, oldest first."""

    def signals(
        self, *, since: int | None = None, until: int | None = None, contact_points: Collection[str] | None = None,
        signal: str | None = None, limit: int | None = None, after: ListedSignal | None = None,
    ) -> Iterator[ListedSignal]:  # fmt: skip
        """Signals with `since` <= moment < `until`, newest first; read in portions, each as it is when it is read. `after`: those
        that stand after this one, which need not be there any more."""

    def find(self, name: str) -> Sequence[FoundContact]:
        """Contacts by our id or by the source's own name, any source."""

    def find_event(self, event_id: str) -> Sequence[FoundContact]:
        """Contacts that hold an event of this id, of those put by `put_named_events`, any source."""

    def around(self, customers: Collection[str], moment: int, since: int, until: int, most: int) -> Sequence[FoundContact]:
        """The contacts that told something of one who has these names in [since, until], whichever source reads them: at most
        `most`, nearest to the moment first. Of each name LOOKED_AT things are looked at that were told up to the moment, and
        as many after it."""

    def begun_between(self, since: int, until: int) -> Iterator[FoundContact]:
        """Contacts that began in [since, until), for reports."""

    def begun_after(self, after: Begun, sources: Collection[str], most: int) -> Sequence[Begun]:
        """The first `most` contacts of these sources that are later than this one, in order."""

    def count_begun(self, after: Begun, sources: Collection[str]) -> int:
        """How many such contacts there are."""

    def signals_of_begun(self, since: int, until: int) -> Iterator[tuple[int, ListedSignal]]:
        """The signals of contacts that began in [since, until), whenever and wherever they fell, each with the moment at which
        its contact began; in no order."""

    def prune(self, before: int) -> Iterator[int]:
        """Drop contacts, with their signals and named events, whose last event is older and that wait for nothing, and
        entries, news and gaps that are older; totals and weeks stay. Each step is one short transaction, and says how many
        contacts went in it."""

    def size_bytes(self) -> int | None:
        """How large the store is on disk; None where that has no meaning."""

    def generation(self) -> int:
        """A number that changes when another process has written (an `import` beside the daemon)."""


def holds_event(record: str, event_id: str) -> bool:
    """Whether a contact's record may hold this event: its id stands there as a JSON string. The record is not understood here."""
    return any(form in record for form in (json.dumps(event_id), json.dumps(event_id, ensure_ascii=False)))
