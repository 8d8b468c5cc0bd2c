"""The customer comes, and has come before: is it again, in vain, or because we asked him to? Pure, over news of his contacts.

What is found becomes events of the contact with which he comes, so that it explains itself and is judged like all else.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from monitor.domain.event import AGAIN, ANEW, Event, from_micros
from monitor.domain.news import ASKS, OURS, TO, News

#: A mailbox that a helpdesk reads tells of one mail twice: as a mail, and soon after as a ticket.
_FETCHED_WITHIN: Final = 10 * 60 * 1_000_000
_FETCHED: Final = frozenset(("email", "ticket"))
#: Where we have sent him counts for so long.
_SENT_WITHIN: Final = 7 * 86_400 * 1_000_000
#: Who comes with more contacts than these within seven days is not one person: a switchboard, a shared mailbox.
MOST_A_WEEK: Final = 15
SHARED: Final = "shared"
#: So much of what is known of a customer is looked at, the latest first: looking costs the same however often he came.
MOST_NEWS: Final = 16


class Coming(NamedTuple):
    """A contact that the customer began at `at` (microseconds)."""

    source: str
    contact: str
    id: str
    channel: str
    at: int


class Told(NamedTuple):
    """News with the source that told them."""

    source: str
    news: News


def week_before(coming: Coming) -> int:
    """Since when contacts count towards MOST_A_WEEK."""
    return coming.at - 7 * 86_400 * 1_000_000


def returns(coming: Coming, told: Sequence[Told], came: Collection[tuple[str, str, int]] = ()) -> list[Event]:
    """What the contact learns of those before it. `told`: the latest news of its customer at its moment or before, any contact's.
    `came`: with which contacts he came within the week before, as (source, contact, moment).

    At most one AGAIN and one ANEW.
    """
    if len({(source, contact) for source, contact, at in came if at <= coming.at}) > MOST_A_WEEK:
        return [Event(SHARED, coming.contact, "", coming.channel, AGAIN, from_micros(coming.at), reason=SHARED)]  # type: ignore[arg-type]
    before = [each for each in told if _is_before(each.news, coming)]
    same = next(filter(None, (_same(coming, each) for each in before)), None)
    if same is not None:
        reason, news = same
        return [_event(coming, AGAIN, news, news.at, reason)]
    found = [_again(coming, before), _anew(coming, before)]
    return [event for event in found if event is not None]


def _is_before(news: News, coming: Coming) -> bool:
    """Of two things of one moment the names of the contacts decide which is first."""
    return news.id != coming.id and (news.at, news.id) < (coming.at, coming.id)


def _same(coming: Coming, each: Told) -> tuple[str, News] | None:
    source, news = each
    if news.kind != "came":
        return None
    if (source, news.contact) == (coming.source, coming.contact) and coming.channel not in _FETCHED:
        return "same_call", news
    if {news.channel, coming.channel} == _FETCHED and coming.at - news.at <= _FETCHED_WITHIN:
        return "same_matter", news
    return None


def _again(coming: Coming, before: Sequence[Told]) -> Event | None:
    """The contact of the customer's own that ended last, or goes on."""
    own = [each.news for each in before if each.news.kind != "tried" and not each.news.says(OURS)]
    last = max(own, key=lambda news: (_end(news, coming.at), news.at, news.id), default=None)
    if last is None:
        return None
    return _event(coming, AGAIN, last, _end(last, coming.at), "asked" if _was_asked(coming, before) else None)


def _end(news: News, now: int) -> int:
    """Up to when the customer waited, or his call lasted; else the moment itself."""
    if news.until is None:
        return now if news.kind == "asked" else news.at
    return min(news.until, now)


def _was_asked(coming: Coming, before: Sequence[Told]) -> bool:
    """Whether our last words wanted an answer or sent him here, or we had called in vain, and he has not come since."""
    words = _last_of_ours(before)
    if words is None or _has_come_since(words, before):
        return False
    if words.kind == "tried":
        return coming.channel == words.channel
    return words.says(ASKS) or words.says(TO + coming.channel)


def _last_of_ours(before: Sequence[Told]) -> News | None:
    ours = (each.news for each in before if each.news.kind in ("words", "tried"))
    return max(ours, key=lambda news: (news.at, news.id), default=None)


def _has_come_since(words: News, before: Sequence[Told]) -> bool:
    return any(each.news.kind in ("came", "asked") and each.news.at > words.at for each in before)


def _anew(coming: Coming, before: Sequence[Told]) -> Event | None:
    """On another channel he waits still, or we have sent him from there to here."""
    waiting = list(_waiting_elsewhere(coming, before))
    if waiting:
        longest = min(waiting, key=lambda news: (news.at, news.id))
        return _event(coming, ANEW, longest, longest.at, "unanswered")
    words = _last_of_ours(before)
    if words is None or words.channel == coming.channel or coming.at - words.at > _SENT_WITHIN:
        return None
    if not words.says(TO + coming.channel) or _has_come_since(words, before):
        return None
    return _event(coming, ANEW, words, words.at, "sent")


def _waiting_elsewhere(coming: Coming, before: Sequence[Told]) -> Iterator[News]:
    for _, news in before:
        if news.kind == "asked" and news.channel != coming.channel and (news.until is None or news.until > coming.at):
            yield news


def _event(coming: Coming, kind: str, news: News, since: int, reason: str | None) -> Event:
    return Event(
        f"{kind}/{news.id}", coming.contact, "", coming.channel, kind, from_micros(coming.at), how=news.channel, to=news.id,  # type: ignore[arg-type]
        since=from_micros(since), reason=reason,
    )  # fmt: skip
