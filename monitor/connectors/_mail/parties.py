"""Who wrote to whom: a mail and who we are -> a customer's mail, one of ours, or nobody's business. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from monitor.connectors._mail.headers import Mail, Subject, is_machine, normal_subject, short_hash

_MAX_OTHERS: Final = 8
_MAX_KNOWN: Final = 4096
_BY_SUBJECT: Final = 3  # of so many customers a mail can be found by its subject


@lru_cache(maxsize=4096)
def plain(address: str) -> str:
    """`Alice+Orders@X` -> `alice@x`: the mailbox behind a plus-address."""
    local, at, domain = address.strip().lower().rpartition("@")
    base = local.partition("+")[0]
    return f"{base or local}{at}{domain}"


@dataclass(frozen=True)
class Identity:
    """Who is "us": our addresses and our domains, and which of them are configured places."""

    addresses: frozenset[str]
    domains: frozenset[str]
    places: frozenset[str] = field(default_factory=frozenset)
    _known: dict[tuple[str, ...], str | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, addresses: Iterable[str], domains: Iterable[str], places: Iterable[str] = ()) -> "Identity":
        """Normalises what people configure (`@Example.org`, plus-addresses, capitals)."""
        return cls(
            frozenset(plain(a) for a in addresses if "@" in a),
            frozenset(d.strip().lower().lstrip("@") for d in domains),
            frozenset(p.lower() for p in places),
        )

    def ours(self, address: str) -> bool:
        """Whether this address is one of ours."""
        return address.rpartition("@")[2] in self.domains or plain(address) in self.addresses

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
    """A mail that matters, seen from our side. `others` are hashes of customers, the one it is about first."""

    mail: Mail
    ours: bool
    automatic: bool
    others: tuple[str, ...]
    place: str  # where a conversation that begins with this mail belongs
    subject: Subject
    subject_keys: tuple[str, ...]  # names of (customer, subject)


def classify(mail: Mail, us: Identity, mailbox: str, in_sent: bool, hash_customer: Callable[[str], str]) -> ClassifiedMail | None:
    """None: no contact (between colleagues, a machine's mail, we are only in Cc).

    `mailbox` is the address of the account it lies in. What lies in Sent is ours, whatever address it was sent from.
    """
    from_us = us.ours(mail.sender)
    if in_sent or from_us:
        others = [a for a in (*mail.to, *mail.cc) if not us.ours(a)]
        if others:
            place = us.place((mail.sender,)) or f"address:{plain(mailbox)}"
            automatic = mail.automatic is not None and _is_automatic(mail, us)
            return _classified(mail, True, automatic, _hashes(others, hash_customer), place)
        if in_sent or not mail.reply_to or us.ours(mail.reply_to):
            return None
        # A web form: sent by our own server, the customer is in Reply-To, and "auto-generated" is no secret.
        if mail.automatic not in (None, "auto-generated", "sender"):
            return None
        place = us.place(mail.to) or f"address:{plain(mailbox)}"
        return _classified(mail, False, False, (hash_customer(mail.reply_to),), place)
    customer = mail.sender
    if mail.automatic is not None and _is_automatic(mail, us):
        if not _is_foreign_form(mail, us):
            return None
        customer = mail.reply_to
    if not customer:
        return None
    reached = us.place(mail.to)
    if reached is None and any(us.ours(a) for a in mail.cc):
        return None  # written to somebody else, we only get a copy
    return _classified(mail, False, False, (hash_customer(customer),), reached or f"address:{plain(mailbox)}")


def _classified(mail: Mail, ours: bool, automatic: bool, others: tuple[str, ...], place: str) -> ClassifiedMail:
    subject = normal_subject(mail.subject)
    keys = tuple([f"s:{short_hash(customer + subject.text)}" for customer in others[:_BY_SUBJECT]])
    return ClassifiedMail(mail, ours, automatic, others, place, subject, keys)


def _hashes(found: Iterable[str], hash_customer: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([hash_customer(a) for a in islice(found, _MAX_OTHERS + 1)]))


def _is_automatic(mail: Mail, us: Identity) -> bool:
    if mail.automatic != "list":
        return True
    # Our own address may be a mailing list (a group): then every customer's mail carries its List-Id.
    named = mail.list_id.decode("latin-1").lower().rpartition("<")[2].rstrip("> ")
    own = any(named == d or named.endswith("." + d) for d in us.domains) or any(
        named.endswith(a.replace("@", ".")) for a in us.addresses
    )
    return not own or is_machine(mail.sender)


def _is_foreign_form(mail: Mail, us: Identity) -> bool:
    """A form service writes from its no-reply address, with the customer of another domain in Reply-To."""
    if mail.automatic not in ("sender", "auto-generated") or not mail.reply_to or us.ours(mail.reply_to):
        return False
    return not is_machine(mail.reply_to) and _site(mail.reply_to) != _site(mail.sender)


def _site(address: str) -> str:
    return ".".join(address.rpartition("@")[2].split(".")[-2:])
