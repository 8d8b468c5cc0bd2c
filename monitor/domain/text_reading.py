"""What somebody wrote -> the gist that is kept of it. The text is looked at in memory, and goes no further."""

from collections.abc import Callable
from typing import Final

from monitor.domain.event import Channel, Event
from monitor.domain.gist import Gist, Promised
from monitor.domain.hours import Calendar
from monitor.domain.promises.finding import find
from monitor.domain.promises.reading import own_text

#: (place, channel) -> the hours by which what is said there is meant.
CalendarOf = Callable[[str, Channel], Calendar]

#: Kinds of event with words of ours: those the customer gets, and notes of what was said to him.
_OURS: Final = frozenset(("replied", "noted"))
#: More promises of one text are not kept: nobody makes them.
_MOST_PROMISES: Final = 8


class TextReader:
    """Adds to an event what its text says. A text without anything to keep changes nothing. Never raises."""

    def __init__(self, calendar_of: CalendarOf) -> None:
        self._calendar_of = calendar_of

    def __call__(self, event: Event, text: str, language: str | None = None) -> Event:
        """`text`: as it was written, quotes and signature included; `language`: a tag as `en` or `de-AT`, where it is known."""
        if event.kind not in _OURS or event.by not in (None, "agent"):
            return event
        promises = self._promises(event, own_text(text), language)
        return event._replace(gist=Gist(promises)) if promises else event

    def _promises(self, event: Event, text: str, language: str | None) -> tuple[Promised, ...]:
        if not text.strip():
            return ()
        found = find(text, event.at, self._calendar_of(event.place, event.channel), language).promises
        made = dict.fromkeys(Promised(each.deed, None if each.inferred else each.due, each.rule) for each in found)
        return tuple(made)[:_MOST_PROMISES]
