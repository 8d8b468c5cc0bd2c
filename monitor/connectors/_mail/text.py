"""The beginning of a mail's body -> readable text, to be looked at in memory and dropped. Bounded, never raises."""

import html
import quopri
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Final

from monitor.connectors._mail.headers import Mail

_BOUNDARY: Final = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET: Final = re.compile(r'charset\s*=\s*"?([\w.:-]{1,40})', re.IGNORECASE)
_TAG: Final = re.compile(r"<(?:(style|script)\b.*?</\1\s*>|[^>]*>)", re.IGNORECASE | re.DOTALL)
_QUOTE: Final = re.compile(r"<(?:blockquote|div[^>]{0,200}(?:gmail_quote|divRplyFwdMsg))\b.*", re.IGNORECASE | re.DOTALL)
_BREAK: Final = re.compile(r"<(?:br|/p|/div|/li|/tr)\b[^>]*>", re.IGNORECASE)
_MAX: Final = 16_384
_DEPTH: Final = 4


def mail_text(mail: Mail, body: bytes) -> str:
    """The text of a mail of which `body` is the beginning."""
    return plain_text(body, mail.content_type.decode("latin-1"), mail.encoding.decode("latin-1").strip().lower())


def plain_text(body: bytes, content_type: str, encoding: str, depth: int = 0) -> str:
    """The text a person wrote, from the first bytes of a body (RFC 2045); the first text part of a multipart."""
    kind = content_type.strip().lower()
    if kind.startswith("multipart/"):
        return _first_text_part(body, content_type, depth)
    if kind and not kind.startswith("text/"):
        return ""
    text = _charset_decoded(_transfer_decoded(body[:_MAX], encoding), content_type)
    if kind.startswith("text/html"):
        text = html.unescape(_TAG.sub("", _BREAK.sub("\n", _QUOTE.sub("", text.replace("\n", " ")))))
    return text


def _first_text_part(body: bytes, content_type: str, depth: int) -> str:
    match = _BOUNDARY.search(content_type)
    if match is None or depth >= _DEPTH:
        return ""
    mark = b"--" + (match[1] or match[2]).encode("latin-1", "replace")
    for part in body[:_MAX].replace(b"\r\n", b"\n").split(mark)[1:9]:
        head, _, rest = part.lstrip(b" \t\n").partition(b"\n\n") if not part.startswith(b"\n\n") else (b"", b"", part[2:])
        fields = dict(re.findall(r"^(content-[\w-]+):\s*(.*(?:\n[ \t].*)*)", head.decode("latin-1").lower(), re.MULTILINE))
        # The boundary keeps its capitals: it is compared byte by byte.
        own = re.search(r"^content-type:\s*(.*(?:\n[ \t].*)*)", head.decode("latin-1"), re.MULTILINE | re.IGNORECASE)
        text = plain_text(rest, own[1] if own else "text/plain", fields.get("content-transfer-encoding", "").strip(), depth + 1)
        if text.strip():
            return text
    return ""


def _transfer_decoded(body: bytes, encoding: str) -> bytes:
    if encoding.startswith("base64"):
        packed = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        try:
            return a2b_base64(packed[: len(packed) // 4 * 4] + _last_quantum(packed))
        except Base64Error:
            return b""
    return quopri.decodestring(body) if encoding.startswith("quoted-printable") else body


def _last_quantum(packed: bytes) -> bytes:
    """What is left after the last whole group of four, padded; a single character says nothing."""
    rest = packed[len(packed) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) >= 2 else b""


def _charset_decoded(body: bytes, content_type: str) -> str:
    match = _CHARSET.search(content_type)
    try:
        return body.decode(match[1] if match else "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")
