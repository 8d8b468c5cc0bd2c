"""The beginning of a mail's text -> who wrote it after all, and whether it asks anything. Pure; the text goes no further."""

from collections.abc import Mapping, Sequence

from monitor.connectors._mail.headers import Hasher, message_event_id
from monitor.connectors._mail.machines import is_machine
from monitor.connectors._mail.mime import LONG, SHORT
from monitor.connectors._mail.our_words import bytes_of_ours, may_promise
from monitor.connectors._mail.parties import ClassifiedMail, Identity, customers_mail
from monitor.connectors._mail.structure import Structure, structure
from monitor.connectors._mail.text import mail_text, mail_texts
from monitor.domain.courtesy import is_courtesy
from monitor.domain.quoting import own_words


def text_wanted(classified: Sequence[ClassifiedMail], state: Mapping[str, str], *, copies: bool = False) -> dict[int, int]:
    """Indices of the mails whose text must be looked at, each with how many bytes of it: a customer's word after what may be an
    answer of ours, what may be a machine's by its structure, and what we wrote to somebody.

    `copies`: they lie in a folder that shows again what lies in Sent; what is known from there is not looked at twice.
    """
    sides = {p.mail.id: "o" if p.ours else "c" for p in classified}
    wanted: dict[int, int] = {}
    for index, p in enumerate(classified):
        if p.ours:
            if may_promise(p) and not (copies and state.get("m:" + p.mail.id, "")[16:] == "o" + p.mail.fingerprint):
                wanted[index] = bytes_of_ours(p)
            continue
        if p.mail.references:
            parent = p.mail.references[-1]
            side = sides.get(parent) or state.get("m:" + parent, "")[16:17]
            follows = side != "c"
        else:
            follows = p.mail.thread_reply or p.subject.answers
        if follows or p.open_question is not None or _may_be_machines(p):
            # A forwarded mail begins with the styles of its program, a delivery report may begin with a page.
            wanted[index] = LONG if p.open_question is not None else SHORT
    return wanted


def _may_be_machines(p: ClassifiedMail) -> bool:
    """Invitations are accepted, mails recalled and read by mails that look like anybody's: `Accepted: …`, in any language."""
    kind = p.mail.content_type[:24].lower()
    if kind.startswith((b"text/calendar", b"application/ms-tnef")):
        return True
    return p.subject.announced is not None or (p.subject.labelled and kind.startswith(b"multipart/"))


def looked_at(
    p: ClassifiedMail, body: bytes, us: Identity, hash_customer: Hasher
) -> tuple[ClassifiedMail, bool] | None:  # fmt: skip
    """(the mail as its text shows it, whether it is a mere thank-you); None where no customer wrote it."""
    seen = structure(p.mail.content_type, p.mail.encoding, body)
    if p.open_question == "bounced":
        found = _bounced(p, seen, hash_customer)
    elif p.open_question == "forwarded":
        found = _forwarded(p, seen, us, hash_customer)
    elif seen.reaction or seen.receipt or seen.recall or seen.calendar_method in ("REPLY", "CANCEL"):
        found = None
    elif p.subject.announced == "automatic":
        found = _asking(p, mail_text(p.mail, body))
    else:
        found = None if seen.tnef_only and p.subject.labelled else p
    if found is None:
        return None
    # What is sent along, or may be (the structure was cut off), wants to be looked at.
    courtesy = found is p and seen.attachment is False and all(map(is_courtesy, mail_texts(p.mail, body)))
    return found, courtesy


def _asking(p: ClassifiedMail, text: str) -> ClassifiedMail | None:
    """Under the subject of an automatic reply only a question is a person's."""
    return p if any("?" in line for line in own_words(text).lines) else None


def _bounced(p: ClassifiedMail, seen: Structure, hash_customer: Hasher) -> ClassifiedMail | None:
    """A delivery report that says that a mail did not arrive; None for one that it is late, or did arrive."""
    bounced = tuple([message_event_id(each, hash_customer) for each in seen.bounced]) or p.mail.references
    if not bounced or not seen.undelivered:
        return None
    failed = tuple(dict.fromkeys([hash_customer(address) for address in seen.failed]))
    return p._replace(open_question=None, bounced=bounced, failed=failed)


def _forwarded(p: ClassifiedMail, seen: Structure, us: Identity, hash_customer: Hasher) -> ClassifiedMail | None:
    """What a colleague hands on to the desk is its author's question; nothing where that is one of us, a machine or unknown."""
    author = next((each for each in seen.forwarded_from if not us.ours(each)), None)
    if author is None or is_machine(author):
        return None
    return customers_mail(p.mail, (author,), p.place, hash_customer)
