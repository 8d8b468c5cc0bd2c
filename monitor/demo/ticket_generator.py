"""Plays the demo's planned tickets into its Request Tracker, which adds what a real one does by itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

from monitor.clock import Clock
from monitor.demo.rt_tickets import NOBODY, SYSTEM, Account, TicketSystem, Words, stamp
from monitor.demo.schedule import TimeScale
from monitor.demo.ticket_traffic import AGENTS, TicketStep

QUEUE: Final = "Service Desk"
COMPLAINT: Final = ("Matter", "complaint")  # custom field, and its value
_QUEUES: Final = {"1": QUEUE}
_FIELDS: Final = {"1": COMPLAINT[0]}
_ACCOUNTS: Final[Mapping[str, Account]] = {
    SYSTEM: Account(1, False, "The RT System itself", None),
    NOBODY: Account(6, False, "Nobody in particular", ""),
    **{
        name: Account(number, True, name.title(), f"{name}@demo.example") for number, name in enumerate(AGENTS, start=20)
    },
}  # fmt: skip
_RAISED: Final = "80"
#: What a machine that was suspended has missed by more than this happens now: no server writes its history afterwards.
_LATE: Final = timedelta(minutes=1)


def make_system() -> TicketSystem:
    """An empty one, with its queue, its custom field and its staff."""
    return TicketSystem(_ACCOUNTS, _QUEUES, _FIELDS)


class TicketGenerator:
    """Does what is planned, at its real moment."""

    def __init__(self, system: TicketSystem, scale: TimeScale, clock: Clock) -> None:
        self._system = system
        self._scale = scale
        self._clock = clock

    def play(self, step: TicketStep) -> None:
        """Do one step. One of a ticket that was let go is passed over."""
        at, system, number = self._moment(step), self._system, step.number
        if step.kind == "open":
            system.open(number, step.who.address, at, "1", _mail(step, at), subject=step.subject)
            self._mailed(number, at)
        elif number not in system.tickets:
            return
        elif step.kind == "take":
            system.set(number, "Owner", step.agent, step.agent, at)
        elif step.kind == "complaint":
            system.set_custom(number, "1", COMPLAINT[1], step.agent, at)
        elif step.kind == "write":
            system.say(number, step.who.address, at, _mail(step, at))
            self._opened_by_words(number, at)
        elif step.kind == "reply":
            system.say(number, step.agent, at, Words(step.text))
            self._mailed(number, at)
            self._opened_by_words(number, at)
        elif step.kind == "raise":
            system.set(number, "Priority", _RAISED, step.agent, at)
        elif step.due is not None:
            system.set(number, "Due", stamp(self._scale.to_real(step.due)), step.agent, at)
        else:
            system.set(number, "Status", _STATUSES[step.kind], step.agent, at)

    def _moment(self, step: TicketStep) -> datetime:
        at, now = self._scale.to_real(step.at), self._clock.now()
        return now if step.at > self._scale.begun and now - at > _LATE else at

    def _mailed(self, number: int, at: datetime) -> None:
        """Mail goes out: an acknowledgement, or what was written."""
        self._system.record(number, "EmailRecord", SYSTEM, at, data=f"<rt-{number}@demo.example>")

    def _opened_by_words(self, number: int, at: datetime) -> None:
        """Correspondence opens a ticket that is new or closed, by itself; a stalled one stays stalled."""
        if self._system.tickets[number].status in ("new", "resolved"):
            self._system.set(number, "Status", "open", SYSTEM, at)


_STATUSES: Final = {"stall": "stalled", "resume": "open", "resolve": "resolved"}


def _mail(step: TicketStep, at: datetime) -> Words:
    """What came by mail, as Request Tracker keeps it."""
    address = step.who.address
    return Words(f"{step.text}\n", f"From: {address}\nTo: desk@demo.example\nDate: {format_datetime(at)}\nMIME-Version: 1.0")
