"""What the mail tests share: a store for what a connector delivers, a stopped clock, and a small "whose turn is it"."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.connector import Batch, Context, Cursor
from monitor.connectors.imap import ImapConnector, Settings, connect
from monitor.domain.event import Event
from monitor.testing import make_context
from tests.connectors.mail_names import HASHED
from tests.live.mail_conversations import DOMAIN, LIMIT, NOW, State
from tests.servers.dovecot import PASSWORD, Dovecot


class StoppedClock:
    """Stands at the present of the conversations."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class ConnectorStore:
    """Keeps what a connector delivers, as the engine does: events, cursor, state; each batch whole."""

    cursor: Cursor | None = None
    state: dict[str, str] = field(default_factory=dict)
    events: dict[tuple[str, str], Event] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    watermark: datetime | None = None

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        return {k: self.state[k] for k in keys if k in self.state}

    async def prefix(self, prefix: str) -> dict[str, str]:
        return {k: v for k, v in self.state.items() if k.startswith(prefix)}

    def store(self, batch: Batch) -> None:
        """One transaction."""
        self.batches.append(batch)
        for event in batch.events:
            known = self.events.get((event.contact, event.id))
            self.events[event.contact, event.id] = event if known is None else min(known, event, key=lambda e: e.at)
        for key, note in batch.state.items():
            assert note is not None
            self.state[key] = note
        self.cursor = batch.cursor or self.cursor
        self.watermark = batch.watermark or self.watermark

    async def poll(self, connector: ImapConnector) -> None:
        """One whole poll."""
        async for batch in connector.read(self.cursor):
            self.store(batch)

    def contacts(self) -> dict[str, list[Event]]:
        """Events by contact, in the order of their moments."""
        found: dict[str, list[Event]] = {}
        for event in sorted(self.events.values(), key=lambda e: e.at):
            found.setdefault(event.contact, []).append(event)
        return found

    def connector(self, server: Dovecot, users: Iterable[str], clock: StoppedClock | None = None, **more: Any) -> ImapConnector:
        """A connector to the accounts of these users. `port`, `tls`, `host` and whatever else are settings."""
        given: dict[str, Any] = {
            "type": "imap",
            "host": server.host,
            "port": server.port,
            "tls": "none",
            "domains": [DOMAIN],
            "timeout": "5s",
        }
        given |= {"accounts": {name: {"password": PASSWORD} for name in users}}
        return connect(Settings.model_validate(given | more), self.context(clock))

    def context(self, clock: StoppedClock | None = None, places: Iterable[str] = ()) -> Context:
        """What the engine provides."""
        return make_context("mail", clock=clock or StoppedClock(), hash_customer=HASHED, state=self, places=places)


def last_question(events: Iterable[Event]) -> tuple[Event | None, Event | None]:
    """The last question of one contact and its first answer. Own arithmetic of the tests, on purpose."""
    opened: Event | None = None
    answered: Event | None = None
    for event in events:
        if event.kind == "received" and not event.courtesy and (opened is None or answered is not None):
            opened, answered = event, None
        elif event.kind == "replied" and opened is not None and answered is None:
            answered = event
    return opened, answered


def state_of(opened: Event | None, answered: Event | None, now: datetime) -> State:
    """The state, as the conversations name it."""
    if opened is None:
        return "no_reply_needed"
    waited = (answered.at if answered else now) - opened.at
    if answered:
        return "late" if waited > LIMIT else "in_time"
    return "overdue" if waited > LIMIT else "open"
