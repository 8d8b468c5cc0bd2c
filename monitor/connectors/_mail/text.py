"""The beginning of a mail's body -> readable text, to be looked at in memory and dropped. Bounded, never raises."""

import html
import re
from collections import Counter
from typing import Final

from monitor.connectors._mail.headers import Mail
from monitor.connectors._mail.mime import Part, Parts, parts, text
from monitor.domain.quoting import header_value

_TOKEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head|title|xml)\b.*?(?:</\1\s*>|\Z)|<(/?)([a-z][\w:-]*)([^<>]*)>|<[!?][^>]*>"
    r"|<[^<>]{0,2000}\Z",
    re.IGNORECASE | re.DOTALL,
)
_TAG: Final = re.compile(r"<[^>]*>")
_BLOCKS: Final = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "tr",
        "table",
        "tbody",
        "ul",
        "ol",
        "dl",
        "dd",
        "dt",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "section",
        "article",
        "header",
        "footer",
        "center",
        "blockquote",
    ]
)
#: Elements that are quoted as a whole: the attribution of Thunderbird and Gmail, which is in any language; what helpdesks quote.
_QUOTED: Final = re.compile(
    r"moz-cite-prefix|gmail_attr|protonmail_quote|tutanota_quote|zmail_extra_hr|\btype\s*=\s*[\"']?cite\b", re.IGNORECASE
)
#: Where Outlook, Yahoo and Zimbra begin a quote that lasts to the end.
_REST_IS_QUOTED: Final = re.compile(
    r"divRplyFwdMsg|appendonsend|yahoo_quoted|stopSpelling|zwchr|reference-message-container"
    r"|OLK_SRC_BODY_SECTION",
    re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(r"\b(?:id|class|name)\s*=\s*[\"']?[\w -]{0,60}signature", re.IGNORECASE)
_BORDER: Final = re.compile(
    r"border-top\s*:\s*(?:solid|[\d.]+(?:pt|px)\s+solid|[^;'\"]*\bsolid)|border-width\s*:\s*1(?:\.0)?p[tx] 0", re.IGNORECASE
)
_BOLD_LABEL: Final = re.compile(r"<(?:b|strong)\b[^>]*>[^<>]{1,30}[:：]", re.IGNORECASE)
_INDENTED: Final = re.compile(r"border\s*:\s*(?:none|0|medium none)", re.IGNORECASE)
#: More digits than any character has: Python refuses to count so far.
_NO_CHARACTER: Final = re.compile(r"&#x?[0-9a-f]{12,};?", re.IGNORECASE)
_ALT: Final = re.compile(r"\balt\s*=\s*[\"']?([^\"'>]{1,20})", re.IGNORECASE)
_REACTIONS: Final = frozenset(["like", "heart", "celebrate", "laugh", "surprised", "sad"])
_MARK: Final = "-----Original Message-----"
_LOOK_AHEAD: Final = 1_500


def mail_text(mail: Mail, body: bytes) -> str:
    """The text of a mail of which `body` is the beginning."""
    return plain_text(body, mail.content_type.decode("latin-1"), mail.encoding.decode("latin-1").strip().lower())


def mail_texts(mail: Mail, body: bytes) -> list[str]:
    """What the mail says, as plain text and as a page: programs may leave the one a stub. At least one, which may be empty."""
    found = parts(mail.content_type.decode("latin-1"), mail.encoding.decode("latin-1").strip().lower(), body)
    shown = [p for p in found.found if p.disposition != "attachment"]
    first = [next((p for p in shown if p.kind == kind), None) for kind in ("text/plain", "text/html")]
    texts = [read for p in first if p is not None and (read := _read(p)).strip()]
    # A page that is cut off, within its styles perhaps, says nothing for or against.
    return texts[:1] if found.unclosed and texts else texts or [first_text(found)]


def plain_text(body: bytes, content_type: str, encoding: str) -> str:
    """The text a person wrote, from the first bytes of a body: the first part with words in it."""
    return first_text(parts(content_type, encoding, body))


def first_text(found: Parts) -> str:
    """The text of the first plain or HTML part that says something and is no attached file."""
    for part in found.found:
        if part.disposition != "attachment" and part.kind in ("text/plain", "text/html", "text/enriched"):
            read = _read(part)
            if read.strip():
                return read
    return ""


def _read(part: Part) -> str:
    return text(part) if part.kind == "text/plain" else html_text(text(part))


def html_text(page: str, *, signed: bool = False) -> str:
    """A page as plain mail would show it: a line a block, quoted ones with `> `, a mark where the rest is quoted.

    `signed`: a mark also where the program says that the signature begins.
    """
    lines: list[str] = []
    current: list[str] = []
    open_blocks: list[tuple[str, bool]] = []
    open_names = Counter[str]()  # of them: many may be open
    depth = position = 0
    preformatted = False

    def end_line(*, blank: bool) -> None:
        line = " ".join("".join(current).split())
        current.clear()
        if line or blank:
            lines.append(f"> {line}" if depth else line)

    for token in (*_TOKEN.finditer(page), None):
        chunk = page[position : token.start() if token else None]
        for line in chunk.split("\n")[:-1] if preformatted else ():
            current.append(_unescaped(line))
            end_line(blank=True)
        current.append(_unescaped(chunk.rpartition("\n")[2] if preformatted else chunk))
        if token is None:
            break
        position = token.end()
        name, ends, attributes = (token[3] or "").lower(), bool(token[2]), token[4] or ""
        if name == "img":
            current.append(_picture(attributes))
        if name not in _BLOCKS:
            continue
        end_line(blank=name == "br")
        if name == "p" and ends and not depth:
            lines.append("")  # a paragraph stands apart
        if name == "pre":
            preformatted = not ends
        if name in ("div", "blockquote"):
            depth += -_leave(open_blocks, open_names, name) if ends else _enter(open_blocks, open_names, name, attributes)
        if signed and not ends and not depth and _SIGNATURE.search(attributes):
            lines.append("--")
        if not ends and not depth and lines[-1:] != [_MARK] and _begins_quote(name, attributes, page, position):
            lines.append(_MARK)
    end_line(blank=False)
    return "\n".join(lines)


def _enter(open_blocks: list[tuple[str, bool]], open_names: Counter[str], name: str, attributes: str) -> int:
    indented = _INDENTED.search(attributes) is not None and "border-left" not in attributes  # with a bar it is a quote
    quoted = (name == "blockquote" and not indented) or _QUOTED.search(attributes) is not None
    open_blocks.append((name, quoted))
    open_names[name] += 1
    return int(quoted)


def _leave(open_blocks: list[tuple[str, bool]], open_names: Counter[str], name: str) -> int:
    """How many quotes the end tag ends; one without its beginning is passed over."""
    ended = 0
    while open_names[name]:
        opened, quoted = open_blocks.pop()
        open_names[opened] -= 1
        ended += quoted
        if opened == name:
            break
    return ended


def _begins_quote(name: str, attributes: str, page: str, position: int) -> bool:
    if name not in ("div", "hr", "table", "p") or not attributes:
        return False
    if _REST_IS_QUOTED.search(attributes):
        return True
    if not _BORDER.search(attributes):
        return False
    # A border alone may be part of a signature: the quoted headers follow it.
    ahead = page[position : position + _LOOK_AHEAD]
    label = header_value(_unescaped(_TAG.sub(" ", ahead)).strip())
    return (label is not None and label[0]) or len(_BOLD_LABEL.findall(ahead)) >= 3


def _unescaped(text: str) -> str:
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text)) if "&" in text else text


def _picture(attributes: str) -> str:
    """What a picture says that stands for a sign: an emoji, or the name of Outlook's reaction."""
    match = _ALT.search(attributes)
    if match is None:
        return ""
    alt = _unescaped(match[1]).strip()
    if alt.lower() in _REACTIONS:
        return f"[{alt}] "
    return alt if alt and not any(c.isascii() or c.isalnum() for c in alt) else ""
