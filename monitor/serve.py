"""Runs a daemon with its HTTP side: listening, signals, the way out."""

import asyncio
import os
import signal
import ssl
from collections.abc import Mapping, Sequence

from aiohttp import web

from monitor import log
from monitor.app import Daemon
from monitor.connectors.events import Events
from monitor.domain.snapshot import Snapshot
from monitor.errors import ConfigError, StoreUnavailable
from monitor.publish.web.server import make_app
from monitor.publish.web.services import PushResult
from monitor.settings import Settings
from monitor.settings_values import split_address

#: A push that the store has not taken by then is answered with 503; sending it again is harmless.
PUSH_SECONDS = 20.0


class DaemonServices:
    """The daemon as its pages see it."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    def snapshot(self) -> Snapshot:
        return self._daemon.snapshot()

    def healthy(self) -> bool:
        return True

    def users(self) -> Mapping[str, str] | None:
        return self._daemon.settings.web.users or None

    async def reload(self) -> Sequence[str]:
        return await self._daemon.reload()

    async def push(self, source: str | None, token: str | None, lines: Sequence[tuple[int, bytes]]) -> PushResult:
        takers = {
            name: connector
            for name, connector in self._daemon.generation.connectors.items()
            if isinstance(connector, Events) and source in (None, name)
        }
        if not takers:
            return PushResult("unknown_source")
        admitted = next((each for each in takers.values() if each.admits(token)), None)
        if admitted is None:
            return PushResult("unauthorised")
        try:
            async with asyncio.timeout(PUSH_SECONDS):
                offered = await admitted.offer(lines)
        except (TimeoutError, StoreUnavailable):
            return PushResult("unavailable")
        return PushResult("stored", offered.accepted, rejected=[(bad.line, bad.why) for bad in offered.bad])


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """The certificate to show, where one is configured. Raises ConfigError."""
    if settings.web.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.web.tls_cert, settings.web.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"web.tls_cert: cannot use {settings.web.tls_cert}: {error.strerror or error}") from None
    return context


async def serve(daemon: Daemon) -> None:
    """Runs until SIGTERM or SIGINT; SIGHUP reloads. Raises ConfigError, StoreBroken, StoreUnavailable before it begins."""
    logger = log.get("daemon")
    host, port = split_address(daemon.settings.listen)
    tls = tls_context(daemon.settings)
    await daemon.open()
    runner = web.AppRunner(make_app(DaemonServices(daemon)), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host or None, port, ssl_context=tls)
        try:
            await site.start()
        except OSError as error:
            number = error.errno or 0
            why = os.strerror(number) if number > 0 else error.strerror  # a name that cannot be resolved has words of its own
            raise ConfigError(f"listen: cannot listen on {daemon.settings.listen}: {why}") from None
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
        await runner.cleanup()
