"""A mailbox that was watched before names of mails were keyed, and goes on afterwards.

`python -m tests.engine.old_mailbox FILE`, run in a checkout of e828f7d, wrote `tests/store/data/mail_before_keyed_names.sql`.
"""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

from monitor.config.loading import build
from monitor.daemon.app import Generation
from monitor.store import make_store
from monitor.store.base import Store
from monitor.testing import FakeClock
from tests.connectors.scripted_imap import PASSWORD, ScriptedImap

KEY = b"k" * 32
DESK = "support@lab.example"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def mail(name: str, sender: str, at: str, refs: str = "", subject: str = "Parcel", to: str = DESK) -> bytes:
    """Of 16 November, `at` so many o'clock. Without a name it has no Message-ID."""
    lines = [f"From: {sender}@customer.example" if "@" not in sender else f"From: {sender}", f"To: {to}", f"Subject: {subject}"]
    lines += [f"Date: Mon, 16 Nov 2026 {at}:00 +0000"]
    lines += [f"Message-ID: <{name}@host.example>"] if name else []
    lines += [f"In-Reply-To: <{refs}@host.example>", f"References: <{refs}@host.example>"] if refs else []
    return "\r\n".join([*lines, "", "Where is it?", ""]).encode()


def answer(name: str, at: str, refs: str, to: str, subject: str = "Re: Parcel") -> bytes:
    return mail(name, DESK, at, refs, subject, f"{to}@customer.example")


def mailbox() -> ScriptedImap:
    """As it was before: ann was answered, bob waits and has asked again, cy has written two mails in one second and waits, both
    of dan's mails bear one Message-ID, eve's has none; the answer to fay was read before her question, and gus had an offer."""
    inbox = [
        mail("ann", "ann", "10:00"),
        mail("bob", "bob", "11:00"), mail("bob.2", "bob", "11:30", "bob", "Re: Parcel"),
        mail("cy.1", "cy", "12:00"), mail("cy.2", "cy", "12:00", "cy.1", "Re: Parcel"),
        mail("dan", "dan", "13:00", subject="First"), mail("dan", "dan", "13:05", subject="Second"),
        mail("", "eve", "14:00"),
        mail("hal", "hal", "15:00"),
    ]  # fmt: skip
    sent = [
        answer("to.ann", "10:30", "ann", "ann"),
        answer("to.fay", "16:00", "fay", "fay"),
        answer("to.gus", "17:00", "", "gus", "Offer"),
    ]
    return ScriptedImap(
        folders={"INBOX": "", "Sent": r"\Sent", "Trash": r"\Trash"},
        mails={"INBOX": dict(enumerate(inbox, 1)), "Sent": dict(enumerate(sent, 1)), "Trash": {}},
    )


def settings_of(server: ScriptedImap, store: str) -> dict[str, object]:
    source = {
        "type": "imap", "host": "127.0.0.1", "port": server.port, "tls": "none", "username": DESK, "password": PASSWORD,
        "domains": ["lab.example"],
    }  # fmt: skip
    return {"store": store, "sources": {"mail": source}, "privacy": {"key": KEY.decode()}}


@asynccontextmanager
async def watching(server: ScriptedImap, url: str, begun: datetime = NOON) -> AsyncIterator["Watch"]:
    """The daemon's parts without its clock: each poll is asked for."""
    settings, store = build(settings_of(server, url)), make_store(url)
    store.open()
    clock = FakeClock(begun)
    generation = Generation(settings, store, clock, KEY)
    await generation.start()
    try:
        yield Watch(generation, store, clock)
    finally:
        generation.connectors["mail"].close()  # type: ignore[attr-defined]
        generation.coordinator.release()
        store.close()


class Watch:
    """A mailbox that is read again and again, a minute after the last time."""

    def __init__(self, generation: Generation, store: Store, clock: FakeClock) -> None:
        self._generation, self.store, self._clock = generation, store, clock

    async def poll(self) -> None:
        await self._clock.advance(60)
        async for batch in self._generation.connectors["mail"].read(self.store.cursor_row("mail").cursor):
            await self._generation.coordinator.store_batch("mail", batch)
        await self._generation.coordinator.sweep()
        await self._generation.coordinator.flush()


async def make(file: Path) -> None:
    """What stands in the file: two polls, the mail of hal thrown away between them."""
    from tests.connectors.scripted_imap import scripted_imap

    with scripted_imap(mailbox()) as server:
        async with watching(server, f"sqlite:{file}.db") as watch:
            await watch.poll()
            server.move("INBOX", 9, "Trash")
            await watch.poll()


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1])))
    with closing(sqlite3.connect(f"{sys.argv[1]}.db")) as made:
        Path(sys.argv[1]).write_text("".join(f"{line}\n" for line in made.iterdump()))
