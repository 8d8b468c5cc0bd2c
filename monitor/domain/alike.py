"""The same words to everybody: which replies of ours were made from one template, known by sketches alone. Pure.

A reply with a sketch tells ten rows of news, one for each band, in place of a customer's name: whoever looks for near words finds
those with an equal band, and compares the sketches. Only replies of one source are compared, and of those with an equal band the
latest, so that looking costs the same however often a template is used.
"""

import heapq
from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from monitor.domain.answers.sketches import NEAR, bands, similarity, unpack
from monitor.domain.contact import Answer, Contact
from monitor.domain.event import ALIKE, Event, from_micros, to_micros
from monitor.domain.news import News

#: So many of those with an equal band are looked at, the latest: fewer than a late one makes the store look for
#: (`store.base.MOST_COMINGS`), so that any order comes to the same.
_LOOKED_AT: Final = 15
#: To so many other customers near words must have gone before: then it is a canned reply.
LEAST_OTHERS: Final = 5
#: What begins the name under which news of words are found.
_BAND: Final = "band:"


class Question(NamedTuple):
    """Whether the words of an answer were sent to many others before. `names`: under which news of near ones are found."""

    answer: Answer
    names: Sequence[str]
    at: int


def sketch_key(privacy_key: bytes) -> bytes:
    """The secret of sketches, which says nothing of that of customers' names."""
    return blake2b(privacy_key, person=b"sketches").digest()


def is_band(name: str) -> bool:
    """Whether news are told under this name for the sake of their words: no customer's."""
    return name.startswith(_BAND)


def news_of_words(customer: str, source: str, name: str, our_id: str, contact: Contact) -> Iterator[News]:
    """What the answers of a contact tell others of their words. Of two answers of one moment either will do, always the same."""
    told = {to_micros(answer.at): answer.sketch for answer in sorted(contact.answers) if answer.sketch}
    for at, packed in told.items():
        for number, band in enumerate(_names(source, packed)):
            yield News(band, at, name, contact.channel, our_id, f"worded/{number}", None, f"{customer} {packed}")


def questions(source: str, contact: Contact) -> list[Question]:
    """What must be known of others: only of answers after which the customer had to ask again."""
    return [
        Question(answer, _names(source, answer.sketch), to_micros(answer.at))
        for answer in contact.answers
        if answer.sketch and answer.pressed_at is not None
    ]


def alike(
    question: Question, contact: str, own: Collection[str], told: Sequence[News], names_of: Callable[[str], Collection[str]]
) -> bool:
    """Whether near words went to at least LEAST_OTHERS other customers before. `own`: all names of the customer of `contact`;
    `told`: news under the names of the question. Of two replies of one moment the contacts' names decide which was first."""
    values = unpack(question.answer.sketch or "")
    others = set()
    for name in question.names:
        before = [each for each in told if each.customer == name and (each.at, each.contact) < (question.at, contact)]
        for news in heapq.nlargest(_LOOKED_AT, before, key=lambda each: (each.at, each.contact)):
            customer, _, packed = news.remarks.rpartition(" ")
            if customer not in own and similarity(values, unpack(packed)) >= NEAR:
                others.add(min(names_of(customer)))
    return len(others) >= LEAST_OTHERS


def event_of(question: Question, reply: Event) -> Event:
    """What the contact learns of it. `reply`: the event of the answer."""
    at = from_micros(question.at)
    return Event(
        f"{ALIKE}/{reply.id}", reply.contact, "", reply.channel, ALIKE, at, event=reply.id, seq=reply.seq, rough=reply.rough
    )  # fmt: skip


def _names(source: str, packed: str) -> list[str]:
    return [f"{_BAND}{source}:{band}" for band in bands(unpack(packed))]
