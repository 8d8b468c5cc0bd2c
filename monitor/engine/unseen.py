"""Which weeks of a contact point were not wholly seen: kept in memory, so that drawing them costs no look into the store."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from monitor.domain.event import Channel, from_micros, to_micros
from monitor.domain.hours import Calendar
from monitor.domain.policy import Policy
from monitor.domain.weeks import monday_of, week_bounds
from monitor.store.base import GapRow

#: Contact point and channel.
PointKey = tuple[str, Channel]
#: What ended longer before the newest gap than any week that is shown is forgotten.
_KEPT: Final = timedelta(weeks=15)
_WEEK: Final = timedelta(weeks=1)
#: How far a gap that is still open has come is looked at anew so often, in seconds: a week may have begun, or a place opened.
_LOOK_AGAIN: Final = 900


def is_missed(calendar: Calendar | None, since: datetime, until: datetime) -> bool:
    """Whether a span in which a source was not seen hides anything: while a place is closed nobody is expected."""
    return calendar is None or calendar.seconds_between(since, until) > 0


class UnseenWeeks(Mapping[PointKey, frozenset[str]]):
    """Contact point and channel -> the Mondays (ISO dates) of weeks of which a gap hides something.

    Each is worked out by its first reader, in whichever thread; two readers at once do the same twice.
    """

    def __init__(
        self, fed_by: Mapping[PointKey, Iterable[str]], policy: Callable[[str, Channel], Policy],
        spans: Mapping[str, Mapping[int, int]], still: Mapping[str, tuple[datetime, datetime]],
    ) -> None:  # fmt: skip
        """None of these is changed from here on. `spans`: by source, since -> until, in microseconds; `still`: open gaps."""
        self.made_of = (fed_by, still)
        self.spans = spans
        self._policy = policy
        self._found: dict[PointKey, frozenset[str]] = {}

    def __getitem__(self, key: PointKey) -> frozenset[str]:
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = frozenset(self._weeks(key, self.made_of[0][key]))
        return found

    def __iter__(self) -> Iterator[PointKey]:
        return iter(self.made_of[0])

    def __len__(self) -> int:
        return len(self.made_of[0])

    def _weeks(self, key: PointKey, sources: Iterable[str]) -> Iterator[str]:
        gaps = [
            *((from_micros(since), from_micros(until)) for name in sources for since, until in self.spans.get(name, {}).items()),
            *(self.made_of[1][name] for name in sources if name in self.made_of[1]),
        ]
        if not gaps:
            return
        policy = self._policy(*key)
        for since, until in gaps:
            monday = monday_of(since, policy.timezone)
            while (bounds := week_bounds(monday, policy.timezone))[0] < until:
                if is_missed(policy.calendar, max(since, bounds[0]), min(until, bounds[1])):
                    yield monday.isoformat()
                monday += _WEEK


class Unseen:
    """The gaps of all sources. Belongs to the event loop's thread; what it gives out is never changed."""

    def __init__(self) -> None:
        self._spans: Mapping[str, Mapping[int, int]] = {}
        self._shown: UnseenWeeks | None = None

    def restore(self, rows: Iterable[GapRow]) -> None:
        """Those of the store, in place of all that was known."""
        spans: dict[str, dict[int, int]] = {}
        for row in rows:
            spans.setdefault(row.source, {})[row.since] = row.until
        self._spans = spans

    def add(self, source: str, since: int, until: int) -> None:
        """One more, in microseconds; one with the same beginning is replaced, as in the store."""
        first = until - _KEPT // timedelta(microseconds=1)
        kept = {start: end for start, end in self._spans.get(source, {}).items() if end >= first}
        self._spans = {**self._spans, source: {**kept, since: until}}

    def shown(
        self, fed_by: Mapping[PointKey, tuple[str, ...]], policy: Callable[[str, Channel], Policy], now: datetime,
        blind: Mapping[str, datetime],
    ) -> UnseenWeeks:  # fmt: skip
        """The weeks as of now; the same as before as long as nothing has changed. `blind`: sources that cannot be seen, and since
        when; `policy` can be called from any thread."""
        again = from_micros(to_micros(now) // (_LOOK_AGAIN * 1_000_000) * _LOOK_AGAIN * 1_000_000)
        still = {name: (seen, max(again, seen)) for name, seen in blind.items()}
        shown = self._shown
        if shown is None or shown.spans is not self._spans or shown.made_of != (fed_by, still):
            shown = self._shown = UnseenWeeks(fed_by, policy, self._spans, still)
        return shown
