"""57 conversations on a real Dovecot, read by the connector: the events must give what is true of each."""

from collections.abc import Iterator

import pytest

from monitor.domain.event import Event
from monitor.domain.fold import fold
from monitor.domain.merging import merge
from tests.connectors.mail_names import kept
from tests.live.connector_store import ConnectorStore, last_question, state_of
from tests.live.mail_conversations import ACCOUNTS, NOW, Conversations, Expected, Mail, all_conversations
from tests.servers.dovecot import Dovecot, running_dovecot

pytestmark = pytest.mark.xdist_group("dovecot with conversations")  # filled and read once


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with running_dovecot() as dovecot:
        yield dovecot


def fill(server: Dovecot, conversations: Conversations, only: tuple[str, ...] = ACCOUNTS) -> None:
    """Delivers the mails of these accounts, oldest first."""
    boxes: dict[tuple[str, str], list[Mail]] = {}
    for mail in sorted(conversations.mails.values(), key=lambda m: m.at):
        for box in mail.boxes:
            boxes.setdefault(box, []).append(mail)
    for (account, folder), mails in boxes.items():
        if account in only:
            server.append(account, folder, [(m.at, m.raw) for m in mails])


def contact_of(conversations: Conversations, store: ConnectorStore, key: str) -> list[Event]:
    """The events of the contact in which this mail was received."""
    mail = conversations.mails[key]
    for events in store.contacts().values():
        for event in events:
            by_id = mail.message_id is not None and event.id == kept(mail.message_id)
            if event.kind == "received" and event.at == mail.at and (by_id or key in ("q48", "q49")):
                return events
    raise AssertionError(f"{key} was not received")


def check(conversations: Conversations, store: ConnectorStore, expected: Expected) -> None:
    """Whether the events say what is true of this conversation."""
    if expected.state == "no_reply_needed":
        received = [conversations.mails[key] for key in expected.mails]
        asked = {kept(mail.message_id or "") for mail in received if not mail.ours}
        assert not [e for e in store.events.values() if e.id in asked]
        return
    assert expected.opened is not None
    opened, answered = last_question(contact_of(conversations, store, expected.opened))
    assert opened is not None
    assert opened.at == conversations.mails[expected.opened].at
    assert (answered.at if answered else None) == (conversations.mails[expected.answered].at if expected.answered else None)
    assert state_of(opened, answered, NOW) == expected.state


CONVERSATIONS = all_conversations()
WITH_QUESTION = [each for each in CONVERSATIONS.expectations if each.opened]


@pytest.fixture(scope="module")
def filled(server: Dovecot) -> Dovecot:
    fill(server, CONVERSATIONS)
    return server


_read: dict[int, ConnectorStore] = {}


@pytest.fixture
async def read(filled: Dovecot) -> ConnectorStore:
    """The conversations as one poll reads them; read once for all tests."""
    if filled.port not in _read:
        store = ConnectorStore()
        connector = store.connector(filled, ACCOUNTS)
        await store.poll(connector)
        connector.close()
        _read[filled.port] = store
    return _read[filled.port]


@pytest.mark.parametrize("expected", CONVERSATIONS.expectations, ids=[t.name for t in CONVERSATIONS.expectations])
def test_the_events_give_the_state_of_the_conversation(read: ConnectorStore, expected: Expected) -> None:
    check(CONVERSATIONS, read, expected)


@pytest.mark.parametrize("expected", WITH_QUESTION, ids=[each.name for each in WITH_QUESTION])
def test_the_fold_sees_the_same_wait(read: ConnectorStore, expected: Expected) -> None:
    assert expected.opened is not None
    contact = fold("email", merge([], contact_of(CONVERSATIONS, read, expected.opened)) or [], reachable=False)
    wait = [w for w in contact.waits if w.kind in ("reply", "follow_up")][-1]
    assert wait.since == CONVERSATIONS.mails[expected.opened].at
    assert wait.until == (CONVERSATIONS.mails[expected.answered].at if expected.answered else None)


def test_nothing_but_these_customers_became_a_contact(read: ConnectorStore) -> None:
    asking = {t.opened for t in CONVERSATIONS.expectations if t.opened and t.opened != "q31b"} | {"q31", "o10", "o12"}
    asking.add("a46")  # who writes from his other address is somebody else until our answer to it is read from Sent
    assert sorted(events[0].at for events in read.contacts().values()) == sorted(CONVERSATIONS.mails[k].at for k in asking)


def test_places_are_the_addresses_customers_wrote_to(read: ConnectorStore) -> None:
    assert {e.place for e in read.events.values()} == {f"address:{a}" for a in ACCOUNTS if not a.startswith("bob")}


def test_the_poll_is_complete_up_to_its_beginning_and_knows_our_newest_answer(read: ConnectorStore) -> None:
    assert read.watermark == NOW
    assert [b.watermark for b in read.batches].count(None) == len(read.batches) - 1
    ours = [m.at for k, m in CONVERSATIONS.mails.items() if m.ours and k not in ("x24", "t18")]
    assert max(b.newest_outbound for b in read.batches if b.newest_outbound) == max(ours)


def test_no_address_or_subject_is_in_the_connector_state(read: ConnectorStore) -> None:
    assert read.state
    assert [e for e in read.events.values() if e.customer]
    text = "\n".join([*read.state, *read.state.values()])
    assert "customer.example" not in "\n".join(v for v in read.state.values() if "[" not in v)
    for subject in ("Invoice", "hinge", "Größe", "Delivery"):
        assert subject not in text
    assert not [e for e in read.events.values() if e.customer and "@" in e.customer]


async def test_a_second_poll_reads_nothing_again(filled: Dovecot) -> None:
    store = ConnectorStore()
    connector = store.connector(filled, ACCOUNTS)
    await store.poll(connector)
    first = len(store.batches)
    await store.poll(connector)
    connector.close()
    assert len(store.batches) == first + 1
    assert not store.batches[-1].events
    assert store.batches[-1].cursor is None


async def test_answers_read_before_their_questions_give_the_same_states(filled: Dovecot) -> None:
    store = ConnectorStore()
    for accounts in (["support@lab.example"], ["bob@lab.example", "alice@lab.example"], ["sales@lab.example"]):
        for folders in (["Sent"], ["INBOX", "Archive"]):
            connector = store.connector(filled, accounts, folders=folders)
            await store.poll(connector)
            connector.close()
    for expected in CONVERSATIONS.expectations:
        check(CONVERSATIONS, store, expected)
