"""`contact-monitor demo`: the demo contact centre, and the daemon that reads it over sockets like any other."""

import asyncio
from contextlib import suppress

from monitor.clock import SystemClock
from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.daemon.app import Daemon
from monitor.daemon.serve import serve
from monitor.demo.beginning import beginning
from monitor.demo.contact_centre import ContactCentre


async def run_demo(*, speed: float, listen: str, anyone: bool, store: str) -> None:
    """Runs both until a signal ends the daemon. Raises ConfigError, StoreHeld, StoreBroken, StoreUnavailable."""
    clock = SystemClock()
    begun = await asyncio.to_thread(beginning, store, clock.now())
    centre = ContactCentre(clock, url=f"http://{listen}", speed=speed, begun=begun)
    await centre.start()

    def load() -> Settings:
        return build({**centre.settings(), "listen": listen, "store": store, "web": {"anyone": anyone}})

    try:
        daemon = Daemon(load, clock)
        customers = asyncio.create_task(centre.wait(), name="demo")
        customers.add_done_callback(lambda _: daemon.stop())  # it ends by an error only, or by us
        try:
            await serve(daemon)
        finally:
            customers.cancel()
        with suppress(asyncio.CancelledError):
            await customers
    finally:
        await centre.stop()
