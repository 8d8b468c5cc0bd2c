"""A mail as values -> the bytes of RFC 5322: plain text, HTML with its pictures, files.

What stands in headers comes from configuration and from the names of contact points: it is one line there, whatever it holds.
"""

from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final, NamedTuple

_LONGEST_SUBJECT: Final = 200
#: In ASCII, whatever is written: not every mail server takes other bytes (RFC 6152).
_POLICY: Final = SMTP.clone(cte_type="7bit")


class Picture(NamedTuple):
    """A picture that the HTML shows as `cid:NAME`."""

    name: str
    png: bytes


class File(NamedTuple):
    """A file that goes with the mail."""

    name: str
    kind: str  # as application/pdf
    data: bytes


class Letter(NamedTuple):
    """What is written, whoever gets it."""

    subject: str
    text: str
    html: str | None = None
    pictures: Sequence[Picture] = ()
    files: Sequence[File] = ()


def as_bytes(letter: Letter, sender: str, recipient: str, at: datetime, message_id: str) -> bytes:
    """The mail to one recipient, lines ending with CR LF. `sender`, `recipient`: as `Name <address>` or an address alone;
    `message_id`: what stands before the sender's domain in its Message-ID."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(sender)
    mail["To"] = _address(recipient)
    # What EmailMessage folds itself may get a blank more, or lose one, between words that are encoded (Python 3.11).
    mail.set_raw("Subject", Header(_in_header(letter.subject)[:_LONGEST_SUBJECT], header_name="Subject").encode())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id}@{bare(sender).rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic reply comes back
    mail.set_content(_whole(letter.text))
    if letter.html is not None:
        mail.add_alternative(_whole(letter.html), subtype="html")
        html = mail.get_payload()[1]  # type: ignore[index]
        for picture in letter.pictures:
            html.add_related(  # type: ignore[union-attr]
                picture.png, "image", "png", cid=f"<{picture.name}>", filename=f"{picture.name}.png", disposition="inline"
            )
    for file in letter.files:
        main, _, sub = file.kind.partition("/")
        mail.add_attachment(file.data, main, sub, filename=_in_header(file.name))
    return mail.as_bytes()


def bare(address: str) -> str:
    """`Name <address>` -> the address."""
    return parseaddr(address)[1]


def one_line(text: str) -> str:
    """Foreign text as one line: what breaks lines, steers a terminal or turns the direction of reading is a blank."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _in_header(text: str) -> str:
    """What looks encoded would be decoded when the header is folded, line breaks in it too: `=?utf-8?q?=0D=0ABcc:…?=`."""
    return one_line(text).replace("=?", "= ?")


def _whole(text: str) -> str:
    """Half characters, which UTF-8 has none of, become `?`."""
    return text.encode("utf-8", "replace").decode()


def _address(written: str) -> Address:
    name, address = parseaddr(written)
    return Address(_in_header(name), addr_spec=address)
