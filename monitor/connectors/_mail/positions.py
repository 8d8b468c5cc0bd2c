"""How far each folder of each account was read, and what of it can be read no longer. Pure; the stored form is the cursor.

{account: {folder: [UIDVALIDITY, first UID not read]}}, with the role as a third item of what is Sent or only watched.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from monitor.connector import Cursor
from monitor.connectors._mail.folders import WATCHED, Folders, Known, sorted_out
from monitor.connectors._mail.imap_responses import Folder
from monitor.errors import TransientError

_NAMED = 3  # folders that one line names


class Missing(NamedTuple):
    """A folder that should be read and cannot be. `kind` says what may be said of its name."""

    account: str
    kind: str
    gone: bool


class Positions:
    """Where one poll stands."""

    def __init__(self, cursor: Cursor | None) -> None:
        self._cursor: dict[str, dict[str, list[int | str]]] = {a: dict(folders) for a, folders in (cursor or {}).items()}
        self._reported = cursor is not None
        self._known_before = frozenset(self._cursor)

    def is_new(self, account: str) -> bool:
        """Whether nothing of this account had been read when the poll began."""
        return account not in self._known_before

    def moved(self, account: str, known: Known) -> bool:
        """Whether there is something new; a server that gives no marks is always asked."""
        entry, folder = self._entry(account, known), known.folder
        return entry is None or folder.uid_next is None or entry[:2] != [folder.uid_validity, folder.uid_next]

    def first_uid(self, account: str, known: Known, validity: int) -> tuple[int, bool]:
        """The first UID not read yet, and whether the folder was read before under this UIDVALIDITY."""
        entry = self._entry(account, known)
        return (int(entry[1]), True) if entry is not None and entry[0] == validity else (1, False)

    def at(self, account: str, known: Known, validity: int, uid_next: int) -> None:
        """Everything below `uid_next` was read."""
        entry: list[int | str] = [validity, uid_next]
        if known.role == "sent" or known.role in WATCHED:
            entry.append(known.role)
        folders = self._cursor.setdefault(account, {})
        if folders.get(known.name) != entry:
            folders[known.name] = entry
            self._reported = False

    def _entry(self, account: str, known: Known) -> list[int | str] | None:
        """The position, unless the folder was read for another purpose until now."""
        entry = self._cursor.get(account, {}).get(known.name)
        return entry if entry is not None and _is_watched(entry) == (known.role in WATCHED) else None

    def missing(self, account: str, folders: Folders, wanted: Sequence[str] | None, ignored: Sequence[str]) -> list[Missing]:
        """What was read before and is gone, and forgets of it what need not come back.

        A folder of customers' mails may be deleted and renamed: what it held is known. Of INBOX, of Sent while there is no
        other one, and of what the configuration names nobody can tell any more what comes in.
        """
        found: list[Missing] = []
        if not folders.sent and any(f.role == "sent" for f in folders.closed):
            found.append(Missing(account, "Sent", False))
        entries = self._cursor.get(account, {})
        has_inbox = any(_is_inbox(name) for name in folders.names)
        for name in [n for n in entries if n not in folders.names and not (has_inbox and _is_inbox(n))]:
            entry = entries[name]
            attributes = frozenset(("sent",) if entry[2:] == ["sent"] else ())
            ghost = sorted_out([Folder(name, attributes, delimiter=folders.delimiter)], wanted, ignored).read
            role = ghost[0].role if ghost and not _is_watched(entry) else None
            if role == "inbox" or (role == "sent" and not folders.sent) or (role is not None and wanted is not None):
                if not found or found[0].kind != ghost[0].kind:
                    found.append(Missing(account, ghost[0].kind, True))
            elif has_inbox:  # else it is the listing that is not whole
                del entries[name]
                self._reported = False
        return found

    def cursor_if_moved(self) -> Cursor | None:
        """Where we stand, if no batch has said so yet."""
        if self._reported:
            return None
        self._reported = True
        return {account: dict(folders) for account, folders in self._cursor.items()}


def _is_inbox(name: str) -> bool:
    return name.upper() == "INBOX"


def _is_watched(entry: list[int | str]) -> bool:
    return bool(entry[2:]) and entry[2] in WATCHED


def incomplete(missing: Iterable[Missing]) -> TransientError:
    """One line that says what cannot be read, Sent above all, and what to do."""
    ordered = sorted(dict.fromkeys(missing), key=lambda m: (m.kind != "Sent", m.kind != "INBOX"))
    named = [f"{m.kind} of {m.account} {'is gone' if m.gone else 'cannot be opened'}" for m in ordered[:_NAMED]]
    if len(ordered) > _NAMED:
        named.append(f"{len(ordered) - _NAMED} more")
    first = ordered[0]
    unknown = "which answers were sent" if first.kind == "Sent" else "what came in"
    remedy = (
        "bring it back, or name in `folders` what is to be read instead"
        if first.gone
        else "give the account the right to read it, or leave it out by `ignore: {folders: [...]}`"
    )
    return TransientError(
        f"{', '.join(named)}: {unknown} is not known. `contact-monitor check` shows the folders; {remedy}", reason="protocol"
    )
