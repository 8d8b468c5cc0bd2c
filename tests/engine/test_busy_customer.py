"""What an event of a customer costs does not grow with what is stored of him: counted in statements and steps of the database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.connector import Batch
from monitor.domain.news import News
from monitor.store import make_store
from monitor.store.base import OPEN, ContactRow, Store
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon
from tests.engine.test_news import HOUR, Told
from tests.engine.test_one_customer import answered, called, commented, gave_up, mailed, opened, spoke

SOURCES = ("mail", "pbx", "rt")
FEW, MANY = 10, 20_000
#: A contact of every kind, over and done with: the copies differ in their names and moments alone.
SMALL_TALK: tuple[Told, ...] = (
    gave_up("lost", 0, "old"), mailed("mail", 600, "old"), answered("mail", 1200, "old", call=2 * HOUR),
    spoke("again", 1500, "old"), opened("ticket", 4000, "old"), commented("ticket", 5000, "old", send=3 * HOUR),
    called("out", 6000, "old"),
)  # fmt: skip
APART = timedelta(minutes=5)


def day_of(customer: str) -> list[tuple[str, Told]]:
    """What happens to him today, and a name for each; the last is read an hour late."""
    start = 100 * HOUR
    return [
        ("he gives up", gave_up(f"{customer}-1", start, customer)),
        ("he writes", mailed(f"{customer}-2", start + 600, customer)),
        ("he opens a ticket", opened(f"{customer}-3", start + 1500, customer)),
        ("we answer and promise a call", answered(f"{customer}-2", start + 1800, customer, call=start + 3 * HOUR)),
        ("he calls and is answered", spoke(f"{customer}-4", start + 2000, customer)),
        ("we answer the ticket", commented(f"{customer}-3", start + 2 * HOUR, customer, send=start + 4 * HOUR)),
        ("we call", called(f"{customer}-5", start + 2.5 * HOUR, customer)),
        ("he calls again", spoke(f"{customer}-6", start + 2.6 * HOUR, customer)),
        ("a mail of ours is read late", answered(f"{customer}-7", start + 1.6 * HOUR, customer)),
    ]


async def daemon(store: Store) -> RunningDaemon:
    clock = FakeClock(NINE)
    running = RunningDaemon(clock, {name: ScriptedConnector(clock) for name in SOURCES}, store)
    await running.generation.start()
    for name in SOURCES:
        await running.coordinator.store_batch(name, Batch(live_lag=timedelta(0)))
    return running


async def tell(running: RunningDaemon, told: Told) -> None:
    source, events = told
    await running.clock.advance(max(0.0, (events[-1].at - running.clock.now()).total_seconds()))
    await running.coordinator.store_batch(source, Batch(list(events), {"at": str(events[-1].at)}))


def copied(store: Store, customer: str, contacts: int) -> None:
    """So many contacts of this customer, the last of them two days before his day."""
    found = [found for found in store.begun_between(0, OPEN) if found.row.customer == "old"]
    for source in SOURCES:
        with store.transaction(source) as unit:
            rows = [each.row for each in found if each.source == source]
            news = unit.news_of({row.contact for row in rows})
            copies, told = list[ContactRow](), list[News]()
            for number in range(contacts // len(found)):
                back = int((APART * number).total_seconds() * 1e6)
                for row in rows:
                    copies.append(
                        _moved(row, f"{customer}-{row.contact}-{number}", f"{customer}{row.id[:4]}{number}", customer, back)
                    )
                for each in news:
                    name, our_id = f"{customer}-{each.contact}-{number}", f"{customer}{each.id[:4]}{number}"
                    until = None if each.until is None else each.until - back
                    told.append(each._replace(customer=customer, contact=name, id=our_id, at=each.at - back, until=until))
            unit.put_contacts(copies)
            unit.put_news(told)


def _moved(row: ContactRow, name: str, our_id: str, customer: str, back: int) -> ContactRow:
    owed_until = None if row.owed_until is None else row.owed_until - back
    owed_since = None if row.owed_since is None else row.owed_since - back
    return row._replace(
        contact=name, id=our_id, customer=customer, begun=row.begun - back, last=row.last - back, owed_since=owed_since,
        owed_until=owed_until, deadline=None, running=None,
    )  # fmt: skip


class Counter:
    """What the database is asked: statements, and steps of its virtual machine, of which each row looked at takes some."""

    def __init__(self) -> None:
        self.statements = self.steps = 0

    def take(self) -> tuple[int, int]:
        taken = self.statements, self.steps
        self.statements = self.steps = 0
        return taken

    def a_statement(self, statement: str) -> None:
        self.statements += 1

    def a_step(self) -> int:
        self.steps += 1
        return 0


@contextmanager
def counting(store: Any) -> Iterator[Counter]:
    """Counts on the connection that writes and on those that read."""
    counter = Counter()
    connections = [store._connected().connection.dbapi_connection]
    with store._engine.reading() as reader:
        connections.append(reader.connection.dbapi_connection)
    for each in connections:
        each.set_trace_callback(counter.a_statement)
        each.set_progress_handler(counter.a_step, 1)
    yield counter
    for each in connections:
        each.set_trace_callback(None)
        each.set_progress_handler(None, 0)


async def costs(running: RunningDaemon, customer: str) -> Mapping[str, tuple[int, int]]:
    found = {}
    with counting(running.store) as counter:
        for name, told in day_of(customer):
            counter.take()
            await tell(running, told)
            found[name] = counter.take()
    return found


async def test_an_event_costs_with_20_000_contacts_of_its_customer_what_it_costs_with_ten(tmp_path: Path) -> None:
    store = make_store(f"sqlite:{tmp_path / 'contacts.db'}")
    store.open()
    try:
        running = await daemon(store)
        for told in (*SMALL_TALK, *(told for _, told in day_of("eve"))):  # after that the clock stands for the others
            await tell(running, told)
        copied(store, "bob", FEW)
        copied(store, "ann", MANY)
        few, many = await costs(running, "bob"), await costs(running, "ann")
    finally:
        store.close()
    for name, (statements, steps) in few.items():
        assert 0 < many[name][0] <= statements, name
        assert 0 < many[name][1] <= steps * 1.25, name
