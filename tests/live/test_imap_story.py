"""The story's 57 conversations on a real Dovecot, read by the connector: is the truth what comes out?"""

from collections.abc import Iterator

import pytest

from monitor.connectors._mail.headers import message_event_id
from monitor.domain.event import Event
from monitor.domain.fold import fold, merge
from tests.live.mail_desk import Desk, last_question, state_of
from tests.live.mail_story import ACCOUNTS, NOW, Mail, Story, Truth, story
from tests.servers.dovecot import Dovecot, running_dovecot

pytestmark = pytest.mark.xdist_group("dovecot with the story")  # filled and read once


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with running_dovecot() as dovecot:
        yield dovecot


def fill(server: Dovecot, told: Story, only: tuple[str, ...] = ACCOUNTS) -> None:
    """Puts the story's mails of these accounts in place, oldest first."""
    boxes: dict[tuple[str, str], list[Mail]] = {}
    for mail in sorted(told.mails.values(), key=lambda m: m.at):
        for box in mail.boxes:
            boxes.setdefault(box, []).append(mail)
    for (account, folder), mails in boxes.items():
        if account in only:
            server.append(account, folder, [(m.at, m.raw) for m in mails])


def contact_of(told: Story, desk: Desk, key: str) -> list[Event]:
    """The events of the contact in which this mail was received."""
    mail = told.mails[key]
    for events in desk.contacts().values():
        for event in events:
            by_id = mail.message_id is not None and event.id == message_event_id(mail.message_id)
            if event.kind == "received" and event.at == mail.at and (by_id or key in ("q48", "q49")):
                return events
    raise AssertionError(f"{key} was not received")


def check(told: Story, desk: Desk, truth: Truth) -> None:
    """Whether the events say what is true of this conversation."""
    if truth.state == "no_reply_needed":
        asked = {message_event_id(told.mails[k].message_id or "") for k in truth.mails if not told.mails[k].ours}
        assert not [e for e in desk.events.values() if e.id in asked]
        return
    assert truth.opened is not None
    opened, answered = last_question(contact_of(told, desk, truth.opened))
    assert opened is not None
    assert opened.at == told.mails[truth.opened].at
    assert (answered.at if answered else None) == (told.mails[truth.answered].at if truth.answered else None)
    assert state_of(opened, answered, NOW) == truth.state


TOLD = story()


@pytest.fixture(scope="module")
def filled(server: Dovecot) -> Dovecot:
    fill(server, TOLD)
    return server


_read: dict[int, Desk] = {}


@pytest.fixture
async def read(filled: Dovecot) -> Desk:
    """The story as one poll reads it; read once for all truths."""
    if filled.port not in _read:
        desk = Desk()
        connector = desk.connector(filled, ACCOUNTS)
        await desk.poll(connector)
        connector.close()
        _read[filled.port] = desk
    return _read[filled.port]


@pytest.mark.parametrize("truth", TOLD.truths, ids=[t.name for t in TOLD.truths])
def test_the_events_tell_the_truth(read: Desk, truth: Truth) -> None:
    check(TOLD, read, truth)


@pytest.mark.parametrize("truth", [t for t in TOLD.truths if t.opened], ids=[t.name for t in TOLD.truths if t.opened])
def test_the_fold_sees_the_same_wait(read: Desk, truth: Truth) -> None:
    assert truth.opened is not None
    contact = fold("email", merge([], contact_of(TOLD, read, truth.opened)) or [], reachable=False)
    wait = [w for w in contact.waits if w.kind in ("reply", "follow_up")][-1]
    assert wait.since == TOLD.mails[truth.opened].at
    assert wait.until == (TOLD.mails[truth.answered].at if truth.answered else None)


def test_nothing_but_the_storys_customers_became_a_contact(read: Desk) -> None:
    asking = {t.opened for t in TOLD.truths if t.opened and t.opened != "q31b"} | {"q31", "o10", "o12"}
    asking.add("a46")  # who writes from his other address is somebody else until our answer to it is read from Sent
    assert sorted(events[0].at for events in read.contacts().values()) == sorted(TOLD.mails[k].at for k in asking)


def test_places_are_the_addresses_customers_wrote_to(read: Desk) -> None:
    assert {e.place for e in read.events.values()} == {f"address:{a}" for a in ACCOUNTS if not a.startswith("bob")}


def test_the_poll_is_complete_up_to_its_beginning_and_knows_our_newest_answer(read: Desk) -> None:
    assert read.watermark == NOW
    assert [b.watermark for b in read.batches].count(None) == len(read.batches) - 1
    ours = [m.at for k, m in TOLD.mails.items() if m.ours and k not in ("x24", "t18")]
    assert max(b.newest_outbound for b in read.batches if b.newest_outbound) == max(ours)


def test_no_address_or_subject_is_in_the_notes(read: Desk) -> None:
    text = "\n".join([*read.state, *read.state.values()])
    assert "customer.example" not in "\n".join(v for v in read.state.values() if "[" not in v)
    for subject in ("Invoice", "hinge", "Größe", "Delivery"):
        assert subject not in text
    assert not [e for e in read.events.values() if e.customer and "@" in e.customer]


async def test_a_second_poll_reads_nothing_again(filled: Dovecot) -> None:
    desk = Desk()
    connector = desk.connector(filled, ACCOUNTS)
    await desk.poll(connector)
    first = len(desk.batches)
    await desk.poll(connector)
    connector.close()
    assert len(desk.batches) == first + 1
    assert not desk.batches[-1].events
    assert desk.batches[-1].cursor is None


async def test_answers_read_before_their_questions_give_the_same_truth(filled: Dovecot) -> None:
    desk = Desk()
    for accounts in (["support@lab.example"], ["bob@lab.example", "alice@lab.example"], ["sales@lab.example"]):
        for folders in (["Sent"], ["INBOX", "Archive"]):
            connector = desk.connector(filled, accounts, folders=folders)
            await desk.poll(connector)
            connector.close()
    for truth in TOLD.truths:
        check(TOLD, desk, truth)
