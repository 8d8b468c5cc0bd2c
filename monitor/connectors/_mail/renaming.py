"""What was stored before mails had keyed names (`headers.kept_id`), brought to them. Pure.

Until then a mail was called by a plain hash of its Message-ID, which who guesses that can check, and a conversation by the
first Message-ID itself.
"""

import json
import re
from typing import Final

from monitor.connectors._mail.conversation import pack
from monitor.connectors._mail.headers import Hasher, kept_id, short_hash

#: What a mail was called: 16 hex digits; a second mail of one Message-ID ends in the end of its fingerprint.
_PLAIN: Final = re.compile(r"[0-9a-f]{15}[0-9a-fv]")
_WITHOUT_ID: Final = "no-id:"


class MailNames:
    """The new names of one source's mails and conversations."""

    def __init__(self, hash_customer: Hasher) -> None:
        self._hash = hash_customer

    def event(self, event_id: str) -> str:
        """The id of an event. What others have said of a mail bears their ids, and keeps them."""
        return kept_id(event_id, self._hash) if _PLAIN.fullmatch(event_id) else event_id

    def contact(self, name: str) -> str:
        """A conversation's own name: that of its first mail."""
        if name.startswith(_WITHOUT_ID):
            return self.event(name.removeprefix(_WITHOUT_ID))
        return kept_id(short_hash(name), self._hash)

    def entry(self, key: str, entry: str) -> tuple[str, str]:
        """An entry of the connector's state (see `threads` and `moves`)."""
        kind, plain = key[:2], key[2:]
        if kind == "m:":
            return kind + self.event(plain), self.event(entry[:16]) + entry[16:]
        if kind in ("t:", "s:"):
            return key, ",".join(map(self.event, entry.split(",")))
        if kind == "c:":
            return kind + self.event(plain), self._conversation(entry)
        if kind == "p:":
            waiting, failed = json.loads(entry)
            return kind + self.event(plain), pack([[[self.event(row[0]), *row[1:]] for row in waiting], failed])
        if kind in ("v:", "x:", "f:"):
            return kind + self.event(plain), entry
        return key, entry

    def _conversation(self, entry: str) -> str:
        begun, last, name, place, customers, parked, *added = json.loads(entry)
        named = self.contact(name) if name else name
        return pack([begun, last, named, place, customers, [[self.event(row[0]), *row[1:]] for row in parked], *added])
