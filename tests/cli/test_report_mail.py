"""`report --send`, and the forms for paper and browsers: with a real mail server, one call of a Monday in a year gone by."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_data_commands import CONFIG, lines
from tests.servers.smtp import MailServer, mail_server

#: Monday 3 November 2025: 30 s in the queue, the limit is 20.
CALL = [("queued", "2025-11-03T09:00:00Z"), ("answered", "2025-11-03T09:00:30Z"), ("ended", "2025-11-03T09:05:00Z")]
WEEK = "2025-W45"
NEWS = "support-line: 1 of 1 callers waited too long (0\N{NO-BREAK SPACE}% kept, the objective is 80\N{NO-BREAK SPACE}%)"
Write = Callable[[dict[str, Any]], Path]


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def imported(write: Write, run: Run, tmp_path: Path, mails: MailServer) -> Path:
    """A configuration whose store holds the call, and whose report goes to two."""
    smtp = {"host": "127.0.0.1", "port": mails.port, "tls": "none", "from": "monitor@example.org"}
    report = {"to": {"*": ["boss@example.org"], "Phones": ["Lead <lead@example.org>"]}, "smtp": smtp}
    points = {"support-line": {**CONFIG["contact_points"]["support-line"], "team": "Phones"}}
    config = write({**CONFIG, "contact_points": points, "report": report, "alerts": {"page_url": "https://monitor.example"}})
    (tmp_path / "events.jsonl").write_text(lines("c1", CALL))
    assert run("import", "events.jsonl", "--config", config).code == 0
    return config


def test_it_is_sent_once_and_again_it_says_so(imported: Path, run: Run, mails: MailServer):
    said = run("report", "--week", WEEK, "--send", "--config", imported)
    assert said.code == 0, said.err
    assert said.out == f"boss@example.org: {WEEK} sent\nLead <lead@example.org>: {WEEK} sent\n"
    assert mails.recipients == ["boss@example.org", "lead@example.org"]
    mail = mails.mail("lead@example.org")
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith(NEWS.replace("\N{NO-BREAK SPACE}", " "))
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert list(dict.fromkeys(kinds)) == ["text/plain", "text/html", "image/png", "application/pdf"]
    said = run("report", "--week", WEEK, "--send", "--config", imported)
    assert said.code == 0
    first, second = said.out.splitlines()
    assert first.startswith(f"boss@example.org: {WEEK} was sent on ")
    assert second.endswith("; --again sends it once more")
    assert len(mails.taken) == 2
    assert run("report", "--week", WEEK, "--send", "--again", "--config", imported).code == 0
    assert len(mails.taken) == 4


def test_one_that_is_refused_is_told_and_the_others_get_it(imported: Path, run: Run, mails: MailServer):
    mails.refused = {"boss@example.org": "550 5.1.1 no such user"}
    said = run("report", "--week", WEEK, "--send", "--config", imported)
    assert said.code == 1
    assert said.out == f"boss@example.org: {WEEK} not taken: 550 5.1.1 no such user\nLead <lead@example.org>: {WEEK} sent\n"
    assert said.err.splitlines()[-1] == "1 mail not known to be taken, see above"
    assert mails.recipients == ["lead@example.org"]
    mails.refused = {}
    said = run("report", "--week", WEEK, "--send", "--config", imported)
    assert said.code == 0
    assert said.out.startswith(f"boss@example.org: {WEEK} sent\nLead <lead@example.org>: {WEEK} was sent on ")
    assert mails.recipients == ["lead@example.org", "boss@example.org"]


def test_a_server_that_is_away(imported: Path, run: Run, mails: MailServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONTACT_MONITOR__REPORT__SMTP__PORT", "1")
    said = run("report", "--week", WEEK, "--send", "--config", imported)
    assert (said.code, said.out) == (1, "")
    assert said.err == "mail server 127.0.0.1:1: connection refused, nothing listens there\n"


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--send", "--format", "pdf"], 2, "--send: a mail has its own forms: leave out --format and --out"),
        (["--again"], 2, "--again: goes with --send"),
    ],
)
def test_what_does_not_go_together(imported: Path, run: Run, options: list[str], code: int, told: str):
    said = run("report", "--week", WEEK, *options, "--config", imported)
    assert (said.code, said.err) == (code, f"{told}\n")


def test_nobody_to_send_it_to(write: Write, run: Run, imported: Path):
    said = run("report", "--week", WEEK, "--send", "--config", write(CONFIG))
    assert said.code == 2
    assert said.err.startswith("report.to: is missing")


def test_a_page_and_a_pdf_by_their_endings(imported: Path, run: Run, tmp_path: Path):
    for name, begins in (("week.html", b"<!doctype html>"), ("week.pdf", b"%PDF-")):
        said = run("report", "--week", WEEK, "--out", name, "--config", imported)
        assert (said.code, said.out) == (0, ""), said.err
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_check_says_what_readers_will_miss(write: Write, run: Run):
    smtp = {"host": "127.0.0.1", "tls": "none", "from": "monitor@example.org"}
    config = write({**CONFIG, "store": "memory:", "report": {"to": ["lead@example.org"], "smtp": smtp}})
    said = run("check", "--offline", "--config", config)
    assert said.code == 0, said.err
    assert "report: note: alerts.page_url is not set, so mails have no links to the evidence" in said.out
    assert "report: note: store keeps nothing over a restart, so a restart may send the report twice" in said.out


def test_check_tries_the_mail_server_and_sends_nothing(write: Write, run: Run, mails: MailServer):
    smtp = {"host": "127.0.0.1", "port": mails.port, "tls": "none", "from": "monitor@example.org"}
    report = {"to": ["lead@example.org", "boss@example.org"], "smtp": smtp}
    said = run("check", "--config", write({**CONFIG, "report": report}))
    assert said.code == 0, said.all
    assert f"report.smtp: ok: 127.0.0.1:{mails.port} answers; 2 get the report" in said.out
    assert mails.taken == []
    said = run("check", "--config", write({**CONFIG, "report": {**report, "smtp": {**smtp, "port": 1}}}))
    assert said.code == 2
    assert "report.smtp: FAILED: mail server 127.0.0.1:1: connection refused, nothing listens there" in said.out
