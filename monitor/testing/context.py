"""What the engine gives a connector, for tests: a context and connector state kept in memory."""

from collections.abc import Callable, Iterable
from datetime import UTC, tzinfo

from monitor.clock import Clock
from monitor.connector import Batch, Context, Cursor, StateReader
from monitor.domain.customer import customer_hasher
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.text_reading import TextReader
from monitor.testing.clock import FakeClock


class FakeState:
    """Keeps what batches ask to keep, as the store does: entries and the newest cursor."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.cursor: Cursor | None = None

    def store(self, batch: Batch) -> None:
        """Stores the entries and the cursor of a batch."""
        for key, entry in batch.state.items():
            if entry is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = entry
        if batch.cursor is not None:
            self.cursor = batch.cursor

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        return {key: self.entries[key] for key in keys if key in self.entries}

    async def prefix(self, prefix: str) -> dict[str, str]:
        return {key: entry for key, entry in self.entries.items() if key.startswith(prefix)}


def make_context(
    source: str = "source",
    *,
    clock: Clock | None = None,
    timezone: tzinfo = UTC,
    country: str = "GB",
    hash_customer: Callable[[str], str] | None = None,
    state: StateReader | None = None,
    places: Iterable[str] = (),
) -> Context:
    """A context as the daemon makes one; the clock is a FakeClock and the state is empty where none is given. It is open from
    Monday to Friday, 9:00 to 17:30."""
    hours = Calendar("office", timezone, parse_week({"mon-fri": "09:00-17:30"}))
    return Context(
        source=source,
        clock=clock or FakeClock(),
        timezone=timezone,
        country=country,
        hash_customer=hash_customer or customer_hasher(b"a key for tests", country),
        state=state or FakeState(),
        read_text=TextReader(lambda _place, _channel: hours),
        places=frozenset(places),
    )
