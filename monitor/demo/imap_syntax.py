"""IMAP's command syntax (RFC 3501 section 9): from the bytes of a command to its arguments. No sockets."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: An atom or string is a `str`; a parenthesised list is a list of the same.
Token = str | list["Token"]

_SPECIAL: Final = b' ()"'


class BadSyntax(Exception):
    """The command cannot be read; the message says where."""


@dataclass(slots=True)
class Section:
    """A `BODY[...]` item: what is wanted of the message."""

    label: str  # as it is echoed: BODY[HEADER.FIELDS (SUBJECT)]<0>
    kind: str  # "", HEADER, TEXT, HEADER.FIELDS
    names: tuple[bytes, ...] = ()
    origin: int = 0
    length: int | None = None


def parse(line: bytes, literals: Sequence[bytes]) -> list[Token]:
    """`line` is the command with `{n}` where each literal stood; a bracketed section stays one atom."""
    tokens: list[Token] = []
    stack = [tokens]
    rest, position, strings = line, 0, iter(literals)
    while position < len(rest):
        char = rest[position : position + 1]
        if char == b" ":
            position += 1
        elif char == b"(":
            inner: list[Token] = []
            stack[-1].append(inner)
            stack.append(inner)
            position += 1
        elif char == b")":
            if len(stack) == 1:
                raise BadSyntax("unexpected )")
            stack.pop()
            position += 1
        elif char == b'"':
            text, position = _quoted(rest, position + 1)
            stack[-1].append(text)
        elif char == b"{":
            position = rest.index(b"}", position) + 1
            stack[-1].append(next(strings).decode("utf-8", "replace"))
        else:
            end = _atom_end(rest, position)
            stack[-1].append(rest[position:end].decode("ascii", "replace"))
            position = end
    if len(stack) != 1:
        raise BadSyntax("missing )")
    return tokens


def quoted(name: str) -> str:
    """A folder's name as Dovecot writes it: bare where that is allowed, else as a quoted string."""
    if name and re.fullmatch(r'[^\x00-\x20"%()*\\{\x7f]+', name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _quoted(line: bytes, position: int) -> tuple[str, int]:
    text = bytearray()
    while position < len(line):
        char = line[position]
        if char == 0x22:
            return text.decode("utf-8", "replace"), position + 1
        if char == 0x5C and position + 1 < len(line):
            position += 1
            char = line[position]
        text.append(char)
        position += 1
    raise BadSyntax('missing "')


def _atom_end(line: bytes, position: int) -> int:
    depth = 0
    while position < len(line):
        char = line[position]
        depth += (char == 0x5B) - (char == 0x5D)
        if depth <= 0 and char in _SPECIAL:
            break
        position += 1
    return position


def uid_set(text: str, uids: Sequence[int]) -> list[int]:
    """The members of `uids` (ascending) that a set like `1:4,7,9:*` names. Raises BadSyntax.

    `9:*` names the newest message even when its UID is below 9 (RFC 3501 section 6.4.8).
    """
    newest = uids[-1] if uids else 0
    spans: list[tuple[int, int]] = []
    single: set[int] = set()
    for part in text.split(","):
        first, colon, last = part.partition(":")
        try:
            ends = [newest if end == "*" else int(end) for end in (first, last if colon else first)]
        except ValueError:
            raise BadSyntax(f"invalid UID set {text[:40]!r}") from None
        if ends[0] == ends[1]:
            single.add(ends[0])
        else:
            spans.append((min(ends), max(ends)))
    return [uid for uid in uids if uid in single or any(low <= uid <= high for low, high in spans)]


def section(item: str) -> Section:
    """`BODY.PEEK[HEADER.FIELDS (Subject From)]<0.2048>` and its simpler kin. Raises BadSyntax."""
    name, _, rest = item.partition("[")
    inside, closed, partial = rest.partition("]")
    if name.upper() not in ("BODY", "BODY.PEEK") or not closed:
        raise BadSyntax(f"unknown fetch item {item[:40]!r}")
    kind, _, listed = inside.partition(" ")
    kind = kind.upper()
    names = tuple(n.strip('"').upper().encode() for n in listed.strip("() ").split()) if listed else ()
    if kind not in ("", "HEADER", "TEXT", "HEADER.FIELDS") or (kind == "HEADER.FIELDS") != bool(names):
        raise BadSyntax(f"unknown section {inside[:40]!r}")
    shown = f"{kind} ({b' '.join(names).decode()})" if names else kind
    if not partial:
        return Section(f"BODY[{shown}]", kind, names)
    origin, dot, length = partial.strip("<>").partition(".")
    if not (origin.isdigit() and (length.isdigit() or not dot)):
        raise BadSyntax(f"invalid partial {partial[:40]!r}")
    return Section(f"BODY[{shown}]<{origin}>", kind, names, int(origin), int(length) if dot else None)


def header_fields(header: bytes, names: Sequence[bytes]) -> bytes:
    """Only the named fields of a header, folded lines included, and the empty line that ends it."""
    kept, keep = [], False
    for line in header.split(b"\r\n")[:-2]:
        if not line.startswith((b" ", b"\t")):
            keep = line.partition(b":")[0].strip().upper() in names
        if keep:
            kept.append(line + b"\r\n")
    return b"".join(kept) + b"\r\n"
