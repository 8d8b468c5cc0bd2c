"""What happens to a mail after it came: thrown out into Junk, Trash or a folder that is ignored, taken back, marked as done.

Pure. A mail is thrown out when it turns up there and no folder that is read holds a copy any more: people delete one of two.
So the places that have shown a customer's mail are kept. StoredState, beside that of the conversations:
  v:<mail> -> hashes of the places (account and folder) that have shown it
  x:<mail> -> how often it was thrown out, and whether it is (d) or was taken back (r)
  f:<mail> -> why it needs no answer, told once
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from monitor.connectors._mail.folder_names import Role
from monitor.connectors._mail.headers import Mail, short_hash
from monitor.connectors._mail.threads import Threads, known_ids

#: What a mail is thrown out for that turns up in a folder of this role.
REASONS: Final[Mapping[Role, str]] = {"junk": "spam", "trash": "deleted", "ignored": "ignored"}
_MAX_PLACES: Final = 8


@lru_cache(maxsize=4096)
def place(account: str, folder: str) -> str:
    """What a folder of an account is called in the state; `account_of` names the account alone."""
    return account_of(account) + short_hash(folder)[:8]


def account_of(account: str) -> str:
    """The beginning of all places of an account."""
    return short_hash(account)[:6]


def mail_keys(mails: Iterable[Mail]) -> set[str]:
    """The keys of the state that say whether these mails are known."""
    return {"m:" + each for mail in mails for each in known_ids(mail)}


def fate_keys(state: Mapping[str, str]) -> set[str]:
    """The keys of what happened to the customers' mails among these entries."""
    ids = [key[2:] for key, entry in state.items() if key[0] == "m" and entry[16:17] == "c"]
    return {prefix + each for each in ids for prefix in ("v:", "x:", "f:")}


class Fates:
    """Follows the mails of one batch: `threads` knows them and takes the events, `state` is what `fate_keys` names."""

    def __init__(self, threads: Threads, state: Mapping[str, str], now: datetime) -> None:
        self._threads = threads
        self._state = dict(state)
        self._now = now  # nobody tells when a mail was moved or marked
        self.changes: dict[str, str] = {}

    def places(self, event_id: str) -> list[str]:
        """Where this mail was seen."""
        return [each for each in self._state.get("v:" + event_id, "").split(",") if each]

    def shown(self, event_id: str, where: str) -> None:
        """A folder that is read shows this mail: it is not, or no longer, thrown out."""
        seen = self._state.get("v:" + event_id)
        if seen is None:
            self._put("v:" + event_id, where)
        elif where not in (places := self.places(event_id)):
            self._put("v:" + event_id, ",".join([*places, where][-_MAX_PLACES:]))
        if "x:" + event_id not in self._state:
            return  # most mails are never thrown out
        times, thrown_out = self._thrown_out(event_id)
        if thrown_out:
            self._put("x:" + event_id, f"{times}r")
            self._threads.about(event_id, "restored", self._now, str(times))

    def thrown_out(self, event_id: str, reason: str) -> None:
        """This mail lies nowhere any more but where mails are thrown out to."""
        times, thrown_out = self._thrown_out(event_id)
        if not thrown_out:
            self._put("x:" + event_id, f"{times + 1}d")
            self._threads.about(event_id, "discarded", self._now, str(times + 1), reason)

    def marked(self, event_id: str, reason: str, *, since_it_came: bool) -> None:
        """A flag says that this mail needs no answer. `since_it_came`: it had none when it was read first."""
        if "f:" + event_id not in self._state:
            self._put("f:" + event_id, reason)
            if since_it_came:
                self._threads.about(event_id, "settled", self._now, "flag", reason)

    def _thrown_out(self, event_id: str) -> tuple[int, bool]:
        entry = self._state.get("x:" + event_id, "0r")
        return int(entry[:-1]), entry.endswith("d")

    def _put(self, key: str, entry: str) -> None:
        self._state[key] = self.changes[key] = entry
