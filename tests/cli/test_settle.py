"""`settle`: by every name of a contact, with a reason that can be shown, beside a daemon, and once."""

import getpass
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

Write = Callable[[dict[str, Any]], Path]

MBOX = (
    "From x Mon Nov  2 09:00:00 2026\nFrom: customer@example.net\nTo: info@example.org\n"
    "Date: Mon, 02 Nov 2026 09:00:00 +0000\nMessage-ID: <question@example.net>\nSubject: a\n\nHello?\n\n"
    "From x Mon Nov  2 10:00:00 2026\nFrom: customer@example.net\nTo: info@example.org\n"
    "Date: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <again@example.net>\nIn-Reply-To: <question@example.net>\n"
    "References: <question@example.net>\nSubject: Re: a\n\nStill there?\n\n"
)


def ticket(contact: str, point: str, *kinds: str) -> str:
    told = [
        {"contact": contact, "contact_point": point, "channel": "ticket", "kind": kind, "at": f"2026-11-02T09:0{n}:00Z"}
        for n, kind in enumerate(kinds)
    ]
    return "".join(json.dumps(each) + "\n" for each in told)


def missed(contact: str, point: str) -> str:
    told = {"contact": contact, "contact_point": point, "channel": "phone", "kind": "left", "reason": "timeout"}
    return json.dumps({**told, "at": "2026-11-02T09:00:00Z", "customer": "+442079460000"}) + "\n"


@pytest.fixture
def config(write: Write, run: Run, tmp_path: Path) -> Path:
    """A mailbox with a question and its chaser; ticket 4711 that waits, call 4712 missed in two queues, 4713 that was solved."""
    mail = {"type": "imap", "host": "x", "username": "info@example.org", "password": "x"}
    config = write({"sources": {"mail": mail, "desk": {"type": "events"}}})
    (tmp_path / "mail.mbox").write_text(MBOX)
    tickets = (
        ticket("4711", "hotline", "received"),
        missed("4712", "hotline"),
        missed("4712", "repairs"),
        ticket("4713", "hotline", "received", "replied", "resolved"),
    )
    (tmp_path / "tickets.jsonl").write_text("".join(tickets))
    assert run("import", "mail.mbox", "tickets.jsonl", "--config", config).code == 0
    return config


def told(run: Run, config: Path, contact: str) -> dict[str, Any]:
    explained: dict[str, Any] = json.loads(run("explain", contact, "--json", "--config", config).out)
    return explained


@pytest.mark.parametrize("name", ["<question@example.net>", "question@example.net", "again@example.net", "<again@example.net>"])
def test_a_mail_by_any_message_id_of_its_conversation(config: Path, run: Run, name: str):
    said = run("settle", name, "--reason", "told her by phone", "--by", "Ann", "--config", config)
    assert (said.code, said.err) == (0, "")
    found = told(run, config, name)
    assert said.out == f"contact {found['contact']} at info@example.org: settled; what waited there: reply\n"
    settled = found["events"][-1]
    assert (settled["kind"], settled["reason"], settled["by"]) == ("settled", "told her by phone", "Ann")
    assert [(each["wait"], each["until"]) for each in found["waits"]] == [("reply", settled["at"])]
    out = run("explain", name, "--config", config).out
    assert f"  {settled['at']}  settled  (told her by phone, by Ann)\n" in out


def test_by_our_id_and_by_the_login_name(config: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    ours = told(run, config, "4711")["contact"]
    assert run("settle", ours, "--reason", "x", "--config", config).code == 0
    found = told(run, config, "4711")
    assert found["events"][-1]["by"] == "ann"
    assert {each["wait"] for each in found["waits"] if each["until"] is None} == set()


def test_the_second_time_nothing_is_changed_and_that_is_said(config: Path, run: Run):
    run("settle", "4711", "--reason", "x", "--config", config)
    before = told(run, config, "4711")
    said = run("settle", "4711", "--reason", "y", "--config", config)
    text = f"contact {before['contact']} at hotline: nothing waits there that could be settled; nothing was changed\n"
    assert (said.code, said.out, said.err) == (0, text, "")
    assert told(run, config, "4711") == before


def test_what_was_solved_waits_for_nothing(config: Path, run: Run):
    assert "nothing was changed" in run("settle", "4713", "--reason", "x", "--config", config).out


def test_a_name_that_may_mean_several_is_1_and_lists_them(config: Path, run: Run):
    said = run("settle", "4712", "--reason", "x", "--config", config)
    first, *listed = said.err.splitlines()
    assert (said.code, said.out, first) == (1, "", "4712: may be any of these; name one by its id")
    assert [line.split("  ")[2] for line in listed] == [
        "phone at hotline, source desk", "phone at repairs, source desk",
    ]  # fmt: skip
    ours = listed[1].split()[0]
    assert run("settle", ours, "--reason", "x", "--config", config).code == 0
    found = json.loads(run("explain", "4712", "--json", "--config", config).out)
    assert [[event["kind"] for event in each["events"]] for each in found] == [["left"], ["left", "came_again", "settled"]]


def test_unknown_is_one_line_and_1(config: Path, run: Run):
    said = run("settle", "\x1b[2Jnobody", "--reason", "x", "--config", config)
    assert (said.code, said.out, said.err) == (1, "", "\\x1b[2Jnobody: no such contact in sqlite:contacts.db\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "--reason"),
        (("--reason", ""), "--reason is needed"),
        (("--reason", "  "), "--reason is needed"),
        (("--reason", "x" * 201), "--reason has 201 characters; at most 200"),
        (("--reason", "a\x1b[2J"), "--reason holds control characters"),
        (("--reason", "a\nb"), "--reason holds control characters"),
        (("--reason", "x", "--by", ""), "--by is needed"),
    ],
)
def test_what_is_wrong_is_one_line_and_2(config: Path, run: Run, arguments: tuple[str, ...], problem: str):
    said = run("settle", "4711", *arguments, "--config", config)
    assert (said.code, said.out) == (2, "")
    assert problem in said.err
    assert [each["kind"] for each in told(run, config, "4711")["events"]] == ["received"]


def test_a_login_without_a_name_must_say_who(config: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", unknown)
    said = run("settle", "4711", "--reason", "x", "--config", config)
    assert (said.code, said.err) == (2, "--by NAME is needed: your login has no name\n")


def test_it_makes_no_store(write: Write, run: Run, tmp_path: Path):
    config = write({"sources": {"desk": {"type": "events"}}})
    said = run("settle", "4711", "--reason", "x", "--by", "a", "--config", config)
    assert (said.code, said.err) == (1, "contacts.db: there is no store yet; is `store` right, and has the daemon run?\n")
    assert not (tmp_path / "contacts.db").exists()


class TestAFileThatSpeaksOfAMail:
    """`import` of contact events, as a push of them."""

    def line(self, **keys: Any) -> str:
        return json.dumps({"kind": "settled", "at": "2026-11-02T11:00:00Z", "reason": "by phone", **keys}) + "\n"

    def test_it_is_stored_with_the_mail(self, config: Path, run: Run, tmp_path: Path):
        (tmp_path / "settled.jsonl").write_text(self.line(contact="<again@example.net>"))
        for known in (0, 1):
            out = run("import", "settled.jsonl", "--source", "desk", "--config", config).out
            assert f"{1 - known} events stored into desk, {known} were known, 0 refused" in out
        found = told(run, config, "question@example.net")
        assert (found["source"], [each["kind"] for each in found["events"]]) == ("mail", ["received", "received", "settled"])

    def test_what_nobody_knows_is_named(self, config: Path, run: Run, tmp_path: Path):
        (tmp_path / "settled.jsonl").write_text(self.line(contact="nobody@example.net"))
        said = run("import", "settled.jsonl", "--source", "desk", "--config", config)
        assert "0 events stored into desk, 0 were known, 1 refused" in said.out
        assert "contact: nobody knows 'nobody@example.net'" in said.err
