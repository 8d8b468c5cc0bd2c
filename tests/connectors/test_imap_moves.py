"""Mails that are moved and marked, on a scripted server; tests/live/test_imap_folders.py does the same to a real one."""

import pytest

from monitor.connectors.imap import Settings, connect
from monitor.errors import TransientError
from tests.connectors.mail_desk import USER, Desk, answer, mail, office
from tests.connectors.mail_names import kept
from tests.connectors.scripted_imap import scripted_imap

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
        assert [e.event for e in desk.new] == [
            e.id for e in desk.store.events.values() if e.contact == kept("q1@customer.example")
        ][:1]
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
