"""Which of the past was judged anew, when, and by which limits: what the store keeps of `recompute`, for whoever shows weeks.

Nothing of it decides anything. What began before all of it stands as it was judged when it happened.
"""

from datetime import datetime
from typing import Final

import msgspec

from monitor.domain.event import from_micros, to_micros
from monitor.store.base import Begun, Store

#: Its place among the sources of the store. No source can be called so.
STORED_AS: Final = "engine:judged-anew"
_KEY: Final = "state"
#: So many spans are kept, the latest ones: who judges the last week anew every week has many.
_MOST: Final = 50


class Span(msgspec.Struct, frozen=True):
    """Contacts that began in [since, until) were judged anew by limits (`daemon.app.limits_of`), which was done `at` a moment.

    Moments are whole microseconds since 1970. `since` may lie before any date: of all contacts.
    """

    since: int
    until: int
    at: int
    limits: str

    @property
    def done_at(self) -> datetime:
        return from_micros(self.at)


class Underway(msgspec.Struct, frozen=True):
    """What was begun and is not done: up to `position` all is judged, so many contacts."""

    since: int
    until: int
    limits: str
    position: Begun
    done: int = 0

    def span(self, at: int) -> Span:
        """As far as it came."""
        return Span(self.since, min(self.until, self.position.at), at, self.limits)


class JudgedAnew(msgspec.Struct, frozen=True):
    """All of it. `spans` do not overlap, the earliest first."""

    spans: tuple[Span, ...] = ()
    underway: Underway | None = None

    def of(self, since: datetime, until: datetime) -> list[Span]:
        """The spans that have to do with contacts which began in [since, until), as with those of a week."""
        first, last = to_micros(since), to_micros(until)
        return [span for span in self.spans if span.since < last and span.until > first]

    def having(self, span: Span) -> "JudgedAnew":
        """With this one too, before which others give way."""
        spans = [span] if span.since < span.until else []
        for each in self.spans:
            if each.since < span.since:
                spans.append(msgspec.structs.replace(each, until=min(each.until, span.since)))
            if each.until > span.until:
                spans.append(msgspec.structs.replace(each, since=max(each.since, span.until)))
        spans.sort(key=lambda each: each.since)
        return msgspec.structs.replace(self, spans=tuple(spans[-_MOST:]))


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(JudgedAnew)


def read_judged_anew(store: Store) -> JudgedAnew:
    """What the store keeps of it; nothing where it cannot be read. Blocks."""
    kept = store.read_state(STORED_AS, [_KEY]).get(_KEY)
    try:
        return JudgedAnew() if kept is None else _DECODER.decode(kept)
    except msgspec.MsgspecError:
        return JudgedAnew()


def write_judged_anew(store: Store, judged: JudgedAnew, now: datetime) -> None:
    """Keeps it. Raises StoreUnavailable. Blocks."""
    with store.transaction(STORED_AS) as unit:
        unit.write_state({_KEY: _ENCODER.encode(judged).decode()}, to_micros(now))
