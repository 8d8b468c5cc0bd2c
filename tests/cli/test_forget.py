"""`forget`: what goes and what stays is said before it is asked, and done exactly, once."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, Said
from tests.cli.test_settle import MBOX, missed, ticket

Write = Callable[[dict[str, Any]], Path]
STAYS = (
    "Counters stay, since they never go back; contactpoint_signals_retracted_total says what was taken back. "
    "What is told again counts again.\n"
)


@pytest.fixture
def configured() -> dict[str, Any]:
    mail = {"type": "imap", "host": "x", "username": "info@example.org", "password": "x"}
    return {"sources": {"mail": mail, "desk": {"type": "events"}}, "contact_points": {"vip": {"channel": "ticket"}}}


@pytest.fixture
def config(configured: dict[str, Any], write: Write, run: Run, tmp_path: Path) -> Path:
    """A mailbox with a question and its chaser; ticket 4711, which waits, a call missed in two queues, a ticket at `vip`."""
    config = write(configured)
    (tmp_path / "mail.mbox").write_text(MBOX)
    tickets = (
        ticket("4711", "oops", "received"),
        missed("4712", "oops"),
        missed("4712", "repairs"),
        ticket("1", "vip", "received"),
    )
    (tmp_path / "tickets.jsonl").write_text("".join(tickets))
    assert run("import", "mail.mbox", "tickets.jsonl", "--complete-until", "2026-11-03T09:00:00Z", "--config", config).code == 0
    return config


def listed(run: Run, config: Path) -> list[tuple[str, str]]:
    rows = json.loads(run("signals", "--since", "520w", "--format", "json", "--config", config).out)
    return sorted((row["contact_point"], row["signal"]) for row in rows)


class Terminal:
    """A person who types `answer`."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self, *_: int) -> str:
        return self.answer


@pytest.fixture
def ask(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs a command before somebody who answers so."""

    def call(answer: str, *arguments: object) -> Said:
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        return run(*arguments)

    return call


class TestContact:
    def test_it_says_what_goes_and_what_stays_and_does_it(self, config: Path, run: Run, tmp_path: Path):
        ours = json.loads(run("explain", "4711", "--json", "--config", config).out)["contact"]
        said = run("forget", "contact", "4711", "--yes", "--config", config)
        assert (said.code, said.err) == (0, "")
        assert said.out == (
            f"contact {ours} (ticket) at oops; desk calls it '4711'\n"
            "1 event from 2026-11-02T09:00:00Z to 2026-11-02T09:00:00Z; negative: late_reply; waits now: reply, resolution\n"
            "It is removed with its events, signals and evidence, and from the weekly figures.\n"
            f"{STAYS}contact {ours} at oops: forgotten\n"
        )
        assert run("explain", "4711", "--config", config).code == 1
        assert ("oops", "late_reply") not in listed(run, config)
        assert ("vip", "late_reply") in listed(run, config)

    def test_the_second_time_there_is_none(self, config: Path, run: Run):
        run("forget", "contact", "4711", "--yes", "--config", config)
        before = listed(run, config)
        said = run("forget", "contact", "4711", "--yes", "--config", config)
        assert (said.code, said.out, said.err) == (1, "", "4711: no such contact in sqlite:contacts.db\n")
        assert listed(run, config) == before

    @pytest.mark.parametrize("name", ["<again@example.net>", "question@example.net"])
    def test_a_mail_by_any_message_id_of_its_conversation(self, config: Path, run: Run, name: str):
        assert run("forget", "contact", name, "--yes", "--config", config).code == 0
        for each in ("question@example.net", "again@example.net"):
            assert run("explain", each, "--config", config).code == 1

    def test_a_name_that_may_mean_several_names_them_and_changes_nothing(self, config: Path, run: Run):
        said = run("forget", "contact", "4712", "--yes", "--config", config)
        assert (said.code, said.err.splitlines()[0]) == (1, "4712: may be any of these; name one by its id")
        ours = said.err.splitlines()[2].split()[0]
        assert "at repairs" in said.err.splitlines()[2]
        assert run("forget", "contact", ours, "-y", "--config", config).code == 0
        assert json.loads(run("explain", "4712", "--json", "--config", config).out)["contact_point"] == "oops"

    @pytest.mark.parametrize(("answer", "code", "gone"), [("y\n", 0, True), ("n\n", 1, False), ("\n", 1, False), ("", 1, False)])
    def test_it_asks(self, config: Path, run: Run, ask: Callable[..., Said], answer: str, code: int, gone: bool):
        said = ask(answer, "forget", "contact", "4711", "--config", config)
        assert (said.code, "Forget it? [y/N]" in said.all) == (code, True)
        assert (run("explain", "4711", "--config", config).code == 1) is gone

    def test_where_nobody_can_be_asked_nothing_is_changed(self, config: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
        with (Path(config).parent / "empty").open("w+") as empty:
            monkeypatch.setattr(sys, "stdin", empty)
            said = run("forget", "contact", "4711", "--config", config)
        assert (said.code, said.err) == (2, "nobody can be asked here, nothing was changed: add --yes\n")
        assert run("explain", "4711", "--config", config).code == 0

    @pytest.mark.parametrize("what", ["contact", "contact-point"])
    def test_a_hostile_name_moves_no_cursor(self, config: Path, run: Run, what: str):
        said = run("forget", what, "\x1b[2J\u202e", "--yes", "--config", config)
        assert said.code == 1
        assert not {"\x1b", "\u202e"} & set(said.all)

    def test_it_makes_no_store(self, write: Write, run: Run, tmp_path: Path):
        config = write({"sources": {"desk": {"type": "events"}}})
        said = run("forget", "contact", "4711", "--yes", "--config", config)
        assert (said.code, said.err) == (1, "contacts.db: there is no store yet; is `store` right, and has the daemon run?\n")
        assert not (tmp_path / "contacts.db").exists()


class TestContactPoint:
    def test_it_goes_with_all_its_contacts_and_totals_stay(self, config: Path, run: Run):
        said = run("forget", "contact-point", "oops", "--yes", "--config", config)
        assert (said.code, said.err) == (0, "forgetting: 100 %\n")
        assert said.out == (
            "contact point oops; source desk: 2 contacts, something waits in 2\n"
            "It is removed with its contacts, their signals and evidence, and its weeks.\n"
            f"{STAYS}contact point oops: forgotten\n"
        )
        assert {point for point, _ in listed(run, config)} == {"repairs", "vip", "info@example.org"}
        assert json.loads(run("explain", "4712", "--json", "--config", config).out)["contact_point"] == "repairs"
        again = run("forget", "contact-point", "oops", "--yes", "--config", config)
        told = "contact point oops: was forgotten before; nothing was changed\n"
        assert (again.code, again.out, again.err) == (0, told, "")

    def test_one_that_is_configured_is_refused_with_the_remedy(
        self, config: Path, configured: dict[str, Any], write: Write, run: Run
    ):
        said = run("forget", "contact-point", "vip", "--yes", "--config", config)
        problem = "contact point 'vip' is still configured: take it out of contact_points, reload the daemon, then forget it\n"
        assert (said.code, said.out, said.err) == (2, "", problem)
        write({**configured, "contact_points": {}})
        assert run("forget", "contact-point", "vip", "--yes", "--config", config).code == 0
        assert run("explain", "1", "--config", config).code == 1

    def test_one_that_never_was_names_the_nearest(self, config: Path, run: Run):
        said = run("forget", "contact-point", "repair", "--yes", "--config", config)
        assert (said.code, said.out) == (1, "")
        assert said.err == "there is no contact point 'repair'; did you mean repairs?\n"

    def test_what_has_moved_on_stays_with_what_fell_there(self, config: Path, run: Run, tmp_path: Path):
        later = json.loads(ticket("4711", "elsewhere", "received")) | {"at": "2026-11-03T08:00:00Z"}
        (tmp_path / "moved.jsonl").write_text(json.dumps(later) + "\n")
        assert run("import", "moved.jsonl", "--source", "desk", "--config", config).code == 0
        said = run("forget", "contact-point", "oops", "--yes", "--config", config)
        assert said.out.splitlines()[0] == "contact point oops; source desk: 1 contact, something waits in 1"
        assert said.out.splitlines()[-2:] == [
            "contact point oops: forgotten",
            "kept with contacts that have moved on to other contact points: 1 signal that fell there",
        ]
        assert ("oops", "late_reply") in listed(run, config)

    def test_it_asks(self, config: Path, run: Run, ask: Callable[..., Said]):
        before = listed(run, config)
        assert ask("n\n", "forget", "contact-point", "oops", "--config", config).code == 1
        assert listed(run, config) == before


@pytest.mark.parametrize("what", [("customer", "x"), ("contact",), ("contact-point",)])
def test_wrong_use(config: Path, run: Run, what: tuple[str, ...]):
    assert run("forget", *what, "--config", config).code == 2
