"""A mail server for tests: aiosmtpd on loopback, with TLS and login, that keeps what it takes and refuses as it is told."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.servers.ports import free_port

CERTIFICATES = Path(__file__).parents[1] / "connectors" / "certificates"
CERTIFICATE = CERTIFICATES / "valid.pem"
USER, PASSWORD = "monitor@example.org", "open-sesame-7"


@dataclass
class MailServer:
    """What it answers may be changed while it runs."""

    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)  # (recipient, data), in the order of their arrival
    refused: dict[str, str] = field(default_factory=dict)  # recipient -> answer to RCPT
    hangs_up: bool = False  # on whom it refuses
    after_data: str = "250 taken"  # answer to the end of the data; "" closes without one
    keeps_unanswered: bool = True  # whether it has the mail where it closes without an answer
    holds: bool = False  # it has the mail, and does not answer while this is set
    username: str = USER
    password: str = PASSWORD
    logins: list[str] = field(default_factory=list)
    sessions: int = 0

    @property
    def recipients(self) -> list[str]:
        """Who got a mail, in order."""
        return [recipient for recipient, _ in self.taken]

    def mail(self, recipient: str) -> EmailMessage:
        """The only mail that this recipient got."""
        (data,) = [data for to, data in self.taken if to == recipient]
        mail = message_from_bytes(data, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail

    # What aiosmtpd calls.

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refused:
            if self.hangs_up:
                await server.push(self.refused[address])
                server.transport.close()  # type: ignore[attr-defined]
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if self.after_data.startswith("250") or (not self.after_data and self.keeps_unanswered):
            self.taken += [(recipient, envelope.content) for recipient in envelope.rcpt_tos]
        while self.holds:  # noqa: ASYNC110  set from another thread
            await asyncio.sleep(0.02)
        if not self.after_data:
            server.transport.close()  # type: ignore[attr-defined]
        return self.after_data or "250 nobody hears this"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        self.logins.append(data.login.decode())
        right = (data.login.decode(), data.password.decode()) == (self.username, self.password)
        return AuthResult(success=right, handled=right)


@contextmanager
def mail_server(tls: str = "none", certificate: Path = CERTIFICATE, *, login: bool = False) -> Iterator[MailServer]:
    """A running server, `tls` as in the configuration; `login`: nothing is taken without one."""
    server = MailServer()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    class Counted(Controller):
        def factory(self) -> SMTP:
            server.sessions += 1
            return super().factory()

    controller = Counted(
        server, hostname="127.0.0.1", port=free_port(),
        ssl_context=context if tls == "implicit" else None,
        tls_context=context if tls == "starttls" else None, require_starttls=tls == "starttls",
        authenticator=server.authenticate if login else None, auth_required=login, auth_require_tls=tls != "implicit",
        server_hostname="mail.example.org", loop=asyncio.new_event_loop(),
    )  # fmt: skip
    controller.start()
    server.port = controller.port
    server.sessions = 0  # the controller tries its own server once
    try:
        yield server
    finally:
        controller.stop()
