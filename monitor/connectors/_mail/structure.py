"""What the MIME structure at the beginning of a body tells of a mail: calendar, reaction, receipt, report, attachment, forward.

Bounded, never raises: hostile and cut-off bodies tell less. The formats are those that Outlook, Exchange, Gmail,
Postfix, Exim and qmail write (RFC 3464, 5546, 8098; MS-OXTNEF).
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from monitor.connectors._mail.mime import Part, content, parts, transfer_decoded
from monitor.connectors._mail.mime import text as part_text
from monitor.connectors._mail.text import first_text
from monitor.domain.quoting import OwnWords, header_value, own_words

_MAX_IDS: Final = 10
_MAX_ADDRESSES: Final = 50
_MAX_FORWARDED_LINES: Final = 120
_MAX_SENDERS: Final = 5

_METHOD: Final = re.compile(r"^METHOD[^:\n]{0,40}:[ \t]*([A-Z-]{1,20})[ \t]*\n", re.MULTILINE | re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^<>\s\"',;:()\[\]\\@]{1,64}@[^<>\s\"',;:()\[\]\\@]{1,255}")
_MESSAGE_ID: Final = re.compile(r"^Message-ID:\s*<\s*([^<>\s]{1,500})\s*>", re.MULTILINE | re.IGNORECASE)
_SENDER: Final = re.compile(r"^From:(.*(?:\n[ \t].*)*)", re.MULTILINE | re.IGNORECASE)
_STATUS_FIELD: Final = re.compile(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)

_CALENDARS: Final = frozenset(("text/calendar", "application/ics"))
_REACTION: Final = "text/vnd.google.email-reaction+json"
_TNEF: Final = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
#: Never a file that somebody sends along: signatures, keys, cards, the parts of reports.
_NO_FILES: Final = frozenset(
    [
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "application/pgp-encrypted",
        "application/applefile",
        "text/vcard",
        "text/x-vcard",
        "text/directory",
        "text/rfc822-headers",
        "text/x-amp-html",
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/global-headers",
    ]
)
_NO_FILE_NAMES: Final = re.compile(r"smime\.p7s|signature\.asc|openpgp_\w+\.asc|att\d{5}\.(?:txt|html?|bin)", re.IGNORECASE)
#: Pictures that somebody took, even where a telephone puts them into the text.
_TAKEN: Final = re.compile(
    r"(?:img|dsc|dscn|pxl|photo|foto|image_\d|screenshot|bildschirmfoto|scan)[-_ ]?.*\d.*|.*\.hei[cf]", re.IGNORECASE
)
#: Multiparts of which no part is a file beside the text.
_CLOSED_KINDS: Final = frozenset(("multipart/alternative", "multipart/related", "multipart/signed", "multipart/report"))
_UUENCODED: Final = re.compile(r"^begin [0-7]{3} \S.{0,200}$", re.MULTILINE)

_REACTED: Final = re.compile(
    r"r[eé]a(?:ct|cc|cț|g|k[ct]|z)|реаг|αντ[έε]δρασ|αντιδρ|tepki|リアクション|反応|反应|回应|回應|반응|تفاعل|הגיב", re.IGNORECASE
)
_SIGN: Final = re.compile(r"\s*(?:\[\w{2,20}\]|[^\w\s\x00-\x7f]{1,8})\s*[^\W\d_]")
_RULE: Final = re.compile(r"\s*_{8,}\s*")

_BOUNCE: Final = re.compile(
    r"qmail-send program|created automatically by mail delivery software|message that you sent (?:could not|has not)"
    r"|mail delivery (?:sub)?system|undeliver|unable to deliver|could(?: not|n't) be delivered|delivery (?:has "
    r"|to .{1,200} )?failed"
    r"|unzustellbar|konnte nicht zugestellt",
    re.IGNORECASE,
)
_COPY: Final = re.compile(
    r"^[ \t]*-{2,}.{0,20}(?:below (?:this|the next) line|this is a copy|original message|copy of the message"
    r"|returned message).{0,80}$"
    r"|^(?:original message (?:follows|headers)|.{0,40}headers of the (?:original|undelivered) message).{0,40}$",
    re.MULTILINE | re.IGNORECASE,
)
_BOUNCED_TO: Final = re.compile(r"^(?:<([^<>\s@]+@[^<>\s]+)>:?|[ \t]{2,4}([^\s@<>()]+@[^\s@<>():]+))\s*$", re.MULTILINE)

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"  # of TNEF, 0x223E9F78
_MESSAGE_CLASS: Final = 0x00078008
_RECEIPTS: Final = (".ipnrn", ".ipnnrn", ".dr", "ipm.microsoft mail.read receipt")
_MEETINGS: Final = (
    ("ipm.schedule.meeting.resp", "REPLY"),
    ("ipm.microsoft schedule.mtgresp", "REPLY"),
    ("ipm.schedule.meeting.request", "REQUEST"),
    ("ipm.microsoft schedule.mtgreq", "REQUEST"),
    ("ipm.schedule.meeting.canceled", "CANCEL"),
    ("ipm.microsoft schedule.mtgcncl", "CANCEL"),
)


class Structure(NamedTuple):
    """What a body's beginning tells.

    `calendar_method`: REQUEST, REPLY, CANCEL, COUNTER, … (RFC 5546). `reaction`: an emoji put to a mail of ours.
    `receipt`: a mail was read, deleted unread or delivered. `recall`: Outlook asks for a mail back, or tells how that
    went. `tnef_only`: there is nothing but Outlook's winmail.dat. `attachment`: a file is sent along; None: nobody can
    tell, the end was cut off. `forwarded_from`: who wrote the mail that is forwarded inside, then those that are
    forwarded or quoted in it, in lower case; below a reply in Outlook's style whom it answers comes first. `bounced`:
    the Message-IDs, without brackets, of mails that a delivery report is about. `failed`: the recipients, in lower
    case, whom it could not reach for good. `undelivered`: it says that the mail failed for somebody, or says nothing of
    how it went.
    """

    calendar_method: str | None = None
    reaction: bool = False
    receipt: bool = False
    recall: bool = False
    tnef_only: bool = False
    attachment: bool | None = False
    forwarded_from: tuple[str, ...] = ()
    bounced: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    undelivered: bool = False


class _Rich(NamedTuple):
    """What a winmail.dat tells: Outlook's kind of the message, and whether files are inside."""

    message_class: str
    files: bool | None


class _Report(NamedTuple):
    """What the parts of a report tell."""

    bounced: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    undelivered: bool = False


def structure(content_type: bytes, encoding: bytes, body: bytes) -> Structure:
    """`body`: its beginning, under the mail's own Content-Type and Content-Transfer-Encoding."""
    found = parts(content_type.decode("latin-1"), encoding.decode("latin-1"), body)
    riches = [_rich(part) for part in found.found if _is_tnef(part)]
    classes = [rich.message_class for rich in riches]
    text = first_text(found)
    own = own_words(text)
    kinds = {part.kind for part in found.found}
    notification = "message/disposition-notification" in kinds or "disposition-notification" in content_type[
        :2000
    ].lower().decode("latin-1")
    is_report = notification or any("multipart/report" in part.within[:2] for part in found.found)
    report = _Report() if notification else _report(found.found, text, is_report)
    return Structure(
        calendar_method=_calendar_method(found.found) or _meeting(classes),
        reaction=_is_reaction(found.found, own),
        receipt=notification or any(c.endswith(_RECEIPTS) for c in classes),
        recall=any(c.startswith(("ipm.outlook.recall", "ipm.recall.report")) for c in classes),
        tnef_only=bool(riches) and not text.strip() and all(map(_is_tnef_or_empty, found.found)),
        attachment=_attachment(found.found, found.unclosed, text),
        forwarded_from=() if is_report or report.bounced else _forwarded_from(found.found, own),
        bounced=report.bounced,
        failed=report.failed,
        undelivered=report.undelivered,
    )


# calendars and reactions


def _calendar_method(found: Iterable[Part]) -> str | None:
    for part in found:
        if part.kind in _CALENDARS:
            method = part.parameters.get("method", "").strip().upper()
            if re.fullmatch(r"[A-Z-]{1,20}", method):
                return method
            match = _METHOD.search(part_text(part).replace("\r\n", "\n"))
            if match:
                return match[1].upper()
    return None


def _meeting(classes: Iterable[str]) -> str | None:
    return next((method for c in classes for beginning, method in _MEETINGS if c.startswith(beginning)), None)


def _is_reaction(found: Iterable[Part], own: OwnWords) -> bool:
    if any(part.kind == _REACTION and part.disposition != "attachment" for part in found):
        return True
    # Outlook's has no mark of its own: `👍 Jane Roe reacted to your message:` above the quote, and nothing else.
    said = [line for line in own.lines if line.strip()]
    if len(said) != 1 or not own.quote or own.forwarded:
        return False
    line = said[0].strip()
    return line.endswith((":", "：")) and len(line) <= 200 and _SIGN.match(line) is not None and _REACTED.search(line) is not None


# files


def _attachment(found: Iterable[Part], unclosed: Iterable[str], text: str) -> bool | None:
    answers = [_is_file(part, text_seen) for part, text_seen in _with_text_seen(found)]
    if True in answers or _UUENCODED.search(text):
        return True
    if None in answers or any(kind not in _CLOSED_KINDS for kind in unclosed):
        return None
    return False


def _with_text_seen(found: Iterable[Part]) -> Iterable[tuple[Part, bool]]:
    seen = False
    for part in found:
        yield part, seen
        seen = seen or part.kind.startswith("text/")


def _is_file(part: Part, text_seen: bool) -> bool | None:
    kind = part.kind
    if kind in _NO_FILES or kind in _CALENDARS or kind == _REACTION or _NO_FILE_NAMES.fullmatch(part.name):
        return False
    if _is_tnef(part):
        return _rich(part).files
    if kind in ("text/plain", "text/html", "text/enriched"):
        return part.disposition == "attachment" or (
            bool(part.name) and text_seen and part.within[-1:] != ("multipart/alternative",)
        )
    if kind.startswith("image/"):
        return _is_picture_sent(part)
    return True


def _is_picture_sent(part: Part) -> bool:
    """Whether a picture is a matter of its own, and not the logo of a signature."""
    if _TAKEN.fullmatch(part.name):
        return True
    shown = part.identified or part.disposition == "inline"
    if part.within[-1:] == ("multipart/related",):
        return not shown
    return not part.identified or part.disposition == "attachment"


# forwarded mails


def _forwarded_from(found: Iterable[Part], own: OwnWords) -> tuple[str, ...]:
    attached = next((part for part in found if part.kind in ("message/rfc822", "message/global")), None)
    if attached is not None and not own.forwarded:
        match = _SENDER.search(_headers(attached))
        return tuple(filter(None, [_address(match[1])])) if match else ()
    lines = [line.lstrip("> \t") for line in own.quote[:_MAX_FORWARDED_LINES]]
    senders: list[str] = []
    for index, line in enumerate(lines):
        value = header_value(line)
        if value and value[0]:
            following = lines[index + 1] if index + 1 < len(lines) and header_value(lines[index + 1]) is None else ""
            address = _address(value[1]) or _address(following)
            senders += [address] if address and address not in senders else []
    return tuple(senders[:_MAX_SENDERS])


def _address(value: str) -> str | None:
    match = re.search(rf"[<\[](?:mailto:)?({_ADDRESS.pattern})[>\]]", value) or re.search(rf"({_ADDRESS.pattern})", value)
    return match[1].rstrip(".").lower() if match else None


def _headers(part: Part) -> str:
    """The headers of a mail inside a mail."""
    inner = content(part).replace(b"\r\n", b"\n").lstrip(b"\n")
    return inner.partition(b"\n\n")[0].decode("utf-8", "replace")


# reports


def _report(found: Iterable[Part], text: str, is_report: bool) -> _Report:
    found = list(found)
    statuses = [part for part in found if part.kind in ("message/delivery-status", "message/global-delivery-status")]
    if not statuses and not is_report:
        return _text_report(text)
    failed: list[str] = []
    actions: list[str] = []
    for part in statuses:
        for block in re.split(r"\n[ \t]*\n", part_text(part).replace("\r\n", "\n")):
            fields = {name.lower(): value for name, value in _STATUS_FIELD.findall(block)}
            action = fields.get("action", "").strip().lower()
            actions += [action] if action else []
            if action.startswith("failed"):
                failed += [_recipient(fields[name]) for name in ("final-recipient", "original-recipient") if name in fields]
    undelivered = not actions or any(action.startswith("failed") for action in actions)
    ids = [
        match[1]
        for part in found
        if part.kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
        if (match := _MESSAGE_ID.search(_headers(part)))
    ]
    return _Report(_unique(ids, _MAX_IDS), _unique(filter(None, failed), _MAX_ADDRESSES), undelivered)


def _recipient(value: str) -> str:
    """`rfc822; bob@x.example` -> `bob@x.example`."""
    match = _ADDRESS.search(value.partition(";")[2] or value)
    return match[0].lower() if match else ""


def _text_report(text: str) -> _Report:
    """A report without structure, as qmail and old Exim write it: words, recipients, a line, the headers of the mail."""
    copy = _COPY.search(text)
    if copy is None or not _BOUNCE.search(text, 0, min(copy.start(), 1_500)):
        return _Report()
    match = _MESSAGE_ID.search(text.replace("\r\n", "\n"), copy.end())
    addresses = [a or b for a, b in _BOUNCED_TO.findall(text[: copy.start()].replace("\r\n", "\n"))]
    return _Report((match[1],) if match else (), _unique(map(str.lower, addresses), _MAX_ADDRESSES), True)


def _unique(values: Iterable[str], limit: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:limit]


# Outlook's rich text


def _is_tnef(part: Part) -> bool:
    return part.kind in _TNEF or (part.kind == "application/octet-stream" and part.name.lower() == "winmail.dat")


def _is_tnef_or_empty(part: Part) -> bool:
    return _is_tnef(part) or part.kind.startswith("text/")


def _rich(part: Part) -> _Rich:
    """The attributes of a TNEF stream, as far as it goes: level, number, length, data, checksum."""
    data = content(part)
    if not data.startswith(_SIGNATURE) and data.startswith(b"eJ8+"):
        data = transfer_decoded(data, "base64")  # the encoding was not told
    if not data.startswith(_SIGNATURE):
        return _Rich("", None)
    position, message_class, files = 6, "", False
    while position + 9 <= len(data):
        level, number = data[position], int.from_bytes(data[position + 1 : position + 5], "little")
        length = int.from_bytes(data[position + 5 : position + 9], "little")
        if number == _MESSAGE_CLASS and not message_class:
            raw = data[position + 9 : position + 9 + min(length, 100)]
            message_class = raw.partition(b"\0")[0].decode("latin-1").strip().lower().removeprefix("microsoft mail v3.0 ")
        files = files or level == 2
        position += 9 + length + 2
    return _Rich(message_class, True if files else False if position == len(data) else None)
