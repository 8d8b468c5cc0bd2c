"""Who wrote to whom: a mail and who we are -> a customer's mail, one of ours, or nobody's business. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from monitor.connectors._mail import Mail, Subject, is_machine, normal_subject, short_hash

_MAX_OTHERS: Final = 8
_BY_SUBJECT: Final = 3  # of so many customers a mail can be found by its subject


@lru_cache(maxsize=4096)
def plain(address: str) -> str:
    """`Alice+Orders@X` -> `alice@x`: the mailbox behind a plus-address."""
    local, _, domain = address.strip().lower().rpartition("@")
    base = local.partition("+")[0]
    return f"{base or local}@{domain}"


@dataclass(frozen=True)
class Identity:
    """Who is "us": our addresses and our domains, and which of them are configured places."""

    addresses: frozenset[str]
    domains: frozenset[str]
    places: frozenset[str] = field(default_factory=frozenset)

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

    def place(self, candidates: Iterable[str], fallback: str) -> str:
        """Where the customer reached us: the first configured one of our addresses in `candidates`, else the first."""
        found = [f"address:{plain(a)}" for a in candidates]
        return next((p for p in found if p in self.places), found[0] if found else f"address:{plain(fallback)}")


class Posting(NamedTuple):
    """A mail that matters, seen from our side. `others` are hashes of customers, the one it is about first."""

    mail: Mail
    ours: bool
    automatic: bool
    others: tuple[str, ...]
    place: str  # where a conversation that begins with this mail belongs
    subject: Subject
    subject_keys: tuple[str, ...]  # names of (customer, subject)


def posting(mail: Mail, us: Identity, mailbox: str, in_sent: bool, hash_customer: Callable[[str], str]) -> Posting | None:
    """None: no contact (between colleagues, a machine's mail, we are only in Cc).

    `mailbox` is the address of the account it lies in. What lies in Sent is ours, whatever address it was sent from.
    """
    if in_sent or us.ours(mail.sender):
        others = [a for a in (*mail.to, *mail.cc) if not us.ours(a)]
        if others:
            place = us.place([mail.sender] if us.ours(mail.sender) else [], mailbox)
            return _posting(
                mail, True, mail.automatic is not None and _is_automatic(mail, us), _hashes(others, hash_customer), place
            )
        if in_sent or not mail.reply_to or us.ours(mail.reply_to):
            return None
        # A web form: sent by our own server, the customer is in Reply-To, and "auto-generated" is no secret.
        if mail.automatic not in (None, "auto-generated", "sender"):
            return None
        return _posting(mail, False, False, _hashes([mail.reply_to], hash_customer), us.place(_our_own(mail.to, us), mailbox))
    customer = mail.sender
    if mail.automatic is not None and _is_automatic(mail, us):
        if not _is_foreign_form(mail, us):
            return None
        customer = mail.reply_to
    if not customer:
        return None
    to = _our_own(mail.to, us)
    if not to and any(us.ours(a) for a in mail.cc):
        return None  # written to somebody else, we are only told
    return _posting(mail, False, False, _hashes([customer], hash_customer), us.place(to, mailbox))


def _posting(mail: Mail, ours: bool, automatic: bool, others: tuple[str, ...], place: str) -> Posting:
    subject = normal_subject(mail.subject)
    keys = tuple([f"s:{short_hash(customer + subject.text)}" for customer in others[:_BY_SUBJECT]])
    return Posting(mail, ours, automatic, others, place, subject, keys)


def _our_own(found: Iterable[str], us: Identity) -> list[str]:
    return [a for a in found if us.ours(a)]


def _hashes(found: Iterable[str], hash_customer: Callable[[str], str]) -> tuple[str, ...]:
    hashes = [hash_customer(a) for a in islice(found, _MAX_OTHERS + 1)]
    return tuple(hashes) if len(hashes) == 1 else tuple(dict.fromkeys(hashes))


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
