"""Folders over IMAP: as servers in the world list them, when they cannot be read, and when they are being filled.

The server is scripted; tests/live/test_imap_folders.py does the same to a real one.
"""

from typing import Any

import pytest

from monitor.errors import TransientError
from tests.connectors.mail.recorded_servers import ALL, EXCHANGE_DE, GMAIL_DE, Recorded
from tests.connectors.mail_desk import USER, Desk, answer, mail, office
from tests.connectors.scripted_imap import ScriptedImap, scripted_imap

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
