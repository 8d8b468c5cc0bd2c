"""The demo's letters as RFC 5322 messages, and the post room that puts them into the mailbox."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from monitor.demo.mailbox import Mailbox
from monitor.demo.story import Stage
from monitor.demo.story_written import Letter

ADDRESS: Final = "info@demo.example"
OURS: Final = Address("Demo Service", "info", "demo.example")
#: History older than this has left the inbox.
_ARCHIVED_AFTER: Final = timedelta(days=7)
_REMEMBERED: Final = 5_000


def message_id(key: str, *, outgoing: bool) -> str:
    """The same for the same letter in every run: a restarted demo shows no mail twice."""
    return f"<{key}@{'demo' if outgoing else 'post'}.example>"


def write(letter: Letter, at: datetime, answered: Iterable[str]) -> bytes:
    """The message as it lies in a mailbox; `answered` are the Message-IDs it refers to, the oldest first."""
    message = EmailMessage(policy=SMTP)
    them = Address(letter.who.name, addr_spec=letter.who.address)
    if letter.kind == "colleague":
        them = Address("Ben Hall", "ben.hall", "demo.example")
    message["From"], message["To"] = (OURS, them) if letter.outgoing else (them, OURS)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(letter.key, outgoing=letter.outgoing)
    references = list(answered)
    if references:
        message["In-Reply-To"] = references[-1]
        message["References"] = " ".join(references)
    if letter.kind == "automatic":
        message["Auto-Submitted"] = "auto-replied"
    elif letter.kind == "away":
        message["Auto-Submitted"] = "auto-replied"
        message["X-Autoreply"] = "yes"
    elif letter.kind == "bulk":
        message["List-Id"] = "<letters.post.example>"
        message["List-Unsubscribe"] = "<mailto:leave@post.example>"
        message["Precedence"] = "bulk"
    message.set_content(letter.text)
    return message.as_bytes()


class PostRoom:
    """Puts letters into folders as they are written and received; remembers the recent ones, to refer to them."""

    def __init__(self, mailbox: Mailbox, stage: Stage) -> None:
        self._mailbox = mailbox
        self._stage = stage
        self._known: OrderedDict[str, tuple[str, str, int]] = OrderedDict()  # key -> Message-ID, folder, UID

    def put(self, letter: Letter) -> None:
        """Deliver one letter, with the moment it really has."""
        at = self._stage.real(letter.at)
        known = [self._known[key] for key in letter.answers if key in self._known]
        raw = write(letter, at, [found[0] for found in known])
        folder = self._folder(letter)
        flags = ("\\Seen",) if folder in ("Sent", "Archive") else ("\\Draft", "\\Seen") if folder == "Drafts" else ()
        uid = self._mailbox.deliver(folder, raw, at, flags)
        if letter.outgoing and letter.kind == "plain":
            for _, where, asked in known:
                if where != "Sent":
                    self._mailbox.flag(where, asked, "\\Answered", "\\Seen")
        self._known[letter.key] = (message_id(letter.key, outgoing=letter.outgoing), folder, uid)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _folder(self, letter: Letter) -> str:
        if letter.kind in ("draft", "spam"):
            return "Drafts" if letter.kind == "draft" else "Junk"
        if letter.outgoing:
            return "Sent"
        return "Archive" if letter.at < self._stage.anchor - _ARCHIVED_AFTER else "INBOX"
