"""Who wrote to whom: a mail and who we are -> a customer's mail, one of ours, or nobody's business. Pure.

`classify` looks at headers only. Where these leave something open, the mail says so (`counts`, `open_question`): the beginning
of its text (contents.py) or what else was written (threads.py) decides.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final, Literal, NamedTuple

from monitor.connectors._mail.free_mail import firm_of, registered_domain
from monitor.connectors._mail.headers import Hasher, Mail, short_hash
from monitor.connectors._mail.machines import is_machine, is_mail_system
from monitor.connectors._mail.subjects import Subject, normal_subject

_MAX_OTHERS: Final = 8
_MAX_KNOWN: Final = 4096
_BY_SUBJECT: Final = 3  # of so many customers a mail can be found by its subject
#: What a relay of a market place puts before the @: letters and digits mixed, or long and without words.
_RELAY: Final = re.compile(r"(?=[a-z0-9.+_-]*\d)(?=[a-z0-9.+_-]*[a-z])[a-z0-9.+_-]{6,}|[a-z0-9]{20,}")
#: An address in what a group's software left; not one that a forwarder has rewritten (SRS, BATV).
_NAMED: Final = re.compile(rb"(?:^|[<\s:;,])(?!srs\d?=|prvs=|btv\d?=)[^<>\s@:]*@([^<>\s@]+)")

#: When a mail of somebody else's is a customer's: always; where it goes on from a mail of ours or a conversation (`answer`: it
#: has headers of distribution; `copy`: we only got a copy); where it does not (`first`: its subject is an automatic message's);
#: never, though our next answer may refer to it.
Counts = Literal["always", "answer", "copy", "first", "never"]
#: What only the text can tell: who wrote a mail that a colleague forwards to us, or which answer of ours came back.
OpenQuestion = Literal["forwarded", "bounced"]


@lru_cache(maxsize=4096)
def plain(address: str) -> str:
    """`Alice+Orders@X` -> `alice@x`: the mailbox behind a plus-address."""
    local, at, domain = address.strip().lower().rpartition("@")
    base = local.partition("+")[0]
    return f"{base or local}{at}{domain}"


@dataclass(frozen=True)
class Identity:
    """Who is "us": our addresses and our domains; which of the addresses are accounts that are read, and configured places."""

    addresses: frozenset[str]
    domains: frozenset[str]
    places: frozenset[str] = field(default_factory=frozenset)
    accounts: frozenset[str] = field(default_factory=frozenset)
    _known: dict[tuple[str, ...], str | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls, addresses: Iterable[str], domains: Iterable[str], places: Iterable[str] = (), accounts: Iterable[str] = ()
    ) -> "Identity":
        """Normalises what people configure (`@Example.org`, plus-addresses, capitals)."""
        accounts = frozenset(plain(a) for a in accounts if "@" in a)
        return cls(
            accounts | {plain(a) for a in addresses if "@" in a},
            frozenset(d.strip().lower().lstrip("@") for d in domains),
            frozenset(p.lower() for p in places),
            accounts,
        )

    def ours(self, address: str) -> bool:
        """Whether this address is one of ours."""
        return address.rpartition("@")[2] in self.domains or plain(address) in self.addresses

    def leads_to(self, address: str, mailbox: str) -> bool:
        """Whether mail to this address comes into this mailbox: its own, or one of ours that is no account of its own."""
        address = plain(address)
        return address == plain(mailbox) or (address in self.addresses and address not in self.accounts)

    def is_group(self, marks: bytes) -> bool:
        """Whether the group whose software left these marks is one of ours, or our own software passed the mail on."""
        text = marks.decode("latin-1")
        if any(self._is_our_domain(match[1].decode("latin-1")) for match in _NAMED.finditer(marks)):
            return True
        named = text.partition("<")[2].partition(">")[0].strip()  # List-Id comes first: `support.example.org`
        return any(named == d or named.endswith("." + d) for d in self.domains) or any(
            named.endswith(a.replace("@", ".")) for a in self.addresses
        )

    def _is_our_domain(self, domain: str) -> bool:
        return domain in self.domains or any(a.endswith("@" + domain) and firm_of(a) is not None for a in self.addresses)

    def place(self, candidates: tuple[str, ...]) -> str | None:
        """Where a customer reached us who wrote to these: the first configured one of our addresses, else the first;
        None when none is ours."""
        try:
            return self._known[candidates]
        except KeyError:
            found = [f"address:{plain(a)}" for a in candidates if self.ours(a)]
            place = next((p for p in found if p in self.places), found[0] if found else None)
            if len(self._known) < _MAX_KNOWN:
                self._known[candidates] = place
            return place


class ClassifiedMail(NamedTuple):
    """A mail that matters, seen from our side. `others` are hashes of customers, the one it is about first; empty where nobody
    is named: a form without the customer's address, an answer of ours to undisclosed recipients."""

    mail: Mail
    ours: bool
    automatic: bool
    others: tuple[str, ...]
    firms: tuple[str, ...]  # hashes of the domains of the others, free mail left out
    place: str  # where a conversation that begins with this mail belongs
    subject: Subject
    subject_keys: tuple[str, ...]  # names of (customer, subject)
    also_keys: tuple[str, ...] = ()  # names under which a mail that this one goes on from may be known
    counts: Counts = "always"
    open_question: OpenQuestion | None = None
    bounced: tuple[str, ...] = ()  # events of ours that did not arrive
    failed: tuple[str, ...] = ()  # hashes of the recipients they did not reach; empty: not told


def classify(mail: Mail, us: Identity, mailbox: str, in_sent: bool, hash_customer: Hasher) -> ClassifiedMail | None:
    """None: no contact (between colleagues, a machine's mail).

    `mailbox` is the address of the account it lies in. What lies in Sent is ours, whatever address it was sent from.
    """
    fallback = f"address:{plain(mailbox)}"
    if not in_sent and mail.automatic is not None and _may_be_bounce(mail):  # mostly our own server's, at a domain of ours
        return customers_mail(mail, (), fallback, hash_customer)._replace(open_question="bounced")
    if in_sent or us.ours(mail.sender):
        return _from_us(mail, us, fallback, in_sent, hash_customer)
    if mail.automatic is not None:
        place = us.place(mail.to) or fallback
        if who := _behind_machine(mail, us):
            return customers_mail(mail, who, place, hash_customer)
        if not mail.references and not mail.thread_reply:
            return None
        # A person's words that were taken for spam, or from an address that wants no answer; else a machine's mail that our
        # next answer may refer to.
        persons = mail.automatic == "spam" or (mail.automatic == "sender" and not is_mail_system(mail.sender))
        counts: Counts = "answer" if persons else "never"
        who = (mail.sender, *_readers(mail.reply_to, us)) if mail.sender else ()
        return customers_mail(mail, who, place, hash_customer)._replace(counts=counts)
    if not mail.sender:
        return None
    reached = us.place(mail.to)
    # Our answer goes to Reply-To: who reads there is the same customer.
    who = (mail.sender, *_readers(mail.reply_to, us)) if mail.reply_to else (mail.sender,)
    found = customers_mail(mail, who, reached or fallback, hash_customer)
    if reached is None and any(us.leads_to(a, mailbox) for a in mail.cc):
        return found._replace(counts="copy")
    if mail.doubt is not None and not (mail.group and us.is_group(mail.group)):
        return found._replace(counts="answer")
    return found._replace(counts="first") if found.subject.announced is not None else found


def _from_us(mail: Mail, us: Identity, fallback: str, in_sent: bool, hash_customer: Hasher) -> ClassifiedMail | None:
    """A mail from one of our addresses: ours, or a customer's that a group or a form of ours put there."""
    others = [a for a in (*mail.to, *mail.cc) if not us.ours(a)]
    reached = us.place(mail.to) or us.place(mail.cc)
    if not in_sent:
        who = _behind_group(mail, us) if mail.group or mail.author else ()
        if not who and reached is not None and all(a in mail.reply_to for a in others):
            who = _readers(mail.reply_to, us)  # a form; `others`: a copy for the customer
        if who:
            if mail.automatic not in (None, "auto-generated", "sender"):
                return None
            return customers_mail(mail, who, reached or fallback, hash_customer)
    if others:
        place = us.place((mail.sender,)) or fallback
        return _classified(mail, True, others, place, hash_customer)
    if in_sent:
        if mail.to or mail.cc or not mail.references:
            return None  # to ourselves
        return _classified(mail, True, (), us.place((mail.sender,)) or fallback, hash_customer)
    subject = normal_subject(mail.subject)
    if reached is None or mail.automatic not in (None, "auto-generated"):
        return None
    begins = not mail.references and not mail.thread_reply and not subject.answers
    if begins and mail.automatic is None and not mail.group and (mail.form or mail.sender in mail.to):
        return customers_mail(mail, (), reached, hash_customer)  # a form that does not name its customer
    if subject.forwards or begins:  # by hand, by a rule, or under a subject of the colleague's own
        return customers_mail(mail, (), reached, hash_customer)._replace(open_question="forwarded")
    return None


def _is_automatic(mail: Mail, subject: Subject) -> bool:
    """Whether a mail of ours went out by itself: a person accepts invitations, and our own software may say spam of it."""
    if mail.automatic is None:
        announced = subject.announced
        receipt = announced is not None and mail.content_type[:19].lower() == b"application/ms-tnef"
        return receipt or announced in ("automatic", "away")
    return mail.automatic not in ("spam", "calendar")


def _readers(named: Iterable[str], us: Identity) -> tuple[str, ...]:
    """Of these addresses the ones at which somebody reads who is not of us."""
    return tuple([a for a in named if not us.ours(a) and not is_machine(a)])


def _behind_group(mail: Mail, us: Identity) -> tuple[str, ...]:
    """Whose mail it is, where Google Groups or Mailman wrote their own address into From (senders with a DMARC policy)."""
    if mail.author:
        wrote = _readers(mail.author[:1], us)
        return (*wrote, *_readers(mail.reply_to, us)) if wrote else ()  # else a colleague
    return _readers((*mail.reply_to, *mail.cc), us)[:1] if us.is_group(mail.group) else ()


def _behind_machine(mail: Mail, us: Identity) -> tuple[str, ...]:
    """The customer behind a form service's or market place's no-reply address, who is named in Reply-To."""
    if mail.automatic not in ("sender", "auto-generated") or (mail.doubt is not None and not us.is_group(mail.group)):
        return ()
    named = _readers(mail.reply_to, us)
    if not named:
        return ()
    relayed = mail.automatic == "sender" and _RELAY.fullmatch(named[0].partition("@")[0]) is not None
    return named if relayed or registered_domain(named[0]) != registered_domain(mail.sender) else ()


def _may_be_bounce(mail: Mail) -> bool:
    if mail.automatic == "spam":
        return False
    local = mail.sender.partition("@")[0]
    report = b"delivery-status" in mail.content_type.lower()
    return report or mail.automatic == "x-failed-recipients" or local in ("mailer-daemon", "postmaster")


def customers_mail(mail: Mail, who: tuple[str, ...], place: str, hash_customer: Hasher) -> ClassifiedMail:
    """A mail that these people (none: nobody is named) wrote to this place."""
    return _classified(mail, False, who, place, hash_customer)


def _classified(
    mail: Mail, ours: bool, others: Sequence[str], place: str, hash_customer: Hasher
) -> ClassifiedMail:  # fmt: skip
    subject = normal_subject(mail.subject)
    named = tuple(islice(dict.fromkeys(others), _MAX_OTHERS + 1)) if len(others) > 1 else others
    hashes = tuple(map(hash_customer, named))
    firms = tuple([hash_customer("@" + firm) for firm in map(firm_of, named) if firm])
    if len(named) > 1:
        hashes, firms = tuple(dict.fromkeys(hashes)), tuple(dict.fromkeys(firms))
    keys = tuple([_subject_key(customer, subject.text) for customer in hashes[:_BY_SUBJECT]])
    also = tuple([_subject_key(customer, subject.also) for customer in hashes[:_BY_SUBJECT]]) if subject.also else ()
    return ClassifiedMail(mail, ours, ours and _is_automatic(mail, subject), hashes, firms, place, subject, keys, also)


def _subject_key(customer: str, text: str) -> str:
    return f"s:{short_hash(customer + text)}"
