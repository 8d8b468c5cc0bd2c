"""A real Dovecot holds a customer's mails and our replies: what these promise is judged. Monday is 2 November 2026."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from tests.connectors.mail_names import kept
from tests.domain.contact_lines import at, expected, judged, policy, verdicts
from tests.live.connector_store import ConnectorStore, StoppedClock
from tests.servers.dovecot import Dovecot, running_dovecot

pytestmark = pytest.mark.xdist_group("dovecot")

USER = "support@lab.example"
NOW = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)  # Wednesday: every limit has passed
QUOTE = "\n\nOn 02/11/2026 09:14, {} wrote:\n> I will call you tomorrow by 10.\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with running_dovecot() as dovecot:
        yield dovecot


def put(server: Dovecot, folder: str, moment: str, name: str, who: str, text: str, *, refs: str = "") -> None:
    customer = f"{who}@customer.example"
    sender, to = (customer, USER) if folder == "INBOX" else (USER, customer)
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {'Re: ' if refs else ''}Parcel",
        f"Date: {format_datetime(at(moment))}",
        f"Message-ID: <{name}>",
    ]
    lines += ["References: " + " ".join(f"<{each}>" for each in refs.split())] if refs else []
    raw = "\r\n".join((*lines, "Content-Type: text/plain; charset=utf-8", "", text.replace("\n", "\r\n"))).encode()
    server.append(USER, folder, [(at(moment), raw)])


def held(store: ConnectorStore, contact: str) -> list[tuple[str, datetime | None]]:
    return verdicts(judged(store.contacts()[kept(contact)], "wed@09:00", policy("email", hours=True)), "slipped_promise")


async def test_a_promise_of_a_reply_slips_and_its_twin_is_kept(server: Dovecot) -> None:
    server.keep_wire_log(USER)
    put(server, "INBOX", "mon@09:14", "q1@x", "jane", "Where is it? I will call you tomorrow by 10.")
    put(server, "Sent", "mon@10:00", "a1@x", "jane", "Hello,\n\nI'll call you back tomorrow by 11.\n\nTom" + QUOTE, refs="q1@x")
    put(server, "INBOX", "mon@09:14", "q2@x", "carl", "Where is it?")
    put(server, "Sent", "mon@10:00", "a2@x", "carl", "Ich schreibe Ihnen morgen bis 11 Uhr.\n\nTom" + QUOTE, refs="q2@x")
    put(server, "Sent", "tue@10:59", "b2@x", "carl", "Es ist da.\n\nTom", refs="q2@x a2@x")
    put(server, "INBOX", "mon@09:14", "q3@x", "dora", "Where is it?")
    put(server, "Sent", "mon@10:00", "a3@x", "dora", "It is on its way.\n\nTom" + QUOTE, refs="q3@x")
    put(server, "Sent", "mon@10:00", "o4@x", "emil", "We will send you the offer by Tuesday.\n\nTom")  # nobody has asked
    store = ConnectorStore()
    connector = store.connector(server, [USER], StoppedClock(NOW))
    await store.poll(connector)
    first = store.contacts()
    assert held(store, "q1@x") == expected("breached tue@11:00:00.000001")
    assert held(store, "q2@x") == expected("kept tue@10:59")
    assert held(store, "q3@x") == []
    assert held(store, "o4@x") == expected("breached tue@17:30:00.000001")
    store.cursor = None  # all is read once more
    await store.poll(connector)
    connector.close()
    assert store.contacts() == first
    fetches = [line for line in server.wire_log(USER).split(b"\r\n") if b"UID FETCH" in line and b"[TEXT]" in line]
    assert len(fetches) == 2  # five replies each time
    assert all(b"BODY.PEEK[TEXT]<0.8192>" in line for line in fetches)
