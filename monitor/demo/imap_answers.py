"""What an IMAP server says of folders and messages: STATUS and FETCH items (RFC 3501 sections 6.3.10 and 7.4.2). No sockets."""

from monitor.demo.imap_syntax import BadSyntax, Section, Token, header_fields, section
from monitor.demo.mailbox import Folder, StoredMessage, internal_date


def status_items(folder: Folder, wanted: list[str]) -> str:
    values = {
        "MESSAGES": len(folder.messages),
        "RECENT": 0,
        "UIDNEXT": folder.next_uid,
        "UIDVALIDITY": folder.validity,
        "UNSEEN": folder.unseen(),
        "HIGHESTMODSEQ": folder.change,
    }
    unknown = [item for item in wanted if item not in values]
    if unknown:
        raise BadSyntax(f"Unknown STATUS item {unknown[0][:20]}")
    return " ".join(f"{item} {values[item]}" for item in wanted)


def fetch_items(wanted: list[Token]) -> list[str | Section]:
    """The items to send for each message, UID always among them (RFC 3501 section 6.4.8)."""
    items: list[str | Section] = []
    for token in wanted:
        word = token.upper() if isinstance(token, str) else ""
        if word in ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "MODSEQ"):
            items.append(word)
        elif word == "RFC822.HEADER":
            items.append(Section("RFC822.HEADER", "HEADER"))
        else:
            items.append(section(str(token)))
    return items if "UID" in items else ["UID", *items]


def fetch_value(message: StoredMessage, item: str | Section) -> bytes:
    if isinstance(item, Section):
        match item.kind:
            case "HEADER":
                content = message.header
            case "TEXT":
                content = message.text
            case "HEADER.FIELDS":
                content = header_fields(message.header, item.names)
            case _:
                content = message.header + message.text
        if item.length is not None:
            content = content[item.origin : item.origin + item.length]
        return b"%b {%d}\r\n%b" % (item.label.encode(), len(content), content)
    values = {
        "UID": str(message.uid),
        "FLAGS": f"({' '.join(message.flags)})",
        "INTERNALDATE": f'"{internal_date(message.at)}"',
        "RFC822.SIZE": str(message.size),
        "MODSEQ": f"({message.change})",
    }
    return f"{item} {values[item]}".encode()
