"""What happens to customers who come more than once: promises kept, late or broken, and matters that begin anew. Pure.

Once in each hour of the demo every story begins, with a customer of its own whose number and address are known as one. Moments
are real ones: what people do takes less time the faster the days pass, what a caller waits for and what is promised does not.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from monitor.demo import phrases
from monitor.demo.call_plans import CallPlan, OutboundPlan
from monitor.demo.call_traffic import RECEPTION, SUPPORT
from monitor.demo.customers import Customer, storied
from monitor.demo.schedule import ZONE
from monitor.demo.written_traffic import PlannedMail

#: A promise for less time than this is taken for a phrase; the rest of it is for the mail to be read, and for the wind.
_SHORTEST_PROMISE: Final = timedelta(minutes=3, seconds=10)
_MINUTE: Final = timedelta(minutes=1)


class Step(NamedTuple):
    """Something that happens in a story, at a real moment."""

    at: datetime
    what: PlannedMail | CallPlan | OutboundPlan


class _Teller:
    """Writes one story down: its customer, and how long things take."""

    def __init__(self, begin: datetime, speed: float, name: str, who: Customer) -> None:
        self.who = who
        self._begin = begin
        self._speed = speed
        self._name = name
        self._mails: list[str] = []
        self._subject, self._question = phrases.STORY_QUESTIONS[name]

    def after(self, minutes: float, *, since: datetime | None = None, least: float = 0) -> datetime:
        """So many simulated minutes after the beginning, or after a moment; at least so many real seconds."""
        length = max(timedelta(minutes=minutes) / self._speed, timedelta(seconds=least))
        return (since or self._begin) + length

    def asks(self, at: datetime) -> Step:
        """The customer writes."""
        return self._mail(at, False, self._question)

    def answers(self, at: datetime, text: str) -> Step:
        """We write back."""
        return self._mail(at, True, text)

    def promises(self, at: datetime, text: str) -> tuple[Step, datetime]:
        """We write back what we will do, and by when: to the minute, as people say it."""
        due = max(self.after(25, since=at), at + _SHORTEST_PROMISE).astimezone(UTC)
        due += (_MINUTE - timedelta(seconds=due.second, microseconds=due.microsecond)) % _MINUTE
        return self.answers(at, text.format(due=due.astimezone(ZONE).strftime("%H:%M"))), due

    def calls(self, at: datetime, exten: str = RECEPTION, *, patience: float = 60.0, pickup: float | None = 5.0) -> Step:
        """The customer calls; at the reception whoever calls is answered, if anybody picks up."""
        talk = 90.0 / self._speed
        return Step(at, CallPlan(exten, self.who.number, self.who.name, patience, (pickup, pickup), talk))

    def is_called(self, at: datetime) -> Step:
        """We call the customer, who answers."""
        return Step(at, OutboundPlan("1001", self.who.number, ring=6.0, talk=60.0 / self._speed))

    def _mail(self, at: datetime, outgoing: bool, text: str) -> Step:
        self._mails.append(f"s{self._begin.astimezone(UTC):%y%m%d%H%M%S}-{self._name}-{len(self._mails)}")
        again = self._subject if len(self._mails) == 1 else f"Re: {self._subject}"
        return Step(at, PlannedMail(at, self._mails[-1], outgoing, self.who, again, text, tuple(self._mails[:-1])))


def _kept(t: _Teller) -> Iterator[Step]:
    """A call is promised by mail, and made in time."""
    yield t.asks(t.after(0))
    promise, _ = t.promises(t.after(4), phrases.WILL_CALL)
    yield promise
    yield t.is_called(t.after(12, least=5))


def _late(t: _Teller) -> Iterator[Step]:
    """A call is promised by mail, and made when the moment has passed."""
    yield t.asks(t.after(1))
    promise, due = t.promises(t.after(6), phrases.WILL_CALL)
    yield promise
    yield t.is_called(t.after(6, since=due, least=20))


def _broken(t: _Teller) -> Iterator[Step]:
    """Something is to be sent, and nothing comes for hours."""
    yield t.asks(t.after(2))
    promise, due = t.promises(t.after(8), phrases.WILL_SEND)
    yield promise
    yield t.answers(t.after(180, since=due, least=60), phrases.SORRY)


def _repeat(t: _Teller) -> Iterator[Step]:
    """A call that settled nothing; the customer writes."""
    yield t.calls(t.after(3))
    mail = t.after(20, since=t.after(3), least=15)
    yield t.asks(mail)
    yield t.answers(t.after(15, since=mail), phrases.ANSWERS[0])


def _unanswered(t: _Teller) -> Iterator[Step]:
    """Nobody answers a mail; the customer calls, and has to tell it all again."""
    yield t.asks(t.after(4))
    yield t.calls(t.after(24))
    yield t.answers(t.after(44, least=40), phrases.ANSWERS[3])


def _sent(t: _Teller) -> Iterator[Step]:
    """Who writes is sent to the telephone."""
    yield t.asks(t.after(5))
    yield t.answers(t.after(10), phrases.PLEASE_CALL)
    yield t.calls(t.after(26))


def _recovered(t: _Teller) -> Iterator[Step]:
    """A caller gives up, tries again elsewhere, and is answered. Ten seconds are less than the fifth ring takes."""
    yield t.calls(t.after(6), SUPPORT, patience=10.0, pickup=None)
    yield t.calls(t.after(2, since=t.after(6), least=30))


STORIES: Final[tuple[tuple[str, Callable[[_Teller], Iterator[Step]]], ...]] = (
    ("kept", _kept), ("late", _late), ("broken", _broken), ("repeat", _repeat), ("unanswered", _unanswered), ("sent", _sent),
    ("recovered", _recovered),
)  # fmt: skip


def customer_of(number: int, name: str) -> Customer:
    """Whose story it is, in the hour of this number."""
    return storied(number * len(STORIES) + [known for known, _ in STORIES].index(name))


def stories_of_hour(begin: datetime, speed: float, number: int) -> list[Step]:
    """All that happens in the stories which begin at this real moment, in order. `number`: of the hour, which decides whose
    stories they are."""
    steps = [step for name, tell in STORIES for step in tell(_Teller(begin, speed, name, customer_of(number, name)))]
    return sorted(steps, key=lambda step: step.at)
