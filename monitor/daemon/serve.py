"""Runs a daemon with its HTTP side: listening, signals, the way out."""

import asyncio
import errno
import os
import signal
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import SecretStr

from monitor import log
from monitor.config.models import Settings
from monitor.config.values import is_loopback, split_address
from monitor.connector import PushTarget
from monitor.daemon.app import Daemon
from monitor.daemon.reporting import mail_counts
from monitor.daemon.signal_pages import signals_page
from monitor.daemon.weekly_reports import WeeklyReports
from monitor.domain.event import Channel, from_micros, to_micros
from monitor.domain.snapshot import Snapshot, WhoWaits
from monitor.engine.explain import as_contract, explain
from monitor.engine.ingest import Settled
from monitor.engine.who_waits import next_limits, who_waits
from monitor.errors import ConfigError, StoreBroken, StoreUnavailable
from monitor.notify.weekly.book import Book
from monitor.publish.report.values import WeekReport, WeekSummary
from monitor.publish.web.connections import Connections, Listener
from monitor.publish.web.hosts import Hosts, host_name
from monitor.publish.web.server import make_app
from monitor.publish.web.services import Evidence, Gap, MailCount, PushResult, SignalsPage, SignalsWanted

T = TypeVar("T")

#: A page waits this long for its turn and for the store.
READ_SECONDS = 10.0
#: A push that the store has not taken by then is answered with 503; sending it again is harmless.
PUSH_SECONDS = 20.0
_LISTEN_REMEDIES: Final = {
    errno.EADDRINUSE: "another program is there, perhaps a contact-monitor: end it, or choose another port",
    errno.EACCES: "ports below 1024 are for root: choose a higher one",
}


class DaemonServices:
    """The daemon as its pages see it."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        # Pages read one at a time and never in the store's own thread, which belongs to what is counted.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="pages")
        self._reports = WeeklyReports(daemon)
        self._settling: set[asyncio.Task[Settled]] = set()
        self._store_readable = True

    def close(self) -> None:
        """Ends the threads that read for pages."""
        self._reports.close()
        self._reader.shutdown(wait=False, cancel_futures=True)

    def snapshot(self) -> Snapshot:
        return self._daemon.snapshot()

    async def changed(self, after: int, within: float) -> int:
        return await self._daemon.changes.within(within, after, self._daemon.clock)

    def waiting(self, contact_point: str, channel: Channel, limit: int) -> Mapping[str, WhoWaits]:
        return who_waits(self._daemon.generation.live_state, contact_point, channel, limit, self._daemon.clock.now())

    def next_limits(self, limit: int) -> WhoWaits:
        return next_limits(self._daemon.generation.live_state, limit, self._daemon.clock.now())

    def users(self) -> Mapping[str, str] | None:
        return _hashes(self._daemon.settings.web.users) or None

    def wall_users(self) -> Mapping[str, str]:
        return _hashes(self._daemon.settings.web.wall_users)

    def hosts(self) -> Hosts:
        settings = self._daemon.settings
        page = urlsplit(settings.alerts.page_url).hostname or "localhost"
        host, _ = split_address(settings.listen)
        return Hosts(frozenset(map(host_name, (page, *settings.web.hosts))), without_dot=not is_loopback(host))

    async def reload(self) -> Sequence[str]:
        return await self._daemon.reload()

    async def signals(self, wanted: SignalsWanted) -> SignalsPage | None:
        store, generation = self._daemon.store, self._daemon.generation
        return await self._read(lambda: signals_page(store, generation.directory, generation.key, wanted))

    async def gaps(self, since: datetime) -> Sequence[Gap]:
        store = self._daemon.store
        rows = await self._read(lambda: store.gaps(to_micros(since)))
        return [Gap(row.source, from_micros(row.since), from_micros(row.until)) for row in rows]

    async def weeks(self) -> Sequence[WeekSummary]:
        return await self._reports.summaries()

    async def week(self, monday: date) -> WeekReport:
        return await self._reports.report(monday)

    async def mails(self, week: str) -> Sequence[MailCount]:
        daemon = self._daemon
        if not daemon.settings.report.to:
            return ()
        known = await self._read(lambda: Book(daemon.store).of_week(week, daemon.clock.now()))
        return mail_counts(known.values())

    async def contact(self, contact: str) -> Evidence | None:
        store, generation = self._daemon.store, self._daemon.generation
        seen_until = {source: generation.coordinator.seen_until(source) for source in generation.live_state.sources}

        def read() -> Evidence | None:
            # A source may call another contact what we call this one.
            found = next((each for each in store.find(contact) if each.row.id == contact), None)
            if found is None:
                return None
            explained = explain(generation.directory, store, found, generation.names_of, seen_until.get(found.source))
            return Evidence(explained, as_contract(explained))

        return await self._read(read)

    async def settle(self, contact: str, reason: str, by: str) -> Sequence[str] | None:
        store = self._daemon.store
        found = await self._read(lambda: next((each for each in store.find(contact) if each.row.id == contact), None))
        if found is None:
            return None
        key = (found.row.contact, found.row.contact_point)
        settling = asyncio.create_task(self._daemon.generation.coordinator.settle(found.source, key, reason, by))
        self._settling.add(settling)
        settling.add_done_callback(self._settled)
        try:
            async with asyncio.timeout(PUSH_SECONDS):  # what was begun is finished, also when nobody waits for it any more
                return (await asyncio.shield(settling)).waits
        except TimeoutError:
            raise StoreUnavailable(f"the store has not taken it for {PUSH_SECONDS:g} s") from None

    def _settled(self, settling: asyncio.Task[Settled]) -> None:
        self._settling.discard(settling)
        if not settling.cancelled():
            settling.exception()  # has been seen, or nobody waits for it any more

    async def _read(self, read: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(READ_SECONDS):
                answer = await asyncio.get_running_loop().run_in_executor(self._reader, read)
                self._log_change(None)
                return answer
        except TimeoutError:
            problem = f"a page has waited {READ_SECONDS:g} s"
        except (StoreUnavailable, StoreBroken) as error:  # whether the daemon can go on is decided where it writes
            problem = str(error)
        self._log_change(problem)
        raise StoreUnavailable(problem)

    def _log_change(self, problem: str | None) -> None:
        """Logs the first failure and the first success after it: everybody who reloads a page would fill the log."""
        was, self._store_readable = self._store_readable, problem is None
        if was and problem is not None:
            log.get("store").warning("pages cannot read the store", error=problem)
        elif not was and problem is None:
            log.get("store").info("pages can read the store again")

    def push_target(self, source: str | None, token: str | None) -> str | PushResult:
        targets = self._push_targets(source)
        if not targets:  # whoever shows no token is not told which sources there are
            return PushResult("unauthorised" if token is None else "unknown_source")
        return next((name for name, each in targets.items() if each.admits(token)), PushResult("unauthorised"))

    def _push_targets(self, source: str | None) -> dict[str, PushTarget]:
        connectors = self._daemon.generation.connectors.items()
        return {name: each for name, each in connectors if isinstance(each, PushTarget) and source in (None, name)}

    async def push(self, source: str | None, token: str | None, lines: Sequence[tuple[int, bytes]]) -> PushResult:
        target = self.push_target(source, token)
        if isinstance(target, PushResult):
            return target
        admitted = self._push_targets(target)[target]
        try:
            async with asyncio.timeout(PUSH_SECONDS):
                offered = await admitted.offer(lines)
        except (TimeoutError, StoreUnavailable):
            return PushResult("unavailable")
        rejected = [(refused.line, refused.why) for refused in offered.rejected]
        return PushResult("stored", offered.accepted, offered.repeated, rejected)


def _hashes(users: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: hashed.get_secret_value() for name, hashed in users.items()}


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """The certificate to show, where one is configured. Raises ConfigError."""
    if settings.web.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.web.tls_cert, settings.web.tls_key)
    except ssl.SSLError as error:
        mismatch = error.reason == "KEY_VALUES_MISMATCH"
        why = "web.tls_key is the key of another certificate" if mismatch else "certificate and key must both be PEM"
        raise ConfigError(f"web.tls_cert: cannot use {settings.web.tls_cert}: {why}") from None
    except OSError as error:
        raise ConfigError(f"web.tls_cert: cannot use {settings.web.tls_cert} and its key: {error.strerror}") from None
    return context


async def serve(daemon: Daemon) -> None:
    """Runs until SIGTERM or SIGINT; SIGHUP reloads.

    Raises StoreHeld and StoreBroken, and before it begins ConfigError and StoreUnavailable.
    """
    logger = log.get("daemon")
    host, port = split_address(daemon.settings.listen)
    tls = tls_context(daemon.settings)
    await daemon.open()
    services = DaemonServices(daemon)
    runner = web.AppRunner(make_app(services), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    assert runner.server is not None  # it is set up
    listener = Listener(Connections(runner.server), tls)
    try:
        try:
            await listener.start(host or None, port)
        except OSError as error:
            number = error.errno or 0
            why = os.strerror(number) if number > 0 else error.strerror  # a name that cannot be resolved has words of its own
            remedy = _LISTEN_REMEDIES.get(number, "write an address of this machine, as 127.0.0.1:9760")
            raise ConfigError(f"listen: cannot listen on {daemon.settings.listen}: {why}; {remedy}") from None
        loop = asyncio.get_running_loop()
        reloads: set[asyncio.Task[Sequence[str]]] = set()

        def reload() -> None:
            task = asyncio.create_task(daemon.reload(), name="reload")
            reloads.add(task)
            task.add_done_callback(reloads.discard)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, daemon.stop)
        loop.add_signal_handler(signal.SIGHUP, reload)
        scheme = "https" if tls is not None else "http"
        logger.info("listening", url=f"{scheme}://{daemon.settings.listen}/", sources=len(daemon.generation.connectors))
        await daemon.run()
        logger.info("stopped")
    finally:
        await listener.close()
        await runner.cleanup()
        services.close()
