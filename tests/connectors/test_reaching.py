"""How servers are reached: one grammar of `tls`, and words for what fails."""

import errno
import socket
import ssl
from typing import Any

import pytest

from monitor.config.loading import build
from monitor.connectors._mail.imap_client import ImapSession, Server
from monitor.connectors._reaching import speaks_no_tls, why
from monitor.errors import ConfigError, TransientError
from tests.servers.ports import free_port

ASTERISK = {"type": "asterisk", "host": "pbx", "username": "monitor", "password": "x"}
IMAP = {"type": "imap", "host": "mail", "username": "info", "password": "x"}
REFUSED = "connection refused, nothing listens there"


@pytest.mark.parametrize("source", [ASTERISK, IMAP], ids=["asterisk", "imap"])
@pytest.mark.parametrize(
    ("written", "meant"),
    [("implicit", "implicit"), ("none", "none"), ("true", "implicit"), ("yes", "implicit"), (True, "implicit"), ("off", "none"),
     (False, "none"), ("FALSE", "none")],
)  # fmt: skip
def test_tls_is_written_alike_for_every_source(source: dict[str, Any], written: object, meant: str) -> None:
    settings: Any = build({"sources": {"a": {**source, "tls": written}}}).sources["a"]
    assert settings.tls == meant


@pytest.mark.parametrize(
    ("source", "words"),
    [(ASTERISK, "is not one of 'implicit' or 'none'"), (IMAP, "is not one of 'implicit', 'starttls' or 'none'")],
)
def test_another_word_is_refused_with_those_that_fit(source: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build({"sources": {"a": {**source, "tls": "ssl"}}})
    assert str(refused.value) == f"sources.a.tls: 'ssl' {words}"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)"), REFUSED),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0), [Errno 111] Connect call failed"),
            REFUSED,
        ),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "no such host name"),
        (OSError(errno.ENETUNREACH, "Connect call failed"), "Network is unreachable"),
        (TimeoutError(errno.ETIMEDOUT, "timed out"), "no answer"),
        (OSError("strange"), "OSError"),
    ],
)
def test_why_there_is_no_connection(error: OSError, words: str) -> None:
    assert why(error) == words


def test_an_answer_in_clear_is_told_from_other_faults_of_tls() -> None:
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    inside.write(b"* OK IMAP4rev1 ready\r\n")
    with pytest.raises(ssl.SSLError) as failed:
        context.wrap_bio(inside, outside).do_handshake()
    assert speaks_no_tls(failed.value)
    assert why(failed.value) == "it speaks no TLS there"


def test_a_mail_server_that_says_nothing_in_clear_may_be_a_port_of_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"127.0.0.1:{silent.getsockname()[1]}"
        server = Server("127.0.0.1", silent.getsockname()[1], "starttls", None, 0.2)
        with pytest.raises(TransientError) as failed:
            ImapSession(server).connect()
    assert str(failed.value) == f"{where} sent no greeting; if this is its port of TLS, set tls to implicit"
    assert failed.value.reason == "timeout"


def test_a_mail_server_that_is_not_there_is_named_with_its_port() -> None:
    port = free_port()
    with pytest.raises(TransientError) as failed:
        ImapSession(Server("127.0.0.1", port, "implicit", None, 5)).connect()
    assert str(failed.value) == f"cannot connect to 127.0.0.1:{port}: {REFUSED}"
