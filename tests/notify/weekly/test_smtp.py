"""Mails over a real connection: TLS is checked, refusals are told apart, and what breaks off after the data is never repeated."""

import socket
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from monitor.notify.weekly.smtp import MailServerError, Outcome, Server, session
from tests.servers.ports import free_port
from tests.servers.smtp import CERTIFICATE, CERTIFICATES, PASSWORD, USER, MailServer, mail_server

FROM, TO = "monitor@example.org", "manager@example.org"
DATA = b"Subject: news\r\n\r\n.a line that begins with a dot\r\n..two\r\nend\r\n"


def server(running: MailServer, tls: str = "none", **changed: Any) -> Server:
    chosen: Mapping[str, Any] = {
        "tls": tls, "ca_file": str(CERTIFICATE), "username": None, "password": None, "timeout": 5.0, **changed,
    }  # fmt: skip
    return Server("127.0.0.1", running.port, **chosen)


def give(to: Server, recipient: str = TO, data: bytes = DATA) -> Outcome:
    with session(to) as opened:
        return opened.send(FROM, recipient, data)


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
def test_a_mail_arrives_as_it_was(tls: str):
    with mail_server(tls) as running:
        assert give(server(running, tls)) == Outcome("sent")
        assert running.taken == [(TO, DATA)]


def test_a_login_over_tls():
    with mail_server("starttls", login=True) as running:
        assert give(server(running, "starttls", username=USER, password=PASSWORD)) == Outcome("sent")
        assert running.logins == [USER]


def test_a_login_with_umlauts():
    with mail_server("starttls", login=True) as running:
        running.username, running.password = "büro@example.org", "öffne-dich"
        login = {"username": "büro@example.org", "password": "öffne-dich"}
        assert give(server(running, "starttls", **login)) == Outcome("sent")
        running.password = "schließ-dich"
        assert refusal(server(running, "starttls", **login)) == (
            f"mail server 127.0.0.1:{running.port}: the login is refused: 535 5.7.8 Authentication credentials invalid; "
            "look at report.smtp.username and password",
            True,
        )


def refusal(to: Server) -> tuple[str, bool]:
    with pytest.raises(MailServerError) as refused, session(to) as opened:
        opened.send(FROM, TO, DATA)
    return str(refused.value), refused.value.lasting


class TestServersThatTakeNothing:
    def test_a_wrong_password(self):
        with mail_server("starttls", login=True) as running:
            text, lasting = refusal(server(running, "starttls", username=USER, password="wrong-sesame"))
        assert lasting
        assert "535" in text
        assert text.endswith("look at report.smtp.username and password")
        assert "sesame" not in text

    @pytest.mark.parametrize("tls", ["starttls", "implicit"])
    def test_a_certificate_of_nobody_we_know(self, tls: str):
        with mail_server(tls) as running:
            text, lasting = refusal(server(running, tls, ca_file=None))
            assert running.taken == []
        assert lasting
        assert "its certificate is not accepted" in text
        assert "report.smtp.ca_file" in text

    def test_a_certificate_that_has_expired(self):
        expired = CERTIFICATES / "expired.pem"
        with mail_server("starttls", expired) as running:
            text, _ = refusal(server(running, "starttls", ca_file=str(expired)))
        assert "expired" in text

    def test_a_certificate_of_another_host(self):
        with mail_server("starttls") as running:
            text, _ = refusal(server(running, "starttls")._replace(host="localhost"))
        assert "its certificate is not accepted" in text

    def test_no_starttls_means_no_mail(self):
        """A server, or somebody in between, that takes STARTTLS away gets nothing in clear."""
        with mail_server() as running:
            text, lasting = refusal(server(running, "starttls"))
            assert running.taken == []
        assert lasting
        assert text.endswith("offers no STARTTLS; set report.smtp.tls to implicit")

    def test_a_port_that_speaks_no_tls(self):
        with mail_server() as running:
            text, lasting = refusal(server(running, "implicit"))
        assert not lasting
        assert text.endswith("it speaks no TLS there")

    def test_no_login_offered(self):
        with mail_server() as running:
            text, lasting = refusal(server(running, username=USER, password=PASSWORD))
        assert lasting
        assert "offers no login" in text

    def test_a_challenge_that_cannot_be_read(self):
        def answers(listening: socket.socket) -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                for said in (b"220 here", b"250-here\r\n250 AUTH CRAM-MD5", b"334 a"):  # one character is no base64
                    connection.sendall(said + b"\r\n")
                    lines.readline()

        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            thread = Thread(target=answers, args=(listening,))
            thread.start()
            text, lasting = refusal(Server("127.0.0.1", port, "none", None, USER, PASSWORD, 5.0))
            thread.join()
        assert (text, lasting) == (f"mail server 127.0.0.1:{port}: its challenge for the login cannot be read", False)

    def test_nobody_there(self):
        port = free_port()
        text, lasting = refusal(Server("127.0.0.1", port, "none", None, None, None, 5.0))
        assert (text, lasting) == (f"mail server 127.0.0.1:{port}: connection refused, nothing listens there", False)

    def test_an_authority_that_cannot_be_read(self, tmp_path: Path):
        with mail_server() as running:
            text, _ = refusal(server(running, ca_file=str(tmp_path / "none.pem")))
        assert text == f"report.smtp.ca_file: {tmp_path}/none.pem cannot be read as PEM certificates"


class TestMailsThatAreNotTaken:
    def test_a_recipient_that_is_refused_does_not_hinder_the_next(self):
        with mail_server() as running:
            running.refused = {TO: "550 5.1.1 no such user", "busy@example.org": "451 4.7.1 greylisted"}
            with session(server(running)) as opened:
                assert opened.send(FROM, TO, DATA) == Outcome("refused", "550 5.1.1 no such user")
                assert opened.send(FROM, "busy@example.org", DATA) == Outcome("later", "451 4.7.1 greylisted")
                assert opened.send(FROM, "other@example.org", DATA) == Outcome("sent")
            assert running.recipients == ["other@example.org"]

    def test_a_server_that_hangs_up_on_whom_it_refuses(self):
        with mail_server() as running:
            running.refused, running.hangs_up = {TO: "550 5.1.1 no such user"}, True
            assert give(server(running)) == Outcome("refused", "550 5.1.1 no such user")

    @pytest.mark.parametrize(("answer", "state"), [("251 2.0.0 taken", "sent"), ("200 taken", "sent"), ("what?", "perhaps")])
    def test_an_uncommon_answer_never_makes_it_sent_twice(self, answer: str, state: str):
        with mail_server() as running:
            running.after_data = answer
            assert give(server(running)).state == state

    @pytest.mark.parametrize(("answer", "state"), [("554 5.7.1 spam", "refused"), ("452 4.3.1 disk full", "later")])
    def test_a_mail_that_is_refused(self, answer: str, state: str):
        with mail_server() as running:
            running.after_data = answer
            assert give(server(running)) == Outcome(state, answer)  # type: ignore[arg-type]

    @pytest.mark.parametrize("kept", [True, False])
    def test_a_lost_answer_means_perhaps_sent(self, kept: bool):
        """Whether the server has it cannot be told from here."""
        with mail_server() as running:
            running.after_data, running.keeps_unanswered = "", kept
            outcome = give(server(running))
            assert len(running.taken) == kept
        assert outcome.state == "perhaps"
        assert outcome.why.startswith("the connection broke before the server said whether it took it")

    def test_words_of_a_server_are_one_short_line(self):
        with mail_server() as running:
            running.refused = {TO: "550-one\r\n550 two \x1b[31m" + "x" * 300}
            outcome = give(server(running))
        assert outcome.why.isprintable()
        assert outcome.why.startswith("550 one two [31mxxx")
        assert len(outcome.why) <= 204
