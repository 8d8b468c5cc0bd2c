"""A mail desk on a scripted server: mails, and one source with its store that is polled again and again."""

from datetime import timedelta
from typing import Any

from monitor.connector import Finding
from monitor.connectors.imap import ImapConnector, Settings, connect
from tests.connectors.scripted_imap import PASSWORD, ScriptedImap
from tests.live.connector_store import ConnectorStore, StoppedClock

USER = "support@lab.example"


def mail(name: str, sender: str = "jane@customer.example", to: str = USER, refs: str = "", subject: str = "Parcel") -> bytes:
    references = f"In-Reply-To: <{refs}>\r\nReferences: <{refs}>\r\n" if refs else ""
    head = (
        f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{name}>\r\nDate: Wed, 18 Nov 2026 10:00:00 +0000\r\n"
    )
    return f"{head}{references}\r\nWhere is it?\r\n".encode()


def answer(name: str, refs: str, sender: str = USER) -> bytes:
    return mail(name, sender, "jane@customer.example", refs, "Re: Parcel")


class Desk:
    """One source with its store, polled again and again."""

    def __init__(self, server: ScriptedImap, *users: str, **more: Any) -> None:
        self.store, self.clock = ConnectorStore(), StoppedClock()
        given: dict[str, Any] = {"type": "imap", "host": "127.0.0.1", "port": server.port, "tls": "none", "timeout": "2s"}
        given |= {"accounts": {name: {"password": PASSWORD} for name in users or (USER,)}, "domains": ["lab.example"]}
        self._settings = Settings.model_validate(given | more)
        self.connector = self._connected()

    def _connected(self) -> ImapConnector:
        return connect(self._settings, self.store.context(self.clock))

    def restart(self) -> None:
        """The process ends and another one begins."""
        self.connector.close()
        self.connector = self._connected()

    async def poll(self, after: float = 15.0) -> list[tuple[str, str | None]]:
        """Kinds and reasons of the events that are new; raises what the poll raises."""
        self.clock.moment += timedelta(seconds=after)
        known = set(self.store.events)
        try:
            await self.store.poll(self.connector)
        finally:
            self.new = [e for key, e in self.store.events.items() if key not in known]
        return [(e.kind, e.reason) for e in self.new]

    async def check(self) -> list[Finding]:
        return [finding async for finding in self.connector.check()]

    @property
    def complete(self) -> bool:
        """Whether the last poll was."""
        return self.store.watermark == self.clock.moment


def office() -> ScriptedImap:
    """One question, and the usual folders."""
    server = ScriptedImap(folders={"INBOX": "", "Kunden": "", "Sent": r"\Sent", "Junk": r"\Junk", "Trash": r"\Trash"})
    server.copy(mail("q1@customer.example"), "INBOX")
    return server
