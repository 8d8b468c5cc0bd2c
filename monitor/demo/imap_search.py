"""SEARCH (RFC 3501 section 6.4.4) as far as a careful reader needs it. No sockets."""

from collections.abc import Iterator, Mapping
from typing import Final

from monitor.demo.imap_syntax import BadSyntax, Token, header_fields, uid_set
from monitor.demo.mailbox import StoredMessage, parse_date

_FLAGS: Final = {
    "SEEN": "\\Seen", "ANSWERED": "\\Answered", "FLAGGED": "\\Flagged", "DELETED": "\\Deleted", "DRAFT": "\\Draft",
}  # fmt: skip


def matching(messages: Mapping[int, StoredMessage], arguments: list[Token]) -> list[StoredMessage]:
    """The messages that all criteria describe: ALL, SINCE, BEFORE, HEADER, KEYWORD, flags and UID sets. Raises BadSyntax."""
    found = list(messages.values())
    words = _flat(arguments)
    for word in words:
        key = word.upper()
        flag = _FLAGS.get(key.removeprefix("UN"))
        if key == "CHARSET":
            next(words, None)
        elif key in ("SINCE", "BEFORE"):
            try:
                day = parse_date(next(words, ""))
            except ValueError:
                raise BadSyntax(f"{key} needs a date") from None
            found = [m for m in found if (m.at.date() >= day) == (key == "SINCE")]
        elif flag is not None:
            found = [m for m in found if (flag in m.flags) != key.startswith("UN")]
        elif key == "KEYWORD":
            keyword = next(words, "").casefold()
            found = [m for m in found if keyword in (each.casefold() for each in m.flags)]
        elif key == "HEADER":
            name, text = next(words, "").upper().encode(), next(words, "").lower().encode()
            found = [m for m in found if text in header_fields(m.header, (name,)).lower()]
        elif key == "UID":
            named = set(uid_set(next(words, ""), list(messages)))
            found = [m for m in found if m.uid in named]
        elif key != "ALL":
            raise BadSyntax(f"Unknown argument {key[:20]}")
    return found


def _flat(arguments: list[Token]) -> Iterator[str]:
    for argument in arguments:
        if isinstance(argument, str):
            yield argument
        else:
            yield from _flat(argument)
