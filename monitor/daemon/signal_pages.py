"""The list of signals page by page, for the HTTP side.

A cursor says where a page ended: the moment of its last signal, and a digest of which of that moment it is. So signals that come
meanwhile move nothing, a page costs as much as the first one, and neither a name of a source nor anything of a customer is in an
address (docs/decisions/signal-pages.md).
"""

import base64
import hmac
import json
from hashlib import blake2b
from typing import Final

from monitor.domain.event import from_micros, to_micros
from monitor.domain.privacy_key import hashing_key
from monitor.engine.directory import Directory
from monitor.engine.explain import signal_row
from monitor.publish.web.services import SignalsPage, SignalsWanted
from monitor.store.base import ListedSignal, Store

_MOMENT_BYTES: Final = 8
_DIGEST_BYTES: Final = 13  # with the moment 21: in base64 without padding


def signals_page(store: Store, directory: Directory, key: bytes, wanted: SignalsWanted) -> SignalsPage | None:
    """The signals asked for. None where the cursor is none of ours, or its signal was taken back or is not kept any more.

    `key`: the store's secret, so that a cursor outlives a restart and holds at whichever daemon reads the store.
    """
    after = None if wanted.cursor is None else _signal_at(store, key, wanted.cursor)
    if wanted.cursor is not None and after is None:
        return None
    found = list(
        store.signals(
            since=to_micros(wanted.since),
            until=None if wanted.until is None else to_micros(wanted.until),
            contact_points=wanted.contact_points,
            signal=wanted.signal,
            limit=wanted.limit + 1,
            after=after,
        )
    )
    shown = found[: wanted.limit]
    return SignalsPage(
        [signal_row(each, directory) for each in shown], _cursor(key, shown[-1]) if len(found) > len(shown) else None
    )


def _cursor(key: bytes, last: ListedSignal) -> str:
    moment = last.row.at.to_bytes(_MOMENT_BYTES, "big", signed=True)
    return base64.urlsafe_b64encode(moment + _digest(key, last)).decode()


def _signal_at(store: Store, key: bytes, cursor: str) -> ListedSignal | None:
    """The signal at which a page ended."""
    try:
        decoded = base64.urlsafe_b64decode(cursor)
        at = to_micros(from_micros(int.from_bytes(decoded[:_MOMENT_BYTES], "big", signed=True)))
    except (ValueError, OverflowError):  # is no cursor; is before or after all time
        return None
    digest = decoded[_MOMENT_BYTES:]
    same_moment = store.signals(since=at, until=at + 1)
    return next((each for each in same_moment if hmac.compare_digest(_digest(key, each), digest)), None)


def _digest(key: bytes, listed: ListedSignal) -> bytes:
    place = json.dumps([listed.source, *listed.row[:4]]).encode()
    return blake2b(place, digest_size=_DIGEST_BYTES, key=hashing_key(key), person=b"signals cursor").digest()
