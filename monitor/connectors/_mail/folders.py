"""What each folder of an account is for, and which of them are read in what order. Pure.

A special use that the server names (RFC 6154) wins; else a usual name, where such a name means it: at the top, below INBOX
or below Gmail's own parent. `Customers/Spam Ltd` is a folder of customers. What lies below Junk, Trash, Drafts, Sent, or a
folder that holds no mail, is the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from monitor.connectors._mail.folder_names import BY_NAME, BY_NAME_IN_GMAIL, GMAIL_PARENTS, Role, comparable
from monitor.connectors._mail.ignored import patterns
from monitor.connectors._mail.imap_responses import Folder, decoded_name

#: Attributes of LIST -> role (RFC 6154, RFC 8457; `\Archive` says that a name means nothing else).
_BY_USE: Final[Mapping[str, Role]] = {
    "sent": "sent",
    "junk": "junk",
    "trash": "trash",
    "drafts": "drafts",
    "all": "all",
    "flagged": "view",
    "important": "view",
    "archive": "plain",
}
_INHERITED: Final = frozenset(("sent", "junk", "trash", "drafts", "no mail"))
#: Read for nothing but which known mails were thrown out.
WATCHED: Final[frozenset[Role]] = frozenset(("junk", "trash", "ignored"))
_READ: Final[frozenset[Role]] = frozenset(("inbox", "plain", "sent", "all"))
#: Above the mailboxes of other users and shared ones (RFC 2342), each under its owner's name.
_OTHERS: Final = frozenset(("user", "users", "shared", "other users", "shared folders", "andere benutzer", "autres utilisateurs"))
_LABEL: Final = 3
_ALL: Final = 4
_LAST: Final = 5
_ORDER: Final[Mapping[Role, int]] = {"inbox": 0, "plain": 1, "sent": 2, "all": _ALL}


class Known(NamedTuple):
    """A folder and what it is for. `by_use`: the server said so, else its name did."""

    folder: Folder
    role: Role
    by_use: bool
    order: int  # folders are read in this order: a mail of ours is known as ours before a view of everything shows it

    @property
    def name(self) -> str:
        """As the server calls it."""
        return self.folder.name

    @property
    def shows_sent(self) -> bool:
        """Whether it may show our own mails beside Sent, as labels and a view of everything do."""
        return self.order in (_LABEL, _ALL)

    @property
    def kind(self) -> str:
        """What may be said of it in a log: the name of a folder may be a customer's."""
        return {"sent": "Sent", "inbox": "INBOX", "junk": "Junk", "trash": "Trash"}.get(self.role, "a folder")


class Folders(NamedTuple):
    """The folders of one account, sorted by what we do with them."""

    read: Sequence[Known]
    watched: Sequence[Known]  # Junk, Trash and those to be ignored
    left_out: Sequence[Known]
    closed: Sequence[Known]  # would be read or watched, but the server says that they cannot be opened
    names: frozenset[str]  # of all that can be opened, as the server calls them
    delimiter: str | None

    @property
    def sent(self) -> Sequence[Known]:
        """Those that hold our own mails."""
        return [f for f in self.read if f.role == "sent"]


def sorted_out(folders: Iterable[Folder], wanted: Sequence[str] | None, ignored: Sequence[str]) -> Folders:
    """All folders of an account by what is done with them.

    `wanted`: names that the configuration gives, which then are all that is read; else all that may hold mails of customers
    or ours. `ignored`: names or shell patterns of folders, with what lies below them.
    """
    folders = list(folders)
    roles = _roles(folders)
    names = None if wanted is None else {comparable(name) for name in wanted}
    leaves_out = patterns(comparable(name) for name in ignored)
    # Where one folder holds everything the others are labels, which show our own mails as well.
    labels = any(role == "all" for role, _ in roles.values())
    found: list[Known] = []
    for folder in folders:
        role, by_use = roles[folder.name]
        is_wanted = names is not None and not names.isdisjoint(_titles(folder))
        if is_wanted and role not in ("inbox", "sent", "all"):
            role, by_use = "plain", False
        elif not is_wanted and ignored and any(leaves_out.match(title) for title in _with_parents(folder)):
            role, by_use = "ignored", False
        elif not is_wanted and names is not None and role in _READ:
            continue
        order = _LABEL if role == "plain" and labels else _ORDER.get(role, _LAST)
        found.append(Known(folder, role, by_use, order))
    found.sort(key=lambda f: f.order)
    opens = [f for f in found if _can_be_opened(f.folder)]
    return Folders(
        [f for f in opens if f.role in _READ],
        [f for f in opens if f.role in WATCHED],
        [f for f in opens if f.role not in _READ | WATCHED],
        [f for f in found if not _can_be_opened(f.folder) and f.role in _READ | WATCHED],
        frozenset(f.name for f in folders if _can_be_opened(f)),
        next((f.delimiter for f in folders if f.delimiter), None),
    )


def _can_be_opened(folder: Folder) -> bool:
    return not folder.attributes & {"noselect", "nonexistent"}


def _roles(folders: Sequence[Folder]) -> dict[str, tuple[Role, bool]]:
    """Name -> role, and whether the server named it."""
    uses = {_path(f): role for f in folders for use, role in _BY_USE.items() if use in f.attributes}
    roles: dict[str, tuple[Role, bool]] = {}
    for folder in folders:
        path = _path(folder)
        if path == ("inbox",):
            roles[folder.name] = ("inbox", False)
            continue
        role: Role = "plain"
        by_use = False
        for depth in range(1, len(path) + 1):
            part = path[:depth]
            if part in uses:
                role, by_use = uses[part], True
            elif role not in _INHERITED:
                role, by_use = _named(part), False
        roles[folder.name] = (role, by_use)
    return roles


def _named(path: tuple[str, ...]) -> Role:
    *parents, name = path
    if parents and parents[0] == "inbox":
        parents = parents[1:]
    elif len(parents) > 1 and parents[0] in _OTHERS:
        parents = parents[2:]
    if not parents:
        return BY_NAME.get(name, "plain")
    if len(parents) == 1 and parents[0] in GMAIL_PARENTS:
        return BY_NAME_IN_GMAIL.get(name, "plain")
    return "plain"


def _path(folder: Folder) -> tuple[str, ...]:
    parts = folder.name.split(folder.delimiter) if folder.delimiter else [folder.name]
    return tuple([_read_name(part) for part in parts])


@lru_cache(maxsize=8192)
def _read_name(part: str) -> str:
    return comparable(decoded_name(part))


def _titles(folder: Folder) -> set[str]:
    """How people write the folder's name: with the server's delimiter or with slashes, with or without `INBOX` before it."""
    path = _path(folder)
    paths = [path, path[1:]] if path[0] == "inbox" and len(path) > 1 else [path]
    return {(delimiter or "/").join(each) for each in paths for delimiter in (folder.delimiter, "/")}


def _with_parents(folder: Folder) -> set[str]:
    """The titles of a folder and of those it lies in; INBOX is no parent in that sense, much as many servers say so."""
    titles = _titles(folder)
    if folder.delimiter:
        path = folder.name.split(folder.delimiter)
        for depth in range(1, len(path)):
            above = _titles(folder._replace(name=folder.delimiter.join(path[:depth])))
            titles |= above - {"inbox"}
    return titles
