"""Folders over IMAP: as servers in the world list them, when they cannot be read, and mails that are moved or marked.

The server is scripted; tests/live/test_imap_folders.py does the same to a real one.
"""

from datetime import timedelta
from typing import Any

import pytest

from monitor.connector import Finding
from monitor.connectors.imap import ImapConnector, Settings, connect
from monitor.errors import TransientError
from tests.connectors.mail.recorded_servers import ALL, EXCHANGE_DE, GMAIL_DE, Recorded
from tests.connectors.scripted_imap import PASSWORD, ScriptedImap, scripted_imap
from tests.live.connector_store import ConnectorStore, StoppedClock

USER = "support@lab.example"
ANNA = "anna@lab.example"


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


# servers as they are


def as_recorded(recorded: Recorded) -> ScriptedImap:
    """A question in INBOX and in the second folder that customers' mails are filed in, the first one answered; spam."""
    server = ScriptedImap(before=recorded.before, after=recorded.after, delimiter=recorded.delimiter, listing=recorded.listing)
    names = [line.rpartition(f'"{recorded.delimiter}" ')[2].strip('"') for line in recorded.listing if "Noselect" not in line]
    server.folders = dict.fromkeys(names, "")
    inbox = next(name for name in names if name.upper() == "INBOX")
    if inbox != "INBOX":
        server.folders["INBOX"] = ""
    server.copy(mail("q1@customer.example"), "INBOX")
    server.copy(answer("a1@lab.example", "q1@customer.example", "someone@brand.example"), recorded.sent)
    server.copy(mail("s1@spam.example", "win@spam.example"), recorded.junk)
    server.copy(mail("t1@spam.example", "win@spam.example"), recorded.trash)
    return server


@pytest.mark.parametrize("name", ALL)
async def test_a_whole_poll_of_a_server_as_it_was_seen(name: str) -> None:
    recorded = ALL[name]
    with scripted_imap(as_recorded(recorded)) as server:
        desk = Desk(server)
        assert sorted(await desk.poll()) == [("received", None), ("replied", None)]
        assert desk.complete
        opened = [c.partition('"')[2].rstrip('"') for c in server.commands if c.startswith("EXAMINE")]
        assert opened == list(recorded.reads)
        # A quiet mailbox is asked for nothing but its marks, and what is moved to Junk or Trash is heard of.
        before = len(server.commands)
        assert await desk.poll() == []
        assert set(server.verbs()[before:]) <= {"NOOP", "LIST", "STATUS"}
        server.move("INBOX", 1, recorded.junk)
        assert await desk.poll() == [("discarded", "spam")]
        server.move(recorded.junk, 2, recorded.trash)
        assert await desk.poll() == []
        desk.connector.close()


@pytest.mark.parametrize("name", ALL)
async def test_check_says_what_was_taken_as_sent_and_why(name: str) -> None:
    recorded = ALL[name]
    with scripted_imap(as_recorded(recorded)) as server:
        findings = await Desk(server).check()
        [sent] = [f.text for f in findings if "takes as Sent" in f.text]
        marked = any(r"\Sent" in line for line in recorded.listing)
        assert ("the server says so" if marked else "by its name") in sent
        assert sent.endswith(": 1 mails")
        [watched] = [f.text for f in findings if "as Junk" in f.text]
        assert "as Trash" in watched
        assert all(f.ok is not False for f in findings)


async def test_exchange_that_throttles_status_of_one_folder_is_read_all_the_same() -> None:
    with scripted_imap(as_recorded(EXCHANGE_DE)) as server:
        server.without_status = {"INBOX"}
        desk = Desk(server)
        assert sorted(await desk.poll()) == [("received", None), ("replied", None)]
        server.copy(mail("q2@customer.example"), "INBOX")
        assert await desk.poll() == [("received", None)]
        assert desk.complete
        desk.connector.close()


# our own mails in a view of everything


async def test_all_mail_is_read_no_further_than_sent_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer from an alias that is not configured arrives while the poll runs: after the survey, before All Mail."""
    with scripted_imap(as_recorded(GMAIL_DE)) as server:
        desk = Desk(server)
        await desk.poll()
        server.copy(mail("q2@customer.example"), "Kunden")
        server.copy(mail("q2@customer.example"), "[Gmail]/Alle Nachrichten")
        [mailbox] = desk.connector.mailboxes
        opening = mailbox.open

        def meanwhile(folder: str) -> Any:
            if folder == "[Gmail]/Alle Nachrichten":
                alias = answer("a2@lab.example", "q2@customer.example", "help@brand.example")
                server.copy(alias, "[Gmail]/Gesendet")
                server.copy(alias, "[Gmail]/Alle Nachrichten")
            return opening(folder)

        monkeypatch.setattr(mailbox, "open", meanwhile)
        assert await desk.poll() == [("received", None)]
        monkeypatch.setattr(mailbox, "open", opening)
        assert await desk.poll() == [("replied", None)]
        desk.connector.close()


async def test_sent_is_looked_at_whenever_a_view_of_everything_moved() -> None:
    """The marks of Sent were taken before an answer came, those of All Mail after it."""
    with scripted_imap(as_recorded(GMAIL_DE)) as server:
        desk = Desk(server)
        await desk.poll()
        server.copy(answer("a2@lab.example", "q1@customer.example", "help@brand.example"), "[Gmail]/Alle Nachrichten")
        stale = [c for c in server.commands if c.startswith("EXAMINE")]
        server.mails["[Gmail]/Gesendet"][2] = answer("a2@lab.example", "q1@customer.example", "help@brand.example")
        server.uid_next["[Gmail]/Gesendet"] = 2
        before = len(stale)
        assert await desk.poll() == [("replied", None)]
        opened = [c for c in server.commands if c.startswith("EXAMINE")][before:]
        assert opened == ['EXAMINE "[Gmail]/Gesendet"', 'EXAMINE "[Gmail]/Alle Nachrichten"']
        desk.connector.close()


# what cannot be read


def office() -> ScriptedImap:
    server = ScriptedImap(folders={"INBOX": "", "Kunden": "", "Sent": r"\Sent", "Junk": r"\Junk", "Trash": r"\Trash"})
    server.copy(mail("q1@customer.example"), "INBOX")
    return server


async def test_a_sent_that_is_refused_at_the_start_makes_nothing_complete() -> None:
    with scripted_imap(office()) as server:
        server.copy(answer("a1@lab.example", "q1@customer.example"), "Sent")
        server.closed = {"Sent"}
        desk = Desk(server)
        with pytest.raises(TransientError, match=f"Sent of {USER} cannot be opened: which answers were sent is not known"):
            await desk.poll()
        assert [e.kind for e in desk.new] == ["received"]  # all else is read and stored
        assert desk.store.watermark is None
        server.closed = set()
        assert await desk.poll() == [("replied", None)]
        assert desk.complete
        desk.connector.close()


@pytest.mark.parametrize(("folder", "told"), [("Kunden", "a folder of"), ("INBOX", "INBOX of")])
async def test_any_folder_that_is_refused_makes_the_source_incomplete_without_naming_customers(folder: str, told: str) -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server)
        await desk.poll()
        server.closed = {folder}
        server.copy(mail("q2@customer.example"), folder)
        with pytest.raises(TransientError, match=told) as caught:
            await desk.poll()
        assert "Kunden" not in str(caught.value)
        server.closed = set()
        assert await desk.poll() == [("received", None)]
        assert desk.complete
        desk.connector.close()


async def test_a_sent_that_vanishes_or_is_renamed_stops_the_watermark_until_it_is_back() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server)
        await desk.poll()
        seen = desk.store.watermark
        del server.folders["Sent"]
        server.folders["Alte Post"] = ""
        for _ in range(2):
            with pytest.raises(TransientError, match=f"Sent of {USER} is gone"):
                await desk.poll()
        desk.restart()
        with pytest.raises(TransientError, match="is gone"):
            await desk.poll()
        assert desk.store.watermark == seen
        server.folders["Gesendete Elemente"] = ""
        await desk.poll()
        assert desk.complete
        assert desk.store.cursor is not None
        assert "Sent" not in desk.store.cursor[USER]
        desk.connector.close()


async def test_a_label_that_is_deleted_or_renamed_is_no_failure() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server)
        server.move("INBOX", 1, "Kunden")
        await desk.poll()
        server.folders = {"INBOX": "", "Kunden 2025": "", "Sent": r"\Sent"}
        server.mails["Kunden 2025"] = server.mails.pop("Kunden")
        assert await desk.poll() == []
        assert desk.complete
        assert desk.store.cursor is not None
        assert sorted(desk.store.cursor[USER]) == ["INBOX", "Kunden 2025", "Sent"]
        desk.connector.close()


async def test_a_junk_that_cannot_be_opened_hides_no_question() -> None:
    with scripted_imap(office()) as server:
        server.closed = {"Junk"}
        desk = Desk(server)
        await desk.poll()
        server.move("INBOX", 1, "Junk")
        assert await desk.poll() == []
        assert desk.complete
        server.closed = set()
        assert await desk.poll() == [("discarded", "spam")]
        desk.connector.close()


# mail of long ago that comes in while we watch


def long_ago(server: ScriptedImap, name: str, folder: str = "INBOX", refs: str = "") -> None:
    """Its internal date is of this morning; the clock of the desk has gone on by half a day."""
    server.copy(answer(name, refs) if refs else mail(name), folder)


async def quiet_desk(server: ScriptedImap) -> Desk:
    desk = Desk(server)
    await desk.poll()
    await desk.poll(after=43_200)
    return desk


async def test_a_mailbox_that_is_moved_here_is_taken_in_with_its_answers() -> None:
    with scripted_imap(office()) as server:
        desk = await quiet_desk(server)
        seen = desk.store.watermark
        for number in range(0, 45, 3):
            for each in range(number, number + 3):
                long_ago(server, f"old{each}@customer.example")
            assert await desk.poll(after=60) == []  # for longer than anybody waits for a few
        assert desk.store.watermark == seen
        assert "long ago" in desk.store.batches[-1].untold.why[0]
        long_ago(server, "a0@lab.example", "Sent", refs="old0@customer.example")
        assert await desk.poll(after=110) == []
        assert await desk.poll(after=119) == []
        told = await desk.poll(after=1)
        assert sorted(told) == [("received", None)] * 45 + [("replied", None)]
        assert desk.complete
        assert desk.store.batches[-1].untold.why == ()
        desk.connector.close()


async def test_a_single_mail_of_long_ago_waits_two_minutes_and_a_few_never_ten() -> None:
    with scripted_imap(office()) as server:
        desk = await quiet_desk(server)
        long_ago(server, "old@customer.example")
        assert await desk.poll() == []
        assert await desk.poll(after=119) == []
        assert await desk.poll(after=1) == [("received", None)]
        assert await desk.poll(after=3600) == []
        for number in range(10):
            long_ago(server, f"more{number}@customer.example")
            assert await desk.poll(after=60) == []
        assert await desk.poll(after=60) == [("received", None)] * 10
        desk.connector.close()


async def test_what_came_while_nobody_could_read_or_before_a_start_is_no_mail_of_long_ago() -> None:
    with scripted_imap(office()) as server:
        desk = await quiet_desk(server)
        desk.restart()
        long_ago(server, "old@customer.example")
        assert await desk.poll() == [("received", None)]
        desk.connector.close()


async def test_only_the_last_piece_of_a_poll_lets_absence_be_judged() -> None:
    with scripted_imap(office()) as server:
        server.copy(answer("a1@lab.example", "q1@customer.example"), "Sent")
        desk = Desk(server)
        await desk.poll()
        assert [b.more for b in desk.store.batches] == [True, True, False]
        desk.connector.close()


# thrown out


@pytest.fixture(params=["LIST-STATUS", "STATUS"])
def capabilities(request: pytest.FixtureRequest) -> str:
    more = "SPECIAL-USE LIST-EXTENDED LIST-STATUS" if request.param == "LIST-STATUS" else "SPECIAL-USE LIST-EXTENDED"
    return f"IMAP4rev1 SASL-IR AUTH=PLAIN {more}"


async def test_to_junk_and_back_and_to_trash(capabilities: str) -> None:
    with scripted_imap(office()) as server:
        server.after = capabilities
        desk = Desk(server)
        await desk.poll()
        [question] = desk.new
        server.move("INBOX", 1, "Junk")
        assert await desk.poll() == [("discarded", "spam")]
        [told] = desk.new
        assert (told.event, told.contact, told.place, told.at) == (
            question.id,
            question.contact,
            question.place,
            desk.clock.moment,
        )
        server.move("Junk", 1, "INBOX")
        assert await desk.poll() == [("restored", None)]
        assert desk.new[0].event == question.id
        server.move("INBOX", 2, "Trash")
        desk.restart()
        assert await desk.poll() == [("discarded", "deleted")]
        server.move("Trash", 1, "Kunden")
        assert await desk.poll() == [("restored", None)]
        assert len({e.id for e in desk.store.events.values()}) == 5
        desk.connector.close()


async def test_to_a_folder_to_be_ignored_and_to_one_that_is_read() -> None:
    with scripted_imap(office()) as server:
        server.folders["Newsletter"] = server.folders["Newsletter/Alt"] = ""
        desk = Desk(server, ignore={"folders": ["newsletter"]})
        await desk.poll()
        server.move("INBOX", 1, "Kunden")
        assert await desk.poll() == []
        server.move("Kunden", 1, "Newsletter/Alt")
        assert await desk.poll() == [("discarded", "ignored")]
        desk.connector.close()


async def test_a_folder_that_is_ignored_from_now_on_throws_out_what_lies_there() -> None:
    with scripted_imap(office()) as server:
        server.move("INBOX", 1, "Kunden")
        desk = Desk(server)
        await desk.poll()
        desk.connector.close()
        later = Desk(server, ignore={"folders": ["Kunden"]})
        later.store, store = desk.store, desk.store
        later.connector = connect(later._settings, store.context(later.clock))
        assert await later.poll() == [("discarded", "ignored")]
        later.connector.close()


async def test_a_junk_folder_that_is_made_for_the_first_spam_is_heard_of() -> None:
    with scripted_imap(office()) as server:
        del server.folders["Junk"]
        desk = Desk(server)
        await desk.poll()
        server.move("INBOX", 1, "Junk")
        assert await desk.poll() == [("discarded", "spam")]
        desk.connector.close()


async def test_one_of_two_copies_deleted_leaves_the_question_open(capabilities: str) -> None:
    """A mail to info@ and support@ lies in one INBOX twice; people delete one of them."""
    with scripted_imap(office()) as server:
        server.after = capabilities
        server.copy(mail("q1@customer.example"), "INBOX")
        desk = Desk(server)
        await desk.poll()
        server.move("INBOX", 1, "Trash")
        for _ in range(3):
            assert await desk.poll(after=400) == []
        assert desk.store.cursor is not None
        assert desk.store.cursor[USER]["Trash"] == [7, 2, "trash"]  # it is a copy that somebody keeps
        server.move("INBOX", 2, "Trash")
        assert await desk.poll() == [("discarded", "deleted")]
        desk.connector.close()


async def test_a_mail_that_is_copied_first_and_deleted_later_is_thrown_out() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server)
        await desk.poll()
        server.copy(server.mails["INBOX"][1], "Junk")
        assert await desk.poll() == []
        desk.restart()
        assert await desk.poll(after=300) == []
        server.flags["INBOX", 1] = r"\Deleted"  # many programs remove it when they are closed
        assert await desk.poll(after=200) == [("discarded", "spam")]
        desk.connector.close()


async def test_another_mail_with_the_same_message_id_is_no_copy() -> None:
    with scripted_imap(office()) as server:
        server.copy(mail("q1@customer.example", "bob@other.example"), "INBOX")
        desk = Desk(server)
        assert await desk.poll() == [("received", None)] * 2
        server.move("INBOX", 1, "Trash")
        assert await desk.poll() == [("discarded", "deleted")]
        assert [e.event for e in desk.new] == [e.id for e in desk.store.events.values() if e.contact == "q1@customer.example"][:1]
        desk.connector.close()


async def test_a_mail_nobody_has_read_is_nobodys_business_in_junk() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server)
        await desk.poll()
        server.copy(mail("sp@spam.example", "win@spam.example"), "Junk")
        assert await desk.poll() == []
        server.move("Junk", 1, "INBOX")
        assert await desk.poll() == [("received", None)]
        desk.connector.close()


async def test_our_own_mail_in_trash_says_nothing() -> None:
    with scripted_imap(office()) as server:
        server.copy(answer("a1@lab.example", "q1@customer.example"), "Sent")
        desk = Desk(server)
        await desk.poll()
        server.move("Sent", 1, "Trash")
        assert await desk.poll() == []
        desk.connector.close()


async def test_a_junk_with_a_new_uidvalidity_tells_nothing_twice() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server)
        await desk.poll()
        server.move("INBOX", 1, "Junk")
        await desk.poll()
        server.validity = 8
        assert await desk.poll() == []
        assert desk.store.cursor is not None
        assert desk.store.cursor[USER]["Junk"] == [8, 2, "junk"]
        desk.connector.close()


async def test_what_lies_in_trash_at_the_very_first_read_is_not_even_looked_at() -> None:
    with scripted_imap(office()) as server:
        server.copy(mail("q1@customer.example"), "Trash")
        desk = Desk(server)
        assert await desk.poll() == [("received", None)]
        assert 'EXAMINE "Trash"' not in server.commands
        assert await desk.poll() == []
        desk.connector.close()


async def test_killed_before_the_batch_is_stored_tells_it_at_the_next_start() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server)
        await desk.poll()
        server.move("INBOX", 1, "Junk")
        reading = desk.connector.read(desk.store.cursor)
        batch = await anext(reading)
        assert [e.kind for e in batch.events] == ["discarded"]
        assert batch.cursor is not None
        assert batch.state
        await reading.aclose()  # type: ignore[attr-defined]
        desk.restart()
        assert await desk.poll() == [("discarded", "spam")]
        assert desk.new[0].id == batch.events[0].id
        desk.connector.close()


# marked


KEYWORDS = ["$NoAnswer", r"\Flagged"]


async def test_a_keyword_set_while_we_watch_settles_at_that_moment() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server, no_answer_needed=KEYWORDS)
        await desk.poll()
        [question] = desk.new
        server.flags["INBOX", 1] = "$noanswer"
        assert await desk.poll(after=59) == []  # without a mark for flags INBOX is looked through once a minute
        assert await desk.poll(after=1) == [("settled", "no_answer_needed")]
        assert (desk.new[0].event, desk.new[0].at) == (question.id, desk.clock.moment)
        desk.restart()
        assert await desk.poll() == []
        desk.connector.close()


async def test_with_condstore_a_quiet_mailbox_costs_no_look() -> None:
    with scripted_imap(office()) as server:
        server.after += " CONDSTORE"
        desk = Desk(server, no_answer_needed=KEYWORDS)
        await desk.poll()
        before = len(server.commands)
        await desk.poll(after=4000)
        assert server.verbs()[before:] == ["NOOP", "LIST"]
        server.flags["INBOX", 1] = r"\Flagged"
        server.change = 2
        assert await desk.poll() == [("settled", "no_answer_needed")]
        desk.connector.close()


async def test_a_mail_that_is_marked_when_it_is_read_first_was_dealt_with_at_a_moment_nobody_knows() -> None:
    with scripted_imap(office()) as server:
        server.flags["INBOX", 1] = r"\Answered $NoAnswer"
        desk = Desk(server, no_answer_needed=KEYWORDS)
        assert await desk.poll() == [("received", None)]
        assert desk.new[0].answered is True
        assert await desk.poll(after=4000) == []
        desk.connector.close()


async def test_answered_is_evidence_only_where_no_sent_can_be_read() -> None:
    with scripted_imap(office()) as server:
        server.flags["INBOX", 1] = r"\Answered"
        desk = Desk(server)
        await desk.poll()
        assert desk.new[0].answered is None
        desk.connector.close()
        del server.folders["Sent"]
        fresh = Desk(server)
        await fresh.poll()
        assert fresh.new[0].answered is True
        server.copy(mail("q2@customer.example", subject="Other"), "INBOX")
        assert await fresh.poll() == [("received", None)]
        server.flags["INBOX", 2] = r"\Answered"
        assert await fresh.poll(after=60) == [("settled", "answered_flag")]
        fresh.connector.close()


async def test_a_sent_that_is_gone_is_no_reason_to_believe_flags() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server)
        await desk.poll()
        del server.folders["Sent"]
        server.flags["INBOX", 1] = r"\Answered"
        for _ in range(2):
            with pytest.raises(TransientError, match="Sent"):
                await desk.poll(after=600)
            assert desk.new == []
        desk.connector.close()


async def test_nothing_but_reading_is_sent_for_all_this() -> None:
    with scripted_imap(office()) as server:
        desk = Desk(server, no_answer_needed=KEYWORDS)
        await desk.poll()
        server.flags["INBOX", 1] = "$NoAnswer"
        server.copy(server.mails["INBOX"][1], "Junk")
        await desk.poll(after=60)
        await desk.check()
        desk.connector.close()
        assert set(server.verbs()) == {
            "CAPABILITY", "AUTHENTICATE", "LIST", "NOOP", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT",
        }  # fmt: skip
        assert all("BODY.PEEK[" in c and "BODY[" not in c for c in server.commands if c.startswith("UID FETCH"))


@pytest.mark.parametrize("flag", ["no answer", "\\NoSuchFlag", "a(b", "müll", ""])
def test_a_flag_that_cannot_be_asked_for_is_refused(flag: str) -> None:
    given = {"type": "imap", "host": "h", "username": "a", "password": "x", "no_answer_needed": [flag]}
    with pytest.raises(ValueError, match="no flag of IMAP"):
        Settings.model_validate(given)


# check


async def test_check_names_what_cannot_be_opened_and_what_is_missing() -> None:
    with scripted_imap(ScriptedImap(folders={"INBOX": "", "Kunden": "", "Kalender": ""}, closed={"Kunden"})) as server:
        texts = {f.text: f.ok for f in await Desk(server).check()}
        [missing] = [text for text, ok in texts.items() if "no Sent folder" in text and ok is None]
        assert "`folders`" in missing
        assert [ok for text, ok in texts.items() if "cannot be opened: Kunden" in text] == [False]
        assert any("leaves out Kalender" in text for text in texts)


async def test_check_warns_of_a_sent_that_cannot_be_selected() -> None:
    with scripted_imap(ScriptedImap(folders={"INBOX": "", "Sent": r"\Noselect \Sent"})) as server:
        desk = Desk(server)
        assert any("Sent cannot be opened" in f.text for f in await desk.check())
        with pytest.raises(TransientError, match="Sent"):
            await desk.poll()
        desk.connector.close()
