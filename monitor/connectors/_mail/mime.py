"""The beginning of a MIME body -> its parts (RFC 2045, 2046, 2231). Bounded, never raises, judges nothing."""

import quopri
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

#: Bytes of a body that are looked at: of a text, and of what begins with the styles of a program.
SHORT: Final = 8_192
LONG: Final = 65_536
_MAX_PARTS: Final = 60
_MAX_DEPTH: Final = 6
_MAX_VALUE: Final = 2_000
_MAX_BOUNDARY: Final = 200  # RFC 2046 allows 70

_FIELD: Final = re.compile(rb"^(content-[\w-]+)[ \t]*:[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE | re.IGNORECASE)
_PARAMETER: Final = re.compile(r';\s*([\w.*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_ESCAPED: Final = re.compile(r"\\(.)")


class Part(NamedTuple):
    """A part that is no multipart. `body` is still encoded."""

    kind: str  # `text/plain` also where nothing is said
    parameters: Mapping[str, str]  # of its Content-Type, names in lower case
    disposition: str  # `attachment`, `inline`, or nothing
    name: str  # of a file
    identified: bool  # it has a Content-ID: something may refer to it
    encoding: str
    body: bytes
    within: tuple[str, ...]  # the kinds of the multiparts around it, the outermost first


class Parts(NamedTuple):
    """The parts in their order. `unclosed`: kinds of the multiparts whose end was not seen, so that more may follow."""

    found: list[Part]
    unclosed: list[str]


class _Head(NamedTuple):
    kind: str
    parameters: Mapping[str, str]
    disposition: str
    name: str
    identified: bool
    encoding: str


def parts(content_type: str, encoding: str, body: bytes) -> Parts:
    """The parts of which `body` (looked at up to LONG) is the beginning, with the mail's own two headers."""
    result = Parts([], [])
    head = _head(
        {
            b"content-type": content_type.encode("utf-8", "replace"),
            b"content-transfer-encoding": encoding.encode("utf-8", "replace"),
        }
    )
    _walk(head, body[:LONG].replace(b"\r\n", b"\n"), True, (), result)
    return result


def content(part: Part) -> bytes:
    """The body of a part, decoded as far as it goes."""
    return transfer_decoded(part.body, part.encoding)


def text(part: Part) -> str:
    """The text of a part in its charset, UTF-8 where that is unknown; what does not fit becomes U+FFFD."""
    raw = content(part)
    try:
        return raw.decode(part.parameters.get("charset") or "utf-8", "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def unflowed(text: str, parameters: Mapping[str, str]) -> str:
    """A text with its lines joined that `format=flowed` has broken (RFC 3676 section 4); any other as it is."""
    if parameters.get("format", "").lower() != "flowed":
        return text
    joins_words = parameters.get("delsp", "").lower() == "yes"
    lines: list[str] = []
    open_at: int | None = None  # the depth of the quote whose last line goes on
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        goes_on = bare.endswith(" ") and bare != "-- "
        if open_at == depth and bare != "-- ":
            lines[-1] += bare
        else:
            lines.append(f"{'>' * depth} {bare}" if depth else bare)
        open_at = depth if goes_on else None
        if goes_on and joins_words:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def transfer_decoded(body: bytes, encoding: str) -> bytes:
    """base64 and quoted-printable, also when cut off."""
    if encoding.startswith("base64"):
        packed = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        whole, rest = packed[: len(packed) // 4 * 4], packed[len(packed) // 4 * 4 :]
        try:
            # A single character after the last whole group says nothing.
            return a2b_base64(whole + (rest + b"=" * (4 - len(rest)) if len(rest) >= 2 else b""))
        except Base64Error:
            return b""
    return quopri.decodestring(body) if encoding.startswith("quoted-printable") else body


def _walk(head: _Head, body: bytes, cut: bool, within: tuple[str, ...], result: Parts) -> None:
    """`cut`: the body may end because no more of it is known."""
    if not head.kind.startswith("multipart/"):
        result.found.append(Part(*head, body, within))
        return
    boundary = head.parameters.get("boundary", "").rstrip()
    if not 0 < len(boundary) <= _MAX_BOUNDARY or len(within) >= _MAX_DEPTH:
        result.unclosed.append(head.kind)
        return
    mark = re.compile(rb"^--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*$", re.MULTILINE)
    begin, closed = -1, False
    around = (*within, head.kind)
    for found in mark.finditer(body):
        if begin >= 0:
            _part(head.kind, body[begin : max(begin, found.start() - 1)], False, around, result)
        begin, closed = found.end() + 1, found[1] is not None
        if closed or len(result.found) >= _MAX_PARTS:
            break
    if not closed:
        if cut or len(result.found) >= _MAX_PARTS:
            result.unclosed.append(head.kind)
        if 0 <= begin < len(body) and len(result.found) < _MAX_PARTS:
            _part(head.kind, body[begin:], cut, around, result)


def _part(parent: str, raw: bytes, cut: bool, within: tuple[str, ...], result: Parts) -> None:
    if raw.startswith(b"\n"):
        block, rest = b"", raw[1:]
    else:
        block, blank, rest = raw.partition(b"\n\n")
        if cut and not blank:
            return  # of half a header nobody knows what it says
    fields = {name.lower(): value for name, value in _FIELD.findall(block)}
    if parent == "multipart/digest":
        fields.setdefault(b"content-type", b"message/rfc822")
    _walk(_head(fields), rest, cut, within, result)


def _head(fields: Mapping[bytes, bytes]) -> _Head:
    value = _unfolded(fields.get(b"content-type", b""))
    disposition = _unfolded(fields.get(b"content-disposition", b""))
    named = parameters(value)
    kind = re.split(r"[;\s(]", value.strip(), maxsplit=1)[0].lower()
    return _Head(
        kind if "/" in kind else "text/plain",
        named,
        re.split(r"[;\s(]", disposition.strip(), maxsplit=1)[0].lower(),
        parameters(disposition).get("filename") or named.get("name", ""),
        b"content-id" in fields,
        _unfolded(fields.get(b"content-transfer-encoding", b"")).strip().lower(),
    )


def _unfolded(value: bytes) -> str:
    return value[:_MAX_VALUE].decode("utf-8", "replace").replace("\n", " ")


def parameters(value: str) -> dict[str, str]:
    """The parameters of a header value; continued and encoded ones (RFC 2231) put together."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for match in _PARAMETER.finditer(value[:_MAX_VALUE]):
        name, found = match[1].lower(), _ESCAPED.sub(r"\1", match[2]) if match[2] is not None else match[3]
        base, star, section = name.partition("*")
        if not star:
            plain.setdefault(name, found)
            continue
        number = section.rstrip("*")
        if number.isascii() and (number.isdigit() or not number) and len(number) <= 3:
            pieces.setdefault(base, []).append((int(number or 0), found, name.endswith("*")))
    for base, sections in pieces.items():
        plain[base] = _joined(sorted(sections))
    return plain


def _joined(sections: list[tuple[int, str, bool]]) -> str:
    charset, raw = "utf-8", b""
    for number, found, encoded in sections:
        if encoded and number == 0 and found.count("'") >= 2:
            charset, _, found = found.split("'", 2)
        raw += unquote_to_bytes(found) if encoded else found.encode("utf-8", "replace")
    try:
        return raw.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")
