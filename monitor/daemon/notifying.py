"""Settings -> what sends notifications; nothing where no receiver is configured."""

import asyncio
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from monitor.clock import Clock
from monitor.config.models import Settings
from monitor.domain.snapshot import ReceiverState, Snapshot, TotalKey
from monitor.engine.coordinator import Coordinator
from monitor.notify.delivery import INSTALL, AppriseSender, Sender, is_installed, problem
from monitor.notify.judge import Limits
from monitor.notify.service import Notifier
from monitor.notify.values import Receiver
from monitor.publish.rules.values import Links

P = ParamSpec("P")
T = TypeVar("T")


def receiver_problems(settings: Settings) -> list[str]:
    """Why nothing can be sent to a configured receiver; empty where all is well. Blocks: the library is loaded for it."""
    chosen = settings.notify.receivers
    if not chosen:
        return []
    if not is_installed():
        return [f"notify: its receivers need a library that is not installed: {INSTALL}"]
    found = {name: problem(receiver.url.get_secret_value()) for name, receiver in chosen.items()}
    return [f"notify.receivers.{name}.url: {why}" for name, why in found.items() if why is not None]


def make_notifier(
    settings: Settings, coordinator: Coordinator, clock: Clock, make_sender: Callable[[str], Sender] = AppriseSender
) -> Notifier | None:
    """What tells the configured receivers; None: there are none."""
    chosen = settings.notify.receivers
    if not chosen:
        return None
    receivers = {
        Receiver(
            name, frozenset(each.severity), frozenset(each.family), frozenset(each.team), each.messages_per_hour
        ): make_sender(each.url.get_secret_value())
        for name, each in chosen.items()
    }
    alerts = settings.alerts
    limits = Limits(alerts.hold_factor, alerts.queue_factor, frozenset(alerts.critical))
    is_told = "runbook_url" in alerts.model_fields_set  # the default leads nowhere
    links = Links(alerts.page_url, alerts.dashboard_url, alerts.runbook_url if is_told else "")
    # Daemons that share a store read different sources, of which none can be called so.
    stored_as = f"notify:{min(settings.sources, default='')}"
    house = _House(coordinator, clock)
    return Notifier(house, coordinator.store, clock, receivers, limits=limits, links=links, stored_as=stored_as)


class _House:
    """One generation of the daemon, as notifications see it."""

    def __init__(self, coordinator: Coordinator, clock: Clock) -> None:
        self._coordinator, self._live_state, self._clock = coordinator, coordinator.live_state, clock

    def snapshot(self) -> Snapshot:
        return self._live_state.snapshot(self._clock.now())

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._coordinator.call(function, *args, **kwargs)

    async def aside(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(function, *args, **kwargs)

    def add_totals(self, deltas: Mapping[TotalKey, float]) -> None:
        self._live_state.add_totals(deltas)

    def show_receiver(self, name: str, state: ReceiverState) -> None:
        self._live_state.receivers[name] = state
        self._live_state.changes.record()
