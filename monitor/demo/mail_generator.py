"""Writes the demo's planned mails as RFC 5322 messages and delivers them into the mailbox."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from monitor.demo.mailbox import Mailbox
from monitor.demo.schedule import TimeScale
from monitor.demo.written_traffic import PlannedMail

ADDRESS: Final = "info@demo.example"
OURS: Final = Address("Demo Service", "info", "demo.example")
#: History older than this has left the inbox.
_ARCHIVED_AFTER: Final = timedelta(days=7)
_KEPT: Final = 5_000


def message_id(key: str, *, outgoing: bool) -> str:
    """The same for the same mail in every run: a restarted demo shows no mail twice."""
    return f"<{key}@{'demo' if outgoing else 'post'}.example>"


def compose(mail: PlannedMail, at: datetime, answered: Iterable[str]) -> bytes:
    """The message as it lies in a mailbox; `answered` are the Message-IDs it refers to, the oldest first."""
    message = EmailMessage(policy=SMTP)
    them = Address(mail.who.name, addr_spec=mail.who.address)
    if mail.kind == "colleague":
        them = Address("Ben Hall", "ben.hall", "demo.example")
    message["From"], message["To"] = (OURS, them) if mail.outgoing else (them, OURS)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(mail.key, outgoing=mail.outgoing)
    references = list(answered)
    if references:
        message["In-Reply-To"] = references[-1]
        message["References"] = " ".join(references)
    if mail.kind == "automatic":
        message["Auto-Submitted"] = "auto-replied"
    elif mail.kind == "away":
        message["Auto-Submitted"] = "auto-replied"
        message["X-Autoreply"] = "yes"
    elif mail.kind == "bulk":
        message["List-Id"] = "<letters.post.example>"
        message["List-Unsubscribe"] = "<mailto:leave@post.example>"
        message["Precedence"] = "bulk"
    message.set_content(mail.text)
    return message.as_bytes()


class MailGenerator:
    """Delivers mails into their folders; keeps the recent ones, to refer to them and to flag them as answered."""

    def __init__(self, mailbox: Mailbox, scale: TimeScale) -> None:
        self._mailbox = mailbox
        self._scale = scale
        self._known: OrderedDict[str, tuple[str, str, int]] = OrderedDict()  # key -> Message-ID, folder, UID

    def deliver(self, mail: PlannedMail, at: datetime | None = None) -> None:
        """Deliver one mail at its real moment; `at`: where that is known."""
        at = at or self._scale.to_real(mail.at)
        known = [self._known[key] for key in mail.answers if key in self._known]
        raw = compose(mail, at, [found[0] for found in known])
        folder = self._folder(mail, at)
        flags = ("\\Seen",) if folder in ("Sent", "Archive") else ("\\Draft", "\\Seen") if folder == "Drafts" else ()
        uid = self._mailbox.deliver(folder, raw, at, flags)
        if mail.outgoing and mail.kind == "plain":
            for _, where, asked in known:
                if where != "Sent":
                    self._mailbox.flag(where, asked, "\\Answered", "\\Seen")
        self._known[mail.key] = (message_id(mail.key, outgoing=mail.outgoing), folder, uid)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def _folder(self, mail: PlannedMail, at: datetime) -> str:
        if mail.kind in ("draft", "spam"):
            return "Drafts" if mail.kind == "draft" else "Junk"
        if mail.outgoing:
            return "Sent"
        return "Archive" if at < self._scale.anchor - _ARCHIVED_AFTER else "INBOX"
