"""One mail at a time to a mail server (RFC 5321), and what became of it.

A mail is the server's once it has answered the end of the data. What breaks off after the data began has perhaps been sent:
the server may have taken it and only its answer was lost. Everything before that can be tried again.
"""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Literal, NamedTuple

from monitor.connectors._reaching import Tls, why
from monitor.errors import MonitorError

_LEADING_DOT: Final = re.compile(rb"(?m)^\.")
_MOST_SAID: Final = 200


class Server(NamedTuple):
    """A mail server and how to log in."""

    host: str
    port: int
    tls: Tls
    ca_file: str | None
    username: str | None
    password: str | None
    timeout: float  # seconds


class MailServerError(MonitorError):
    """No mail can be given to the server: try later; `lasting`: it will refuse again until somebody changes something."""

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


class Outcome(NamedTuple):
    """What became of one mail to one recipient."""

    state: Literal["sent", "perhaps", "refused", "later"]
    why: str = ""


class Session:
    """An open connection, logged in. Its calls block."""

    def __init__(self, smtp: smtplib.SMTP, server: Server) -> None:
        self._smtp, self._server = smtp, server

    def send(self, sender: str, recipient: str, data: bytes) -> Outcome:
        """Hands one mail over. `data`: lines that end with CR LF. Raises MailServerError where it cannot go on for anybody."""
        smtp = self._smtp
        try:
            size = [f"SIZE={len(data)}"] if smtp.has_extn("size") else []
            code, said = smtp.mail(sender, size)
            if not _is_well(code):
                raise _refused(self._server, f"takes no mail of {len(data)} bytes from {sender}", code, said)
            code, said = smtp.rcpt(recipient)
            if _is_well(code):
                code, said = smtp.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            raise MailServerError(f"{_where(self._server)}: {_reason(error)}") from None
        if code != 354:
            with suppress(OSError, smtplib.SMTPException):  # some hang up on whom they refuse
                smtp.rset()
            return Outcome("refused" if code >= 500 else "later", _quoted(code, said))
        try:
            smtp.send(_LEADING_DOT.sub(b"..", data) + (b"" if data.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code, said = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("perhaps", f"the connection broke before the server said whether it took it: {_reason(error)}")
        if _is_well(code):
            return Outcome("sent")
        if code < 400:
            return Outcome("perhaps", f"the server did not say whether it took it: {_quoted(code, said)}")
        return Outcome("refused" if code >= 500 else "later", _quoted(code, said))


@contextmanager
def session(server: Server) -> Iterator[Session]:
    """Connects, secures the line and logs in. Raises MailServerError."""
    smtp = _connected(server)
    try:
        yield Session(smtp, server)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


def _connected(server: Server) -> smtplib.SMTP:
    where = _where(server)
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
    except (OSError, ssl.SSLError):
        raise MailServerError(f"report.smtp.ca_file: {server.ca_file} cannot be read as PEM certificates", lasting=True) from None
    smtp: smtplib.SMTP | None = None
    try:
        if server.tls == "implicit":
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        smtp.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if server.username is not None:
            _log_in(smtp, server.username, server.password or "")
    except (OSError, smtplib.SMTPException) as error:
        if smtp is not None:
            smtp.close()
        raise _no_session(error, where) from None
    return smtp


def _log_in(smtp: smtplib.SMTP, username: str, password: str) -> None:
    if username.isascii() and password.isascii():
        try:
            smtp.login(username, password)
        except ValueError:  # of base64
            raise smtplib.SMTPException("its challenge for the login cannot be read") from None
        return
    # smtplib sends ASCII alone; PLAIN takes UTF-8 (RFC 4616).
    code, said = smtp.docmd("AUTH", "PLAIN " + b64encode(f"\0{username}\0{password}".encode()).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def _is_well(code: int) -> bool:
    """The first digit says it (RFC 5321 section 4.2.1)."""
    return 200 <= code < 300


def _no_session(error: OSError | smtplib.SMTPException, where: str) -> MailServerError:
    if isinstance(error, ssl.SSLCertVerificationError):
        remedy = "name its authority as report.smtp.ca_file"
        return MailServerError(f"{where}: its certificate is not accepted ({error.verify_message}); {remedy}", lasting=True)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        what = (
            "STARTTLS; set report.smtp.tls to implicit" if "STARTTLS" in str(error) else "login; leave out username and password"
        )
        return MailServerError(f"{where}: offers no {what}", lasting=True)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        said = _quoted(error.smtp_code, error.smtp_error)
        lasting = error.smtp_code >= 500
        remedy = "; look at report.smtp.username and password" if lasting else ""
        return MailServerError(f"{where}: the login is refused: {said}{remedy}", lasting=lasting)
    return MailServerError(f"{where}: {_reason(error)}")


def _refused(server: Server, what: str, code: int, said: bytes) -> MailServerError:
    return MailServerError(f"{_where(server)}: {what}: {_quoted(code, said)}", lasting=code >= 500)


def _where(server: Server) -> str:
    return f"mail server {server.host}:{server.port}"


def _reason(error: OSError | smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _quoted(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it closed the connection"
    if isinstance(error, TimeoutError):
        return "no answer"
    return str(error) if isinstance(error, smtplib.SMTPException) else why(error)


def _quoted(code: int, said: bytes | str) -> str:
    """A server's own words, on one line and not at length."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"{code} {line[:_MOST_SAID]}".strip()
