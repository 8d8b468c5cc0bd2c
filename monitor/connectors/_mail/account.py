"""One mail account: its kept connection, and reading on past messages that cut it. Blocking, to be called in threads."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial, wraps
from threading import RLock
from typing import Concatenate, Final, NamedTuple, ParamSpec, Protocol, TypeVar

from monitor.connectors._mail.imap_client import Dropped, ImapSession, Server
from monitor.connectors._mail.imap_responses import HEADER_ITEMS, Fetched, Folder, Opened
from monitor.errors import AuthError, TransientError

_P = ParamSpec("_P")
_T = TypeVar("_T")
_BATCH: Final = 500  # messages of one FETCH, and of one transaction


class Credential(Protocol):
    """How an account logs in. Called in threads."""

    def secret(self) -> str:
        """What is to be shown now; may block. Raises SourceError."""

    def log_in(self, session: ImapSession, username: str, secret: str) -> None:
        """Raises SourceError; the session is cut then."""

    @property
    def worn(self) -> bool:
        """Whether a session should be opened anew, since what it was opened with ends soon."""

    def another(self) -> bool:
        """Whether, after a refusal, the next `secret` may be accepted."""


class Password:
    """A password: it does not end, and there is no other one."""

    worn = False

    def __init__(self, password: str) -> None:
        self._password = password

    def secret(self) -> str:
        return self._password

    def log_in(self, session: ImapSession, username: str, secret: str) -> None:
        session.login(username, secret)

    def another(self) -> bool:
        return False


class Account(NamedTuple):
    """Who logs in and how, and the address whose mail lies there."""

    username: str
    credential: Credential
    address: str


def batches(uids: Sequence[int]) -> list[Sequence[int]]:
    """UIDs in portions of one FETCH each."""
    return [uids[i : i + _BATCH] for i in range(0, len(uids), _BATCH)]


def _synchronized(method: Callable[Concatenate["Mailbox", _P], _T]) -> Callable[Concatenate["Mailbox", _P], _T]:
    @wraps(method)
    def synchronized(self: "Mailbox", /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        with self._one_at_a_time:
            return method(self, *args, **kwargs)

    return synchronized


class Mailbox:
    """An account as it is read. The connection is kept between polls and made anew when it was dropped.

    One call at a time: a poll that was given up may leave a thread behind, which the next one has to wait for.
    """

    def __init__(self, server: Server, account: Account, items: str = HEADER_ITEMS) -> None:
        """`items`: what is fetched of each mail (`imap_responses.header_items`)."""
        self.account = account
        self._items = items
        self._server = server
        self._session: ImapSession | None = None
        self._one_at_a_time = RLock()
        self._open: tuple[str, int] | None = None  # folder, UIDVALIDITY
        self._ahead: tuple[Sequence[int], Callable[[], tuple[list[Fetched], bool]]] | None = None

    @_synchronized
    def survey(self, changes: bool = False) -> list[Folder]:
        """All folders with their change marks; with `changes` those of flags as well. Raises SourceError."""
        return self._again(lambda session: session.folders(changes))

    @_synchronized
    def open(self, folder: str) -> Opened | None:
        """Opens a folder read-only; None when it cannot be opened."""
        self._ahead = None
        opened = self._again(lambda session: session.examine(folder))
        self._open = (folder, opened.uid_validity) if opened else None
        return opened

    @_synchronized
    def uids(self, first: int, opened: Opened, since: date | None) -> list[int]:
        """The UIDs to fetch, ascending; asks the server only where the numbers themselves do not say."""
        if since is None and opened.uid_next is not None and opened.uid_next - first <= _BATCH:
            return list(range(first, opened.uid_next))
        return self._in_folder(lambda session: session.uids(first, since))

    @_synchronized
    def search(self, criteria: Sequence[str]) -> list[list[int]]:
        """UIDs of the open folder's messages, for each of the criteria. Raises SourceError."""
        return self._in_folder(lambda session: session.search(criteria))

    @_synchronized
    def headers(self, uids: Sequence[int], following: Sequence[int] = ()) -> tuple[list[Fetched], list[int]]:
        """Headers of these messages, and the UIDs of those that cannot be read.

        `following` is asked for at once, so that the server works while we do.
        """
        try:
            session = self._in_folder(lambda s: s)
            ahead, self._ahead = self._ahead, None
            if ahead is not None and ahead[0] is uids:
                found, complete = ahead[1]()
            else:
                found, complete = session.fetched(session.send_fetch(uids, self._items))
            if complete and following:
                self._ahead = (following, partial(session.fetched, session.send_fetch(following, self._items)))
        except Dropped:
            return self._one_by_one(uids, self._items)
        return (found, []) if complete else self._one_by_one(uids, self._items)

    @_synchronized
    def texts(self, wanted: Mapping[str, Sequence[int]]) -> dict[int, bytes]:
        """Items -> UIDs, in one round trip: what is there under each UID; one that cannot be read is left out."""
        try:
            session = self._in_folder(lambda s: s)
            if self._ahead is not None:
                # Answers to two FETCHes under way could not be kept apart: read the first one.
                following, answer = self._ahead
                self._ahead = None
                first = answer()
                self._ahead = (following, lambda: first)
            tags = [tag for items, uids in wanted.items() for tag in session.send_fetch(uids, items)]
            found, complete = session.fetched(tags)
        except Dropped:
            complete = False
        if not complete:
            found = [each for items, uids in wanted.items() for each in self._one_by_one(uids, items)[0]]
        return {message.uid: message.data for message in found if message.data is not None}

    def _one_by_one(self, uids: Sequence[int], items: str) -> tuple[list[Fetched], list[int]]:
        """After a fetch that cut the connection or was refused: halves, down to the messages that do it. Each of these
        gets a second chance on a fresh connection, since the server may just have been restarted."""
        self._ahead = None
        found: list[Fetched] = []
        unreadable: list[int] = []
        todo: list[tuple[Sequence[int], bool]] = [(uids, True)]
        while todo:
            part, first_try = todo.pop()
            session = self._in_folder(lambda s: s)
            try:
                messages, complete = session.fetched(session.send_fetch(part, items))
            except Dropped:
                messages, complete = [], False
            if complete:
                found += messages
            elif len(part) > 1:
                middle = len(part) // 2
                todo += [(part[middle:], True), (part[:middle], True)]
            elif first_try:
                todo.append((part, False))
            else:
                unreadable += part
        return found, unreadable

    def _in_folder(self, work: Callable[[ImapSession], _T]) -> _T:
        """Runs `work` where the folder is open, opening it again after a lost connection."""
        for last in (False, True):
            if not self.connected:
                self._reopen()
            try:
                return work(self._connected())
            except Dropped:
                if last:
                    raise
        raise AssertionError("not reached")

    def _reopen(self) -> None:
        if self._open is None:
            raise TransientError("no folder is open", reason="protocol")
        folder, validity = self._open
        opened = self._connected().examine(folder)
        if opened is None or opened.uid_validity != validity:
            raise TransientError("the folder changed while it was read", reason="protocol")

    def _again(self, work: Callable[[ImapSession], _T]) -> _T:
        """A kept connection may have been dropped since the last poll: then once more on a new one. One whose token ends
        soon is changed before."""
        if self.connected and self.account.credential.worn:
            self.logout()
        kept = self.connected
        try:
            return work(self._connected())
        except Dropped:
            if not kept:
                raise
            return work(self._connected())

    def _connected(self) -> ImapSession:
        session = self._session
        if session is not None and session.alive:
            return session
        try:
            return self._logged_in()
        except AuthError:
            if not self.account.credential.another():
                raise
            return self._logged_in()

    def _logged_in(self) -> ImapSession:
        secret = self.account.credential.secret()  # first: a connection that waits for it would be one too many
        session = self._session = ImapSession(self._server)
        session.connect()
        self.account.credential.log_in(session, self.account.username, secret)
        return session

    @_synchronized
    def logout(self) -> None:
        """Ends the connection politely."""
        if self._session is not None:
            self._session.logout()
            self._session = None

    @property
    def connected(self) -> bool:
        """Whether a connection is kept."""
        return self._session is not None and self._session.alive

    def abort(self) -> None:
        """Cuts the connection, also while another thread waits on it."""
        if self._session is not None:
            self._session.abort()
