"""Mails -> conversations -> events, without any server: who belongs together, in any order, and what is no contact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connectors._mail.headers import message_event_id, parse_mail
from monitor.connectors._mail.parties import ClassifiedMail, Identity, classify, plain
from monitor.connectors._mail.threads import Threads, conversation_keys, state_keys, text_wanted
from monitor.domain.event import Event

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
US = Identity.of(["info@lab.example", "support@lab.example"], ["lab.example"])
CAROL, DAVE = "carol@customer.example", "dave@client.example"
SUPPORT = "support@lab.example"


def hashed(address: str) -> str:
    return blake2b(address.encode(), digest_size=8).hexdigest()


def mail(
    name: str, sender: str, to: str, subject: str = "Order", *, refs: str = "", hours: float = 1, us: Identity = US,
    sent: bool = False, headers: Iterable[str] = (),
) -> ClassifiedMail | None:  # fmt: skip
    """`refs` are names of other mails."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: day {hours}", *headers]
    lines += [f"Message-ID: <{name}@x>"] if name else []
    lines += ["References: " + " ".join(f"<{r}@x>" for r in refs.split())] if refs else []
    parsed = parse_mail("\r\n".join(lines).encode(), NOW - timedelta(hours=hours), NOW)
    return classify(parsed, us, SUPPORT, sent, hashed)


@dataclass
class Reader:
    """Threads batch after batch, with only the state between them."""

    state: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def read(self, *mails: ClassifiedMail | None) -> "Reader":
        """One batch."""
        classified = [m for m in mails if m is not None]
        known = {k: self.state[k] for k in state_keys(classified) if k in self.state}
        known |= {k: self.state[k] for k in conversation_keys(known) if k in self.state}
        threads = Threads(known)
        for one in classified:
            threads.add(one)
        self.events += threads.events
        self.state |= threads.changes()
        return self

    def kinds(self) -> dict[str, list[str]]:
        """Contact -> kinds in the order of their moments, each event once."""
        found: dict[str, dict[str, Event]] = {}
        for event in sorted(self.events, key=lambda e: e.at):
            found.setdefault(event.contact, {}).setdefault(event.id, event)
        return {contact: [e.kind for e in events.values()] for contact, events in found.items()}


def test_a_question_and_its_answer_are_one_contact_at_the_address_the_customer_wrote_to() -> None:
    reader = Reader().read(mail("q", CAROL, "Info+web@Lab.example", hours=3), mail("a", "alice@lab.example", CAROL, refs="q"))
    assert reader.kinds() == {"q@x": ["received", "replied"]}
    assert {e.place for e in reader.events} == {"address:info@lab.example"}
    assert {e.customer for e in reader.events} == {hashed(CAROL)}
    assert {e.channel for e in reader.events} == {"email"}
    assert [e.id for e in reader.events] == [message_event_id("<q@x>"), message_event_id("<a@x>")]


def test_an_answer_read_first_waits_in_the_notes_for_its_question() -> None:
    reader = Reader().read(mail("a", SUPPORT, CAROL, "Re: Order", refs="q"))
    assert reader.kinds() == {}
    reader.read(mail("q", CAROL, "info@lab.example", hours=3))
    assert reader.kinds() == {"q@x": ["received", "replied"]}
    assert {e.place for e in reader.events} == {"address:info@lab.example"}


def test_an_answer_without_references_read_first_waits_as_well() -> None:
    reader = Reader().read(mail("a", SUPPORT, CAROL, "AW: Order", hours=1))
    reader.read(mail("q", CAROL, SUPPORT, "Order", hours=3))
    assert reader.kinds() == {"q@x": ["received", "replied"]}


def test_a_conversation_begun_by_us_is_outbound_until_the_customer_writes() -> None:
    reader = Reader().read(mail("o", SUPPORT, CAROL, "Your quotation", hours=9))
    assert reader.kinds() == {"o@x": ["replied"]}
    assert reader.events[0].place == "address:support@lab.example"
    reader.read(mail("r", CAROL, SUPPORT, "Re: Your quotation", refs="o"))
    assert reader.kinds() == {"o@x": ["replied", "received"]}


def test_two_customers_with_the_same_subject_are_two_contacts() -> None:
    reader = Reader().read(
        mail("q1", CAROL, SUPPORT, "Invoice", hours=4),
        mail("q2", DAVE, SUPPORT, "Invoice", hours=3),
        mail("a", SUPPORT, DAVE, "RE: Invoice"),
    )
    assert reader.kinds() == {"q1@x": ["received"], "q2@x": ["received", "replied"]}


def test_answers_without_references_go_to_the_question_that_was_open_then() -> None:
    reader = Reader().read(mail("q1", CAROL, SUPPORT, "Invoice", hours=400), mail("q2", CAROL, SUPPORT, "Invoice", hours=40))
    reader.read(mail("a1", SUPPORT, CAROL, "Re: Invoice", hours=399), mail("a2", SUPPORT, CAROL, "Re: Invoice", hours=39))
    assert reader.kinds() == {"q1@x": ["received", "replied"], "q2@x": ["received", "replied"]}


@pytest.mark.parametrize(("days", "same"), [(29.9, True), (30.1, False)])
def test_a_subject_joins_within_thirty_days(days: float, same: bool) -> None:
    reader = Reader().read(
        mail("q", CAROL, SUPPORT, "Invoice", hours=days * 24), mail("k", CAROL, SUPPORT, "Re: Invoice", hours=0)
    )
    assert len(reader.kinds()) == (1 if same else 2)


def test_each_answer_to_a_mailing_is_a_matter_of_its_own() -> None:
    everybody = ", ".join(f"c{n}@customer.example" for n in range(50))
    reader = Reader().read(mail("news", SUPPORT, everybody, "New prices", hours=50))
    reader.read(mail("k1", "c1@customer.example", SUPPORT, "Re: New prices", refs="news", hours=5))
    reader.read(mail("k2", "c2@customer.example", SUPPORT, "Re: New prices", refs="news", hours=4))
    reader.read(mail("a2", SUPPORT, "c2@customer.example", "Re: New prices", refs="news k2", hours=3))
    kinds = reader.kinds()
    assert kinds["k1@x"] == ["received"]
    assert kinds["k2@x"] == ["received", "replied"]


def test_two_customers_who_answer_a_mailing_we_never_saw_are_two_contacts() -> None:
    reader = Reader().read(mail("k1", CAROL, SUPPORT, "Re: New prices", refs="unseen", hours=5))
    reader.read(mail("k2", DAVE, SUPPORT, "Re: New prices", refs="unseen", hours=4))
    reader.read(mail("a1", SUPPORT, CAROL, "Re: New prices", refs="unseen k1", hours=3))
    assert reader.kinds() == {"unseen@x": ["received", "replied"], "k2@x": ["received"]}


def test_handing_a_mail_on_to_a_third_party_is_no_answer() -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, "Order", hours=5))
    reader.read(mail("f", SUPPORT, "supplier@maker.example", "Fwd: Order", refs="q", hours=4))
    assert reader.kinds()["q@x"] == ["received"]


def test_an_answer_to_the_customers_other_address_counts_and_he_may_go_on_from_there() -> None:
    other = "carol.private@mail.example"
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=5), mail("a", SUPPORT, other, "Re: Order", refs="q", hours=4))
    reader.read(mail("k", other, SUPPORT, "Re: Order", refs="q a", hours=3))
    assert reader.kinds() == {"q@x": ["received", "replied", "received"]}


def test_an_answer_that_refers_to_two_conversations_answers_both() -> None:
    # k is read before a, the answer of ours it refers to: nobody can know yet that it belongs to q.
    reader = Reader().read(mail("q", CAROL, SUPPORT, "Order", hours=9))
    reader.read(mail("k", CAROL, SUPPORT, "Another subject", refs="a", hours=5))
    reader.read(mail("b", SUPPORT, CAROL, "Re: Another subject", refs="q a k", hours=4))
    assert reader.kinds() == {"q@x": ["received", "replied"], "a@x": ["received", "replied"]}


def test_our_own_automatic_reply_is_told_apart() -> None:
    auto = ["Auto-Submitted: auto-replied"]
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=2), mail("r", SUPPORT, CAROL, "Re: Order", refs="q", headers=auto))
    assert reader.kinds() == {"q@x": ["received", "auto_replied"]}
    assert Reader().read(mail("n", SUPPORT, CAROL, "Your parcel", headers=auto)).kinds() == {}


def test_one_message_id_for_two_mails_gives_two_contacts() -> None:
    reader = Reader().read(mail("same", DAVE, SUPPORT, "First of two", hours=9))
    reader.read(mail("same", DAVE, SUPPORT, "Second of two", hours=8))
    reader.read(mail("same", DAVE, SUPPORT, "Second of two", hours=8))
    assert len(reader.kinds()) == 2
    assert {e.at for e in reader.events} == {NOW - timedelta(hours=9), NOW - timedelta(hours=8)}


def test_a_mail_without_message_id_gets_a_name_that_lasts() -> None:
    once = Reader().read(mail("", CAROL, SUPPORT)).events[0]
    assert once.contact.startswith("no-id:")
    assert Reader().read(mail("", CAROL, SUPPORT)).events[0] == once


def test_notes_hold_hashes_and_our_own_address_only() -> None:
    reader = Reader().read(
        mail("q", CAROL, SUPPORT, "Secret subject", hours=9), mail("a", SUPPORT, CAROL, "Re: Secret subject", refs="q", hours=8)
    )
    text = " ".join([*reader.state, *reader.state.values()])
    assert "carol" not in text
    assert "secret" not in text.lower()
    assert max(len(note) for note in reader.state.values()) < 200


# who wrote to whom


def kinds_of(found: ClassifiedMail | None) -> dict[str, list[str]]:
    return Reader().read(found).kinds()


def test_what_is_no_contact() -> None:
    assert mail("i", "alice@lab.example", "bob@lab.example") is None
    assert mail("c", CAROL, "other@partner.example", headers=[f"Cc: {SUPPORT}"]) is None
    assert mail("n", "news@list.example", SUPPORT, headers=["List-Id: <weekly.list.example>"]) is None
    assert mail("m", "no-reply@shop.example", SUPPORT) is None
    assert mail("s", "", SUPPORT) is None


def test_a_web_form_is_its_customers_mail() -> None:
    form = ["Reply-To: Rita <rita@customer.example>", "Auto-Submitted: auto-generated"]
    found = mail("w", "webform@lab.example", SUPPORT, headers=form)
    assert found is not None
    assert (found.ours, found.others) == (False, (hashed("rita@customer.example"),))
    service = mail("w", "no-reply@forms.example", SUPPORT, headers=["Reply-To: rita@customer.example"])
    assert service is not None
    assert service.others == (hashed("rita@customer.example"),)
    assert mail("w", "no-reply@shop.example", SUPPORT, headers=["Reply-To: help@shop.example"]) is None


def test_a_group_of_our_own_is_no_mailing_list() -> None:
    group = ["List-Id: <support.lab.example>", "Precedence: list"]
    assert kinds_of(mail("q", CAROL, SUPPORT, headers=group)) == {"q@x": ["received"]}


def test_what_lies_in_sent_is_ours_whatever_address_it_was_sent_from() -> None:
    assert kinds_of(mail("o", "shop@other-brand.example", CAROL, "Offer", sent=True)) == {"o@x": ["replied"]}


def test_a_mail_that_names_none_of_our_addresses_is_one_to_the_mailbox_it_lies_in() -> None:
    found = mail("q", CAROL, "old-name@former.example")
    assert found is not None
    assert found.place == "address:support@lab.example"


def test_a_user_name_that_is_no_address_may_still_name_the_mailbox() -> None:
    assert plain("info") == "info"
    assert plain("Info+Web@Lab.example") == "info@lab.example"
    assert plain("+x@lab.example") == "+x@lab.example"


def test_of_two_addresses_of_ours_the_configured_one_is_the_place() -> None:
    both = "alice@lab.example, info@lab.example"
    first, configured = (
        mail("q", CAROL, both),
        mail("q", CAROL, both, us=Identity.of([], ["lab.example"], ["address:Info@lab.example"])),
    )
    assert first is not None
    assert configured is not None
    assert (first.place, configured.place) == ("address:alice@lab.example", "address:info@lab.example")


def test_text_is_only_asked_of_customers_who_may_be_answering_us() -> None:
    q, chaser = mail("q", CAROL, SUPPORT, hours=9), mail("k", CAROL, SUPPORT, "Re: Order", refs="q", hours=8)
    answer, thanks = (
        mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=7),
        mail("t", CAROL, SUPPORT, "Re: Order", refs="q a", hours=6),
    )
    unknown, bare = mail("u", DAVE, SUPPORT, "Re: x", refs="unseen"), mail("b", DAVE, SUPPORT, "Re: x")
    classified = [p for p in (q, chaser, answer, thanks, unknown, bare) if p is not None]
    assert text_wanted(classified, {}) == {3, 4, 5}


# any order


def _chain() -> Sequence[ClassifiedMail]:
    """Question, chaser, answer, new question, answer by somebody else, thanks; Dave's own with the same subject."""
    found = [
        mail("q", CAROL, SUPPORT, hours=20),
        mail("q2", CAROL, SUPPORT, "Re: Order", refs="q", hours=18),
        mail("a", "alice@lab.example", CAROL, "Re: Order", refs="q q2", hours=16),
        mail("k", CAROL, SUPPORT, "Re: Order", refs="q q2 a", hours=14),
        mail("b", "bob@lab.example", CAROL, "Re: Order", refs="q q2 a k", hours=12),
        mail("t", CAROL, SUPPORT, "Re: Order", refs="q q2 a k b", hours=10),
        mail("d", DAVE, SUPPORT, hours=19),
        mail("e", SUPPORT, DAVE, "Re: Order", refs="d", hours=11),
    ]
    return [p for p in found if p is not None]


TRUTH = {"q@x": ["received", "received", "replied", "received", "replied", "received"], "d@x": ["received", "replied"]}


@settings(max_examples=150)
@given(st.permutations(range(8)), st.sets(st.integers(1, 7)))
def test_any_order_in_any_batches_gives_the_same_contacts(order: list[int], cuts: set[int]) -> None:
    chain, reader = _chain(), Reader()
    edges = [0, *sorted(cuts), 8]
    for start, end in pairwise(edges):
        reader.read(*(chain[i] for i in order[start:end]))
    assert reader.kinds() == TRUTH
    assert {e.place for e in reader.events} == {"address:support@lab.example"}


@settings(max_examples=50)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=12))
def test_reading_again_changes_nothing(again: list[int]) -> None:
    chain = _chain()
    reader = Reader().read(*chain)
    before = set(reader.events)
    for index in again:
        reader.read(chain[index])
    assert set(reader.events) == before
