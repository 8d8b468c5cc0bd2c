"""What somebody wrote -> the gist that is kept of it. The text is looked at in memory, and goes no further."""

from collections.abc import Callable
from typing import Final

from monitor.domain.answers.giving import gives
from monitor.domain.answers.saying import saying
from monitor.domain.answers.sketching import packed_sketch
from monitor.domain.event import Channel, Event
from monitor.domain.gist import Gist, Promised
from monitor.domain.hours import Calendar
from monitor.domain.promises.finding import find
from monitor.domain.promises.reading import own_text

#: (place, channel) -> the hours by which what is said there is meant.
CalendarOf = Callable[[str, Channel], Calendar]

#: (place, channel) -> the secret key of sketches, where canned replies are looked for there; else None.
KeyOf = Callable[[str, Channel], bytes | None]

#: Kinds of event with words of ours: those the customer gets, and notes of what was said to him.
_OURS: Final = frozenset(("replied", "noted"))
#: Those with words of the customer.
_THEIRS: Final = frozenset(("opened", "received"))
#: More promises of one text are not kept: nobody makes them.
_MOST_PROMISES: Final = 8


class TextReader:
    """Adds to an event what its text says. Never raises.

    Of a reply of ours it is kept that it was read, whatever it says; of other texts, where there is nothing to keep, nothing.
    """

    def __init__(self, calendar_of: CalendarOf, key_of: KeyOf | None = None) -> None:
        self._calendar_of = calendar_of
        self._key_of = key_of

    def __call__(self, event: Event, text: str, language: str | None = None) -> Event:
        """`text`: as it was written, quotes and signature included; `language`: a tag as `en` or `de-AT`, where it is known."""
        if event.kind in _THEIRS:
            return _given(event, text, language)
        if event.kind not in _OURS or event.by not in (None, "agent"):
            return event
        own = own_text(text)
        if not own.strip():
            return event
        promises = self._promises(event, own, language)
        if event.kind == "noted":  # it tells colleagues of the customer: what is asked in it is not asked of him
            return event._replace(gist=Gist(promises)) if promises else event
        said = saying(text, language)
        gist = Gist(
            promises, True, said.expects_answer, tuple(sorted(said.sends_to)), said.refusal, tuple(sorted(said.asks)),
            sketch=self._sketch(event, text),
        )  # fmt: skip
        return event._replace(gist=gist)

    def _promises(self, event: Event, text: str, language: str | None) -> tuple[Promised, ...]:
        found = find(text, event.at, self._calendar_of(event.place, event.channel), language).promises
        made = dict.fromkeys(Promised(each.deed, None if each.inferred else each.due, each.rule) for each in found)
        return tuple(made)[:_MOST_PROMISES]

    def _sketch(self, event: Event, text: str) -> str | None:
        key = None if self._key_of is None else self._key_of(event.place, event.channel)
        return None if key is None else packed_sketch(text, key)


def _given(event: Event, text: str, language: str | None) -> Event:
    """The event of a customer's words with the kinds of fact that they give. A machine gives nothing."""
    if event.automatic or event.by not in (None, "customer") or not text.strip():
        return event
    given = gives(text, language)
    return event._replace(gist=Gist(gives=tuple(sorted(given)))) if given else event
