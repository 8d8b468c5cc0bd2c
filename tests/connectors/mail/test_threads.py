"""Mails -> conversations -> events, without any server: who belongs together, in any order, and what is no contact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connectors._mail.contents import text_wanted
from monitor.connectors._mail.headers import message_event_id, parse_mail
from monitor.connectors._mail.parties import ClassifiedMail, Identity, classify, plain
from monitor.connectors._mail.threads import Threads, conversation_keys, state_keys
from monitor.domain.event import Event

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
US = Identity.of(["info@lab.example", "support@lab.example"], ["lab.example"])
CAROL, DAVE = "carol@customer.example", "dave@client.example"
SUPPORT = "support@lab.example"


def hashed(address: str) -> str:
    return blake2b(address.encode(), digest_size=8).hexdigest()


def kept(name: str) -> str:
    """What is kept of the Message-ID of a mail of this name."""
    return message_event_id(f"<{name}@x>", hashed)


#: What mails were called before they were hashed.
NAMES: dict[str, str] = {}


def mail(
    name: str, sender: str, to: str, subject: str = "Order", *, refs: str = "", hours: float = 1, us: Identity = US,
    sent: bool = False, headers: Iterable[str] = (),
) -> ClassifiedMail | None:  # fmt: skip
    """`refs` are names of other mails."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: day {hours}", *headers]
    lines += [f"Message-ID: <{name}@x>"] if name else []
    lines += ["References: " + " ".join(f"<{r}@x>" for r in refs.split())] if refs else []
    parsed = parse_mail("\r\n".join(lines).encode(), NOW - timedelta(hours=hours), NOW, hashed)
    NAMES.update((kept(each), f"{each}@x") for each in (name, *refs.split()) if each)
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
            found.setdefault(NAMES.get(event.contact, event.contact), {}).setdefault(event.id, event)
        return {contact: [e.kind for e in events.values()] for contact, events in found.items()}


def test_a_question_and_its_answer_are_one_contact_at_the_address_the_customer_wrote_to() -> None:
    reader = Reader().read(mail("q", CAROL, "Info+web@Lab.example", hours=3), mail("a", "alice@lab.example", CAROL, refs="q"))
    assert reader.kinds() == {"q@x": ["received", "replied"]}
    assert {e.place for e in reader.events} == {"address:info@lab.example"}
    assert {e.customer for e in reader.events} == {hashed(CAROL)}
    assert {e.channel for e in reader.events} == {"email"}
    assert [e.id for e in reader.events] == [kept("q"), kept("a")]


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


def test_an_answer_to_the_customers_other_address_counts_once_she_has_written_from_there() -> None:
    other = "carol.private@mail.example"
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=5), mail("a", SUPPORT, other, "Re: Order", refs="q", hours=4))
    assert reader.kinds() == {"q@x": ["received"], "a@x": ["replied"]}
    asked = Reader().read(
        mail("q", CAROL, SUPPORT, hours=9),
        mail("a", SUPPORT, f"{CAROL}, {other}", "Re: Order", refs="q", hours=8),
        mail("k", other, SUPPORT, "Re: Order", refs="q a", hours=7),
        mail("b", SUPPORT, other, "Re: Order", refs="q a k", hours=6),
    )
    assert asked.kinds() == {"q@x": ["received", "replied", "received", "replied"]}


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
    assert once.contact == once.id
    assert Reader().read(mail("", CAROL, SUPPORT)).events[0] == once


def test_notes_hold_hashes_and_our_own_address_only() -> None:
    reader = Reader().read(
        mail("q", CAROL, SUPPORT, "Secret subject", hours=9), mail("a", SUPPORT, CAROL, "Re: Secret subject", refs="q", hours=8)
    )
    text = " ".join([*reader.state, *reader.state.values()])
    assert "carol" not in text
    assert "@x" not in text
    assert "secret" not in text.lower()
    assert max(len(note) for note in reader.state.values()) < 200


# who wrote to whom


def is_nobodys(found: ClassifiedMail | None) -> bool:
    """Between colleagues, as far as the headers go: whether somebody's mail is handed on is seen in the text."""
    return found is None or (found.open_question == "forwarded" and not found.others)


def kinds_of(found: ClassifiedMail | None) -> dict[str, list[str]]:
    return Reader().read(found).kinds()


def test_what_is_no_contact() -> None:
    assert is_nobodys(mail("i", "alice@lab.example", "bob@lab.example"))
    assert kinds_of(mail("c", CAROL, "other@partner.example", headers=[f"Cc: {SUPPORT}"])) == {}
    assert kinds_of(mail("n", "news@list.example", SUPPORT, headers=["List-Id: <weekly.list.example>"])) == {}
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
    abroad = mail("w", "no-reply@forms.co.uk", SUPPORT, headers=["Reply-To: rita@customer.co.uk"])
    assert abroad is not None
    assert abroad.others == (hashed("rita@customer.co.uk"),)
    assert mail("w", "no-reply@mail.shop.co.uk", SUPPORT, headers=["Reply-To: help@shop.co.uk"]) is None


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


# groups, forms, relays


GROUP = [
    "List-ID: <support.lab.example>",
    "Mailing-list: list support@lab.example; contact support+owners@lab.example",
    "Precedence: list",
]
VIA = "'Carol' via Support <support@lab.example>"


@pytest.mark.parametrize(
    "named",
    [
        ["X-Original-From: Carol <carol@customer.example>", "Reply-To: support@lab.example"],
        ["X-Original-Sender: carol@customer.example", "Reply-To: Carol <carol@customer.example>"],
        ["X-MailFrom: carol@customer.example", "Reply-To: support@lab.example, carol@customer.example"],
        ["Reply-To: Carol <carol@customer.example>"],
        ["Cc: Carol <carol@customer.example>", "Reply-To: support@lab.example"],
    ],
)  # Google Groups, Mailman 2 and 3 with from_is_list
def test_a_customer_whose_from_a_group_of_ours_has_rewritten(named: Sequence[str]) -> None:
    found = mail("q", VIA, SUPPORT, headers=[*GROUP, *named])
    assert found is not None
    assert (found.ours, found.others, found.counts) == (False, (hashed(CAROL),), "always")
    assert Reader().read(found, mail("a", "anna@lab.example", CAROL, "Re: Order", refs="q", hours=0)).kinds() == {
        "q@x": ["received", "replied"]
    }


def test_a_colleague_who_writes_to_a_group_of_ours_is_no_customer() -> None:
    assert is_nobodys(mail("q", VIA, SUPPORT, headers=[*GROUP, "X-Original-Sender: anna@lab.example"]))
    assert is_nobodys(mail("q", VIA, SUPPORT, headers=GROUP))


@pytest.mark.parametrize(
    "marks",
    [
        ["Precedence: bulk", "Sender: owner-support@lab.example"],
        ["Precedence: bulk", "Return-Path: <support-bounces@lab.example>"],
        ["Precedence: list", "List-Post: <mailto:support@lab.example>"],
        ["List-Id: Support <support.lab.example>", "List-Unsubscribe: <https://x.example/u>"],
    ],
)
def test_a_group_of_ours_says_bulk_of_peoples_mail(marks: Sequence[str]) -> None:
    assert kinds_of(mail("q", CAROL, SUPPORT, headers=marks)) == {"q@x": ["received"]}


@pytest.mark.parametrize(
    "marks",
    [
        ["Precedence: bulk", "Sender: news@shop.example"],
        ["Precedence: bulk", "Return-Path: <SRS0=ab=cd=news.example=bounce@lab.example>"],
        ["Precedence: bulk", "Return-Path: <bounce-support=lab.example@news.example>"],
        ["List-Id: <news.shop.example>", "List-Unsubscribe: <mailto:u-support=lab.example@news.example>"],
    ],
)
def test_a_newsletter_stays_one(marks: Sequence[str]) -> None:
    assert kinds_of(mail("n", "news@shop.example", SUPPORT, headers=marks)) == {}


def test_a_form_may_name_several_people_or_send_its_customer_a_copy() -> None:
    several = mail("w", "web@lab.example", SUPPORT, headers=[f"Reply-To: {SUPPORT}, {CAROL}"])
    assert several is not None
    assert (several.ours, several.others) == (False, (hashed(CAROL),))
    copied = mail("w", "web@lab.example", SUPPORT, headers=[f"Reply-To: {CAROL}", f"Cc: {CAROL}"])
    assert kinds_of(copied) == {"w@x": ["received"]}


def test_our_answer_with_another_address_for_answers_is_no_form() -> None:
    """An agent answers a customer, copies the desk and wants answers at an address that is not ours."""
    found = mail("a", "anna@lab.example", DAVE, headers=[f"Cc: {SUPPORT}", "Reply-To: anna@private.example"])
    assert found is not None
    assert (found.ours, found.others) == (True, (hashed(DAVE),))


def test_a_form_that_does_not_name_its_customer_waits_and_is_answered_by_reference() -> None:
    form = mail("w", "web@lab.example", SUPPORT, headers=["X-Mailer: PHPMailer 6"])
    reader = Reader().read(form)
    assert reader.kinds() == {"w@x": ["received"]}
    assert [e.customer for e in reader.events] == [None]
    reader.read(mail("a", SUPPORT, CAROL, "Re: Order", refs="w", hours=0))
    assert reader.kinds() == {"w@x": ["received", "replied"]}
    assert kinds_of(mail("w", SUPPORT, SUPPORT)) == {"w@x": ["received"]}


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-generated", "References: <earlier@x>"])
def test_colleagues_and_our_own_servers_are_no_form(header: str) -> None:
    assert is_nobodys(mail("w", "web@lab.example", SUPPORT, headers=["X-Mailer: PHPMailer 6", header]))
    assert is_nobodys(mail("w", "anna@lab.example", SUPPORT))


def test_a_market_place_relays_a_persons_question() -> None:
    relayed = mail("q", "noreply@mail.market.example", SUPPORT, headers=["Reply-To: x7f3k2p9@mail.market.example"])
    assert kinds_of(relayed) == {"q@x": ["received"]}
    assert mail("q", "noreply@mail.market.example", SUPPORT, headers=["Reply-To: support@mail.market.example"]) is None
    bulk = ["Reply-To: x7f3k2p9@mail.market.example", "List-Unsubscribe: <https://market.example/u>"]
    assert mail("q", "noreply@mail.market.example", SUPPORT, headers=bulk) is None


def test_a_rule_that_passes_a_mail_on_makes_no_second_matter() -> None:
    copy = mail("copy", CAROL, SUPPORT, headers=["X-MS-Exchange-Parent-Message-Id: <q@x>"])
    answer = mail("a", "anna@lab.example", CAROL, "Re: Order", refs="copy", hours=0)
    for order in ((mail("q", CAROL, SUPPORT), copy, answer), (copy, answer, mail("q", CAROL, SUPPORT)), (copy, answer)):
        assert Reader().read(*order).kinds() == {"q@x": ["received", "replied"]}


# doubtful mails count by what they go on from


@pytest.mark.parametrize(
    "doubt", ["List-Unsubscribe: <mailto:u@crm.example>", "Precedence: bulk", "List-Id: <lists.crm.example>"]
)
def test_headers_of_distribution_do_not_undo_an_answer_to_us(doubt: str) -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=5), mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=4))
    reader.read(mail("k", CAROL, SUPPORT, "Re: Order", refs="a", headers=[doubt], hours=3))
    assert reader.kinds() == {"q@x": ["received", "replied", "received"]}
    assert kinds_of(mail("k", CAROL, SUPPORT, "Re: Order", refs="unseen", headers=[doubt])) == {}


def test_a_doubtful_answer_that_is_read_before_ours_counts_when_ours_is_read() -> None:
    """Our mail lies in a Sent folder that is read later."""
    doubtful = mail("k", CAROL, SUPPORT, "Re: Something else", refs="a", headers=["Precedence: bulk"], hours=3)
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=5), doubtful)
    assert reader.kinds() == {"q@x": ["received"]}
    reader.read(mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=4))
    assert reader.kinds() == {"q@x": ["received", "replied", "received"]}
    begun = Reader().read(doubtful).read(mail("a", SUPPORT, CAROL, hours=4)).read(doubtful)
    assert begun.kinds() == {"a@x": ["replied", "received"]}


def test_our_own_answer_through_software_that_says_bulk_is_an_answer() -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=5))
    reader.read(mail("a", SUPPORT, CAROL, "Re: Order", refs="q", headers=["Precedence: bulk", "List-Unsubscribe: <x>"], hours=4))
    assert reader.kinds() == {"q@x": ["received", "replied"]}


def test_an_answer_to_a_machines_mail_belongs_to_the_conversation_the_machine_spoke_in() -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9))
    reader.read(mail("k", SUPPORT, CAROL, "Re: Order", refs="q", headers=["Auto-Submitted: auto-replied"], hours=8.9))
    reader.read(
        mail("o", CAROL, SUPPORT, "Automatic reply: Order", refs="k", headers=["Auto-Submitted: auto-replied"], hours=8.8)
    )
    assert reader.kinds() == {"q@x": ["received", "auto_replied"]}
    reader.read(mail("a", SUPPORT, CAROL, "Re: Your machine", refs="o", hours=8))
    assert reader.kinds() == {"q@x": ["received", "auto_replied", "replied"]}
    by_subject = Reader().read(
        mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, CAROL, "RE: Automatic reply: Order", hours=8)
    )
    assert by_subject.kinds() == {"q@x": ["received", "replied"]}


def test_a_reply_to_us_from_an_address_that_wants_no_answer_is_a_persons() -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=8))
    reader.read(mail("n", "noreply@customer.example", SUPPORT, "Re: Order", refs="q a", hours=7))
    assert reader.kinds() == {"q@x": ["received", "replied", "received"]}


def test_an_answer_to_us_that_was_marked_as_spam_is_an_answer() -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=8))
    reader.read(mail("k", CAROL, SUPPORT, "Re: Order", refs="q a", headers=["X-Spam-Flag: YES"], hours=7))
    assert reader.kinds() == {"q@x": ["received", "replied", "received"]}
    assert kinds_of(mail("s", CAROL, SUPPORT, headers=["X-Spam-Flag: YES"])) == {}


def test_two_customers_of_a_form_that_uses_one_message_id_in_one_second_are_two() -> None:
    form = [mail("w", "web@lab.example", SUPPORT, headers=[f"Reply-To: {who}"]) for who in (CAROL, DAVE)]
    assert list(Reader().read(*form).kinds().values()) == [["received"], ["received"]]


def test_an_out_of_office_subject_counts_only_where_there_is_nothing_to_reply_to() -> None:
    asked = mail("q", CAROL, SUPPORT, hours=5)
    for refs in ("a", ""):
        reader = Reader().read(asked, mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=4))
        reader.read(mail("o", CAROL, SUPPORT, "Automatic reply: Order", refs=refs, hours=3.9))
        assert reader.kinds() == {"q@x": ["received", "replied"]}
    assert kinds_of(mail("o", CAROL, SUPPORT, "Abwesend: bitte umleiten")) == {"o@x": ["received"]}
    people = Reader().read(asked).read(mail("r", CAROL, SUPPORT, "Re: Automatic reply: Order", refs="q", hours=3))
    assert people.kinds() == {"q@x": ["received", "received"]}


def test_a_copy_counts_in_a_conversation_that_runs() -> None:
    first = mail("q", CAROL, "hub@carrier.example", headers=[f"Cc: {SUPPORT}"], hours=6)
    assert kinds_of(first) == {}
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=5), mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=4))
    reader.read(mail("k", CAROL, "hub@carrier.example", "Re: Order", refs="q a", headers=[f"Cc: {SUPPORT}"], hours=3))
    reader.read(mail("h", "hub@carrier.example", CAROL, "Re: Order", refs="q a k", headers=[f"Cc: {SUPPORT}"], hours=2))
    assert reader.kinds() == {"q@x": ["received", "replied", "received"]}


def test_an_alias_that_is_not_listed_and_a_colleague_in_copy_are_a_first_mail_to_us() -> None:
    us = Identity.of(["info@lab.example"], ["lab.example"], accounts=[SUPPORT, "anna@lab.example"])
    assert kinds_of(mail("q", CAROL, "hello@brand.example", headers=["Cc: anna@lab.example"], us=us)) == {"q@x": ["received"]}
    assert kinds_of(mail("q", CAROL, "hello@brand.example", headers=["Cc: info@lab.example"], us=us)) == {}


# an answer is what the customer gets


def test_what_goes_to_the_carrier_alone_answers_nobody_whatever_it_refers_to() -> None:
    hub = "hub@carrier.example"
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("f", SUPPORT, hub, "Re: Order", refs="q", hours=8))
    assert reader.kinds() == {"q@x": ["received"], "f@x": ["replied"]}
    reader.read(
        mail("h", hub, SUPPORT, "Re: Order", refs="q f", hours=7), mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=6)
    )
    assert reader.kinds() == {"q@x": ["received", "replied"], "f@x": ["replied", "received"]}


def test_an_answer_to_the_carrier_is_not_parked_for_a_question_that_is_read_later() -> None:
    reader = Reader().read(mail("f", SUPPORT, "hub@carrier.example", "Re: Order", refs="q", hours=8))
    assert reader.read(mail("q", CAROL, SUPPORT, hours=9)).kinds() == {"q@x": ["received"]}
    reader.read(mail("h", "hub@carrier.example", SUPPORT, "Re: Order", refs="f", hours=7))
    assert reader.kinds()["q@x"] == ["received"]


def test_whoever_was_only_copied_in_has_not_asked() -> None:
    both = f"hub@carrier.example, {CAROL}"
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, both, "Re: Order", refs="q", hours=8))
    reader.read(mail("k", CAROL, SUPPORT, "Re: Order", refs="q a", hours=7))
    reader.read(mail("f", SUPPORT, "hub@carrier.example", "Re: Order", refs="q a k", hours=6))
    assert reader.kinds() == {"q@x": ["received", "replied", "received"], "f@x": ["replied"]}


@pytest.mark.parametrize(
    ("asker", "colleague", "answered"),
    [
        ("carol@customer.example", "bob@customer.example", True),
        ("carol@gmail.com", "bob@gmail.com", False),
        ("carol@gmx.net", "bob@gmx.net", False),
        ("carol@mail.customer.example", "bob@sub.customer.example", True),
        ("carol@customer.co.uk", "bob@other.co.uk", False),
        ("carol@desk.customer.co.uk", "bob@customer.co.uk", True),
        ("carol@one.onmicrosoft.com", "bob@two.onmicrosoft.com", False),
    ],
)
def test_an_answer_to_a_colleague_of_the_same_firm_is_one(asker: str, colleague: str, answered: bool) -> None:
    reader = Reader().read(mail("q", asker, SUPPORT, hours=9), mail("a", SUPPORT, colleague, "Re: Order", refs="q", hours=8))
    assert (reader.kinds()["q@x"] == ["received", "replied"]) is answered


def test_one_answer_to_all_who_asked_with_hidden_recipients() -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9))
    hidden = mail("a", SUPPORT, "undisclosed-recipients:;", "Re: Order", refs="q", sent=True, hours=8)
    assert reader.read(hidden).kinds() == {"q@x": ["received", "replied"]}
    assert mail("n", SUPPORT, "undisclosed-recipients:;", sent=True) is None
    assert mail("n", SUPPORT, "anna@lab.example", "Re: Order", refs="q", sent=True) is None
    assert Reader().read(hidden).read(mail("q", CAROL, SUPPORT, hours=9)).kinds() == {"q@x": ["received", "replied"]}


@pytest.mark.parametrize(
    "subject", ["Order", "Order [#10442]", "[#10442] Order", "Order #10442", "Order - Ticket 10442", "YNT: Order"]
)
def test_an_answer_without_reference_by_the_subject_of_an_open_question(subject: str) -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, CAROL, subject, hours=8))
    assert reader.kinds() == {"q@x": ["received", "replied"]}


def test_an_answer_to_the_address_she_wants_answers_at_is_one() -> None:
    desk = "purchasing@holding.example"
    reader = Reader().read(mail("q", CAROL, SUPPORT, headers=[f"Reply-To: {desk}"], hours=9))
    reader.read(mail("a", SUPPORT, desk, "Re: Order", refs="q", hours=8))
    assert reader.kinds() == {"q@x": ["received", "replied"]}
    assert {e.customer for e in reader.events} == {hashed(CAROL)}


def test_a_mail_of_ours_under_another_subject_or_to_somebody_else_answers_nothing() -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9))
    reader.read(mail("n", SUPPORT, CAROL, "Newsletter", hours=8), mail("o", SUPPORT, DAVE, "Order", hours=8))
    assert reader.kinds()["q@x"] == ["received"]


def test_two_questions_under_one_subject_are_two() -> None:
    assert Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("p", CAROL, SUPPORT, hours=8)).kinds() == {
        "q@x": ["received"],
        "p@x": ["received"],
    }


def test_what_lies_in_all_mail_too_is_ours_once_it_was_seen_in_sent() -> None:
    alias = "help@brand.example"
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("a", alias, CAROL, "Re: Order", refs="q", sent=True, hours=8))
    assert reader.read(mail("a", alias, CAROL, "Re: Order", refs="q", hours=8)).kinds() == {"q@x": ["received", "replied"]}


def test_our_own_vacation_note_and_our_accepted_invitation() -> None:
    """The one is known by its subject; the other is a person's act."""
    for headers, subject, kind in (([], "Automatische Antwort: Order", "auto_replied"), (INVITED, "Accepted: Order", "replied")):
        reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9))
        reader.read(mail("a", SUPPORT, CAROL, subject, refs="q", headers=headers, sent=True, hours=8))
        assert reader.kinds() == {"q@x": ["received", kind]}


INVITED = ["Content-Type: text/calendar; method=REPLY"]


def test_what_a_rule_forwards_to_the_desk_is_looked_at() -> None:
    found = mail("f", "anna@lab.example", SUPPORT, "FW: Order", headers=["Auto-Submitted: auto-generated"])
    assert found is not None
    assert found.open_question == "forwarded"


# answers that came back


REPORT = "Content-Type: multipart/report; report-type=delivery-status"


def bounce(
    name: str, of: str, *failed: str, hours: float = 7, sender: str = "mailer-daemon@mx.example"
) -> ClassifiedMail:  # fmt: skip
    found = mail(name, sender, SUPPORT, "Undelivered", headers=[REPORT], hours=hours)
    assert found is not None
    assert found.open_question == "bounced"
    return found._replace(bounced=(kept(of),), failed=tuple(map(hashed, failed)))


@pytest.mark.parametrize("failed", [(), (CAROL,), (DAVE, CAROL)])
def test_an_answer_that_came_back_is_taken_back_whichever_is_read_first(failed: tuple[str, ...]) -> None:
    question, answer = mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=8)
    reader = Reader().read(question, answer).read(bounce("b", "a", *failed))
    assert reader.kinds() == {"q@x": ["received", "replied", "bounced"]}
    assert [e.event for e in reader.events if e.kind == "bounced"] == [kept("a")]
    for order in ((bounce("b", "a", *failed), question, answer), (question, bounce("b", "a", *failed), answer)):
        assert Reader().read(*order).kinds() == {"q@x": ["received"]}
    parked = Reader().read(answer).read(bounce("b", "a", *failed)).read(question)
    assert parked.kinds() == {"q@x": ["received"]}


@pytest.mark.parametrize("local", ["MAILER-DAEMON", "postmaster", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e"])
def test_our_own_mail_server_says_that_an_answer_came_back(local: str) -> None:
    """At a domain of ours, as Postfix with `myorigin` and Exchange write it."""
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=8))
    reader.read(bounce("b", "a", CAROL, sender=f"{local}@lab.example"))
    assert reader.kinds() == {"q@x": ["received", "replied", "bounced"]}


def test_a_copy_that_came_back_takes_nothing_from_the_customer() -> None:
    both = f"{CAROL}, {DAVE}"
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, both, "Re: Order", refs="q", hours=8))
    assert reader.read(bounce("b", "a", DAVE)).kinds() == {"q@x": ["received", "replied"]}


def test_a_bounce_of_what_we_never_sent_says_nothing() -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9))
    assert reader.read(bounce("b", "q"), bounce("c", "unseen")).kinds() == {"q@x": ["received"]}


# thank-yous keep the subject


@pytest.mark.parametrize(
    ("subject", "courtesy"), [("Re: Order", True), ("Order", True), ("Please cancel order 12 too", False), ("Fwd: Order", False)]
)
def test_a_thank_you_under_a_new_subject_is_none(subject: str, courtesy: bool) -> None:
    reader = Reader().read(mail("q", CAROL, SUPPORT, hours=9), mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=8))
    thanks = mail("t", CAROL, SUPPORT, subject, refs="q a", hours=7)
    assert thanks is not None
    known = {k: reader.state[k] for k in state_keys([thanks]) if k in reader.state}
    threads = Threads(known | {k: reader.state[k] for k in conversation_keys(known) if k in reader.state})
    threads.add(thanks, courtesy=True)
    assert [e.courtesy for e in threads.events] == [courtesy]


def test_a_conversation_stored_by_version_0_1_goes_on() -> None:
    """Its entries have neither who asked nor firms, and fingerprints of raw bytes."""
    asked = mail("q", CAROL, SUPPORT, hours=9)
    assert asked is not None
    key = asked.mail.id
    begun = int(asked.mail.at.timestamp() * 1_000_000)
    entry = f'[{begun},{begun},"q@x","address:{SUPPORT}",["{hashed(CAROL)}"],[]]'
    reader = Reader(state={f"m:{key}": f"{key}c0a1b2c3d", f"c:{key}": entry})
    reader.read(asked, mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=8))
    assert reader.kinds() == {"q@x": ["received", "replied"]}


def test_text_is_asked_of_customers_who_may_be_answering_us_and_of_our_own() -> None:
    q, chaser = mail("q", CAROL, SUPPORT, hours=9), mail("k", CAROL, SUPPORT, "Re: Order", refs="q", hours=8)
    answer, thanks = (
        mail("a", SUPPORT, CAROL, "Re: Order", refs="q", hours=7),
        mail("t", CAROL, SUPPORT, "Re: Order", refs="q a", hours=6),
    )
    unknown, bare = mail("u", DAVE, SUPPORT, "Re: x", refs="unseen"), mail("b", DAVE, SUPPORT, "Re: x")
    classified = [p for p in (q, chaser, answer, thanks, unknown, bare) if p is not None]
    assert text_wanted(classified, {}) == dict.fromkeys((2, 3, 4, 5), 8_192)


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
