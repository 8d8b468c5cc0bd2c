"""The one composition function: settings -> a runnable daemon. A reload builds a new generation over the same store."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache, lru_cache, partial
from hashlib import blake2b
from importlib import import_module
from itertools import chain, repeat
from typing import Final

from monitor import log
from monitor.clock import Clock
from monitor.config.models import Settings
from monitor.config.policies import DEFAULT_POLICY, HoursOfPlaces, PolicyResolver, calendars, make_directory, places_of
from monitor.connector import Connector, Context, ReadText, StateReader
from monitor.connectors._discover import event_ids, naming_types, source_types
from monitor.daemon.notifying import make_notifier, receiver_problems
from monitor.daemon.people import people_of
from monitor.daemon.privacy_key import customer_key, take_up
from monitor.daemon.reporting import make_weekly_mail, report_problems
from monitor.domain.alike import sketch_key
from monitor.domain.customer import customer_hasher
from monitor.domain.event import Channel
from monitor.domain.ledger import week_start
from monitor.domain.people import Names
from monitor.domain.snapshot import ReportMails, Snapshot
from monitor.engine.adoption import Adoption
from monitor.engine.changes import Changes
from monitor.engine.coordinator import STORE_PAUSES, Coordinator, store_thread
from monitor.engine.directory import Directory
from monitor.engine.ingest import Ingest
from monitor.engine.known import EventIds
from monitor.engine.live_state import WEEKS_SHOWN, LiveState, SourceStatus
from monitor.engine.runner import Runner
from monitor.engine.store_health import COUNTERS, StoreHealth
from monitor.engine.supervise import adopt, flush, forever, hold, prune, sweep
from monitor.engine.transaction import NamesOf
from monitor.engine.weekly import week_report
from monitor.errors import ConfigError, StoreBroken, StoreHeld, StoreUnavailable
from monitor.publish.report.values import WeekReport
from monitor.store import make_store
from monitor.store.base import Store

#: So many chunks of each source are judged by changed limits before the daemon shows anything; what takes longer goes on
#: while it runs, beside what comes in.
ADOPTED_AT_START: Final = 2
#: A weekly report that is due waits so long for sources that have not been read since the start.
CATCHING_UP: Final = timedelta(minutes=15)


class StoredState:
    """A connector's state, read through the store's thread."""

    def __init__(self, coordinator: Coordinator, source: str) -> None:
        self._coordinator = coordinator
        self._source = source

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        return await self._coordinator.call(self._coordinator.store.read_state, self._source, tuple(keys))

    async def prefix(self, prefix: str) -> dict[str, str]:
        return await self._coordinator.call(self._coordinator.store.read_state_prefix, self._source, prefix)


class Generation:
    """Everything that one configuration makes: directory, live state, connectors, their runners."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        key: bytes,
        *,
        executor: Executor | None = None,
        changes: Changes | None = None,
        store_health: StoreHealth | None = None,
    ) -> None:
        """`executor` runs what is asked of the store (default: one thread), `changes` counts what changes of what is shown."""
        self.settings = settings
        self.clock = clock
        self.key = key
        book = PolicyResolver(settings, calendars(settings))
        bounds = book.bounds()
        self.directory: Directory = make_directory(settings, book)
        self.live_state = LiveState(
            self.directory, bounds, clock.now(), changes=changes or Changes(), store_health=store_health or StoreHealth()
        )
        names = Names(people_of(settings, key))
        self.names_of: NamesOf = names.of
        ingest = Ingest(store, self.directory, bounds, event_ids_of(settings, key), naming_types(), names)
        self.coordinator = Coordinator(store, ingest, self.live_state, clock, executor)
        self.adoption = Adoption(self.coordinator, ingest, limits_of(settings))
        self.notifier = make_notifier(settings, self.coordinator, clock)
        self.weekly_mail = make_weekly_mail(settings, store, clock, self._report, self._has_caught_up, self._show_mails)
        self.connectors: dict[str, Connector] = {}
        self.statuses: dict[str, SourceStatus] = {}
        for name, source in settings.sources.items():
            connector = make_connector(settings, name, clock, key, StoredState(self.coordinator, name))
            self.statuses[name] = SourceStatus(name, source.type, connector.live, source.poll_every, tried=not source.enabled)
            if source.enabled:
                self.connectors[name] = connector

    def _has_caught_up(self) -> bool:
        """Whether every source that is read can be seen, or has had its time to: what came while we were down is waited for."""
        now = self.clock.now()
        return now - self.live_state.config_loaded_at >= CATCHING_UP or self.connectors.keys() <= set(self.live_state.seen(now))

    def _report(self, monday: date, now: datetime) -> WeekReport:
        """The report of the week that begins on this Monday. Blocks, in whichever thread; raises StoreUnavailable."""
        blind = self.live_state.blind_since(now)
        return week_report(self.coordinator.store, self.directory, monday, now, self.settings.timezone, blind=blind)

    def _show_mails(self, mails: ReportMails) -> None:
        if mails != self.live_state.report_mails:
            self.live_state.report_mails = mails
            self.live_state.changes.record()

    async def start(self) -> None:
        """Restores what is stored. Raises StoreBroken, StoreUnavailable."""
        # One week more than is shown: a contact point's zone may still be in the week before.
        first_week = week_start(self.clock.now(), self.settings.timezone, WEEKS_SHOWN + 1)
        await self.coordinator.start(self.statuses.values(), first_week)
        with suppress(StoreUnavailable):  # it is tried again while the daemon runs, and goes on there
            await self.adoption.go_on(ADOPTED_AT_START)

    async def run(self, until: "asyncio.Event") -> None:
        """Runs every source until the event is set; then writes what is still in memory."""
        try:
            async with asyncio.TaskGroup() as group:
                children = [
                    group.create_task(
                        forever(name, Runner(self.statuses[name], connector, self.coordinator, self.clock).run), name=name
                    )
                    for name, connector in self.connectors.items()
                ]
                if self.notifier is not None:
                    children.append(group.create_task(forever("notify", self.notifier.run), name="notify"))
                if self.weekly_mail is not None:
                    children.append(group.create_task(forever("weekly report", self.weekly_mail.run), name="weekly report"))
                retention = timedelta(seconds=self.settings.privacy.retention)
                for name, work in (
                    ("sweep", partial(sweep, self.coordinator, self.clock)),
                    ("adopt", partial(adopt, self.adoption, self.clock)),
                    ("flush", partial(flush, self.coordinator, self.clock)),
                    ("hold", partial(hold, self.coordinator, self.clock, self.connectors.keys())),
                    ("prune", partial(prune, self.coordinator, self.clock, retention)),
                ):
                    children.append(group.create_task(forever(name, work), name=name))
                await until.wait()
                for child in children:
                    child.cancel()
        except BaseExceptionGroup as group:
            for kind in (StoreBroken, StoreHeld):
                if (found := group.subgroup(kind)) is not None:
                    raise kind(str(found.exceptions[0])) from group
            raise
        finally:
            if self.notifier is not None:
                await self.notifier.close()
            if self.weekly_mail is not None:
                await self.weekly_mail.close()
            await self.coordinator.flush(final=True)
            self.coordinator.release()


def limits_of(settings: Settings) -> str:
    """A short name of everything that decides when a limit falls: policies, calendars, contact points, zone, country."""
    keys = {"policies", "calendars", "contact_points", "timezone", "country"}
    deciding = settings.model_dump_json(include=keys, warnings=False)
    return blake2b(deciding.encode(), digest_size=8).hexdigest()


def event_ids_of(settings: Settings, key: bytes) -> EventIds:
    """How people name an event -> the ids it may be stored under, with this privacy key."""
    return partial(event_ids, hash_customer=customer_hasher(key, settings.country))


def make_connector(settings: Settings, source: str, clock: Clock, key: bytes, state: StateReader) -> Connector:
    """The connector of one configured source."""
    chosen = settings.sources[source]
    return source_types()[chosen.type].connect(chosen, make_context(settings, source, clock, key, state))


def make_context(settings: Settings, source: str, clock: Clock, key: bytes, state: StateReader) -> Context:
    """What the connector of a source is given."""
    return Context(
        source=source,
        clock=clock,
        timezone=settings.timezone,
        country=settings.country,
        hash_customer=customer_hasher(key, settings.country),
        state=state,
        read_text=make_reader(settings, source, key),
        places=places_of(settings, source),
        policies=frozenset((DEFAULT_POLICY, *settings.policies)),
    )


def make_reader(settings: Settings, source: str, key: bytes) -> ReadText:
    """What reads texts of a source. Sketches of our words are made where a policy looks for canned replies, and nowhere else.

    The rules of languages are compiled with the first text, which takes a quarter of a second: commands that read none start
    without, and a daemon has them compiled before anything comes in.
    """
    hours, secret = HoursOfPlaces(settings, source), sketch_key(key)

    def key_of(place: str, channel: Channel) -> bytes | None:
        return secret if "canned_reply" in hours.policy(place, channel).rules else None

    @cache
    def reader() -> ReadText:
        from monitor.domain.text_reading import TextReader

        return TextReader(lru_cache(maxsize=1_000)(hours), lru_cache(maxsize=1_000)(key_of))

    return lambda event, text, language=None: reader()(event, text, language)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ConfigError(*problems)


class Daemon:
    """The running program: a store, a generation, and the way from one generation to the next."""

    def __init__(self, load: Callable[[], Settings], clock: Clock, make_executor: Callable[[], Executor] = store_thread) -> None:
        """`load` reads the configuration anew; it raises ConfigError. `make_executor`: each generation has one of its own."""
        self._load = load
        self._make_executor = make_executor
        self.changes = Changes()
        self._store_health = StoreHealth()
        self.clock = clock
        self._log = log.get("daemon")
        self._stop = asyncio.Event()
        self._next: Generation | None = None
        self._end_generation = asyncio.Event()
        self.settings = load()
        _refuse([*receiver_problems(self.settings), *report_problems(self.settings)])
        self.store = make_store(self.settings.store)
        self.generation = self._make_generation(self.settings, customer_key(self.settings))

    def _make_generation(self, settings: Settings, key: bytes) -> Generation:
        return Generation(
            settings, self.store, self.clock, key,
            executor=self._make_executor(), changes=self.changes, store_health=self._store_health,
        )  # fmt: skip

    async def open(self) -> None:
        """Opens the store and restores the live state.

        Raises StoreHeld, StoreBroken, StoreUnavailable, and ConfigError where the store was written with another privacy key.
        """
        await self.generation.coordinator.call(self.store.hold, self.generation.connectors.keys())
        await self.generation.coordinator.call(self.store.open)
        await asyncio.to_thread(import_module, "monitor.domain.text_reading")  # see `make_reader`
        await self.generation.coordinator.call(take_up, self.settings, self.store, self.generation.key)
        await self.generation.start()

    async def run(self) -> None:
        """Runs until `stop`; a reload ends one generation and begins the next."""
        while True:
            await self.generation.run(self._end_generation)
            self._end_generation.clear()
            if self._stop.is_set() or self._next is None:
                break
            following, self._next = self._next, None
            await self._start(following)
            self.generation = following  # not before it knows the counters: nobody may see them at 0
            self.changes.record()
            self._log.info("configuration reloaded", sources=len(self.generation.connectors))
        await asyncio.to_thread(self.store.close)

    async def _start(self, generation: Generation) -> None:
        """Restores the live state of a generation, trying again for as long as the store cannot be read."""
        for pause in chain(STORE_PAUSES, repeat(STORE_PAUSES[-1])):
            try:
                await generation.start()
                return
            except StoreUnavailable as error:
                self._store_health.refused(COUNTERS, error, self.clock.now())
                self.changes.record()
                await self.clock.sleep(pause)

    def stop(self) -> None:
        """Drain and leave."""
        self._stop.set()
        self._end_generation.set()

    async def reload(self) -> tuple[str, ...]:
        """Begins a generation with the changed configuration; on any problem the present one stays. Returns the problems."""
        try:
            settings = self._load()
            if settings.store != self.settings.store or settings.listen != self.settings.listen:
                raise ConfigError("store and listen cannot change while running; restart for that")
            _refuse([*await asyncio.to_thread(receiver_problems, settings), *await asyncio.to_thread(report_problems, settings)])
            same = settings.privacy.key == self.settings.privacy.key
            key = self.generation.key if same else customer_key(settings)
            await asyncio.to_thread(take_up, settings, self.store, key)
            following = self._make_generation(settings, key)
            await self._hold_too(following)
        except (ConfigError, StoreHeld, StoreUnavailable) as error:
            problems = error.problems if isinstance(error, ConfigError) else (str(error),)
            self.generation.live_state.config_ok = False
            self.changes.record()
            self._log.error("configuration not reloaded, the old one stays", problems=list(problems))
            return problems
        self.settings = settings
        self._next = following
        self._end_generation.set()
        return ()

    async def _hold_too(self, following: Generation) -> None:
        """Sources that come with a reload must not be another daemon's. What only the present generation reads goes with it."""
        both = following.connectors.keys() | self.generation.connectors.keys()
        try:
            await following.coordinator.call(self.store.hold, both)
        except StoreUnavailable:
            pass  # then it is found out once the store answers
        except StoreHeld:
            following.coordinator.release()
            raise

    def snapshot(self) -> Snapshot:
        """What is shown now."""
        return self.generation.live_state.snapshot(self.clock.now())
