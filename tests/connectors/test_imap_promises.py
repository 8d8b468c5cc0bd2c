"""The texts of our own mails on a scripted server: what is fetched of them, and what the events say."""

from datetime import UTC, datetime

import pytest

from monitor.domain.event import Event
from monitor.domain.gist import Gist
from tests.connectors.mail_desk import USER, Desk, answer, mail
from tests.connectors.mail_names import kept
from tests.connectors.scripted_imap import ScriptedImap, scripted_imap

#: Everything arrives on Wednesday 18 November 2026 at 11:30; the office is open from 9:00 to 17:30.
ELEVEN = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
PROMISE = b"I'll call you back tomorrow by 11.\r\n"
JANE = "jane@customer.example"


def saying(raw: bytes, text: bytes = PROMISE, *headers: bytes) -> bytes:
    """A mail with this text instead of its own."""
    return b"\r\n".join((raw.partition(b"\r\n\r\n")[0], *headers, b"", text))


def office(*ours: bytes, folder: str = "Sent") -> ScriptedImap:
    server = ScriptedImap(mails={"INBOX": {1: mail("q@x")}})
    for raw in ours:
        server.copy(raw, folder)
    return server


def texts(server: ScriptedImap) -> list[str]:
    """Which texts were asked for."""
    return [c for c in server.commands if "BODY.PEEK[TEXT]" in c]


def dues(desk: Desk) -> dict[str, list[tuple[str, datetime | None]]]:
    """What each reply promises."""
    replies = [e for e in desk.store.events.values() if e.kind == "replied"]
    return {e.id: [(p.deed, p.due) for p in e.gist.promises] if e.gist else [] for e in replies}


async def test_what_we_promise_is_kept_with_the_reply_and_nothing_of_its_text() -> None:
    with scripted_imap(office(saying(answer("a@x", "q@x")), saying(answer("b@x", "q@x"), b"It is on its way.\r\n"))) as server:
        desk = Desk(server)
        await desk.poll()
        assert dues(desk) == {kept("a@x"): [("call", ELEVEN)], kept("b@x"): []}
        assert texts(server) == ["UID FETCH 1:2 (UID BODY.PEEK[TEXT]<0.8192>)"]
        everything = repr([desk.store.events, desk.store.state, desk.store.batches])
        assert "by 11" not in everything
        assert "call you" not in everything
        desk.connector.close()


async def test_a_mail_that_we_begin_with_promises_as_well() -> None:
    first = mail("a@x", USER, JANE, subject="Your order")
    with scripted_imap(office(saying(first))) as server:
        desk = Desk(server)
        await desk.poll()
        assert dues(desk) == {kept("a@x"): [("call", ELEVEN)]}
        desk.connector.close()


async def test_only_what_a_person_of_ours_wrote_to_a_customer_is_asked_for() -> None:
    everybody = ", ".join(f"c{n}@x{n}.example" for n in range(4))
    server = office(
        saying(answer("auto@x", "q@x"), PROMISE, b"Auto-Submitted: auto-replied"),
        saying(mail("colleague@x", USER, "anna@lab.example")),
        saying(mail("mailing@x", USER, everybody, subject="News")),
    )
    with scripted_imap(server):
        desk = Desk(server)
        await desk.poll()
        assert texts(server) == []
        assert dues(desk) == {kept("mailing@x"): []}
        desk.connector.close()


PAGE = b"<html><style>" + b"p {margin: 0}\n" * 1_000 + b"</style><p>I'll call you back tomorrow by 11.</p></html>"


async def test_of_a_page_alone_more_is_asked_for_in_the_same_round_trip() -> None:
    plain = saying(answer("a@x", "q@x"))
    page = saying(answer("b@x", "q@x"), PAGE, b"Content-Type: text/html")
    with scripted_imap(office(plain, page)) as server:
        desk = Desk(server)
        await desk.poll()
        assert dues(desk) == {kept("a@x"): [("call", ELEVEN)], kept("b@x"): [("call", ELEVEN)]}
        assert texts(server) == [
            "UID FETCH 1 (UID BODY.PEEK[TEXT]<0.8192>)",
            "UID FETCH 2 (UID BODY.PEEK[TEXT]<0.65536>)",
        ]
        desk.connector.close()


async def test_a_page_that_nothing_announced_is_asked_for_once_more() -> None:
    body = b"--b\r\nContent-Type: text/html\r\n\r\n" + PAGE + b"\r\n--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n--b--\r\n"
    with scripted_imap(office(saying(answer("a@x", "q@x"), body, b"Content-Type: multipart/mixed; boundary=b"))) as server:
        desk = Desk(server)
        await desk.poll()
        assert dues(desk) == {kept("a@x"): [("call", ELEVEN)]}
        assert texts(server) == ["UID FETCH 1 (UID BODY.PEEK[TEXT]<0.8192>)", "UID FETCH 1 (UID BODY.PEEK[TEXT]<0.65536>)"]
        desk.connector.close()


@pytest.mark.parametrize("cuts", [False, True], ids=["refused", "cut"])
async def test_a_reply_whose_text_cannot_be_fetched_is_still_a_reply(cuts: bool) -> None:
    with scripted_imap(office(saying(answer("a@x", "q@x")), saying(answer("b@x", "q@x")))) as server:
        server.textless, server.cuts = {1}, cuts
        desk = Desk(server)
        await desk.poll()
        assert dues(desk) == {kept("a@x"): [], kept("b@x"): [("call", ELEVEN)]}
        assert desk.complete
        desk.connector.close()


# the same event, wherever and however often it is read


def replied(desk: Desk) -> Event:
    [event] = [e for e in desk.store.events.values() if e.kind == "replied"]
    return event


async def test_a_mailbox_that_is_rebuilt_gives_the_same_reply() -> None:
    with scripted_imap(office(saying(answer("a@x", "q@x")))) as server:
        desk = Desk(server)
        await desk.poll()
        before = replied(desk)
        server.validity = 8
        await desk.poll()
        assert replied(desk) == before
        assert [e.gist for b in desk.store.batches for e in b.events if e.kind == "replied"] == [before.gist, before.gist]
        assert before.gist is not None
        desk.connector.close()


async def test_a_copy_in_the_shared_inbox_also_one_that_a_rule_gave_another_message_id_is_the_same_reply() -> None:
    sent = saying(answer("a@x", "q@x"))
    head = sent.replace(b"Message-ID: <a@x>", b"Message-ID: <copy@x>")
    copy = saying(head, PROMISE, b"X-MS-Exchange-Parent-Message-ID: <a@x>")
    server = office(sent)
    server.copy(sent, "INBOX")
    server.copy(copy, "INBOX")
    with scripted_imap(server):
        desk = Desk(server)
        await desk.poll()
        assert replied(desk).gist is not None
        desk.connector.close()


async def test_what_a_view_of_everything_shows_again_is_not_fetched_again() -> None:
    server = office(saying(answer("a@x", "q@x")))
    server.folders["All"] = r"\All"
    server.mails["All"] = {1: server.mails["INBOX"][1], 2: server.mails["Sent"][1]}
    with scripted_imap(server):
        desk = Desk(server)
        await desk.poll()
        assert len(texts(server)) == 1
        assert dues(desk) == {kept("a@x"): [("call", ELEVEN)]}
        server.mails["All"][3] = saying(answer("b@x", "q@x"))  # from a telephone that keeps nothing in Sent
        await desk.poll()
        assert dues(desk)[kept("b@x")] == [("call", ELEVEN)]
        desk.connector.close()


async def test_a_reply_that_is_read_before_its_question_keeps_what_it_promised() -> None:
    server = office(saying(answer("a@x", "q@x")))
    question = server.mails["INBOX"].pop(1)
    with scripted_imap(server):
        desk = Desk(server)
        await desk.poll()
        assert desk.store.events == {}
        desk.restart()
        server.copy(question, "INBOX")
        await desk.poll()
        assert dues(desk) == {kept("a@x"): [("call", ELEVEN)]}
        assert "by 11" not in repr(desk.store.state)
        desk.connector.close()


async def test_of_customers_the_texts_that_are_looked_at_anyway_are_read_for_what_they_give() -> None:
    """The first mail of a conversation is not, nor is any asked for that was not before."""
    given = b"My order number is 4711-23. It never came.\r\n"
    server = ScriptedImap(mails={"INBOX": {1: saying(mail("q@x"), given), 2: saying(mail("r@x", refs="a@x"), given)}})
    server.copy(answer("a@x", "q@x"), "Sent")
    with scripted_imap(server):
        desk = Desk(server)
        await desk.poll()
        received = {e.id: e.gist for e in desk.store.events.values() if e.kind == "received"}
        assert received == {kept("q@x"): None, kept("r@x"): Gist(gives=("order_number",))}
        assert len(texts(server)) == 2  # the customer's second mail, our answer
        assert "4711" not in repr([desk.store.events, desk.store.state, desk.store.batches])
        desk.connector.close()
