"""The simulated week itself: which contact points there are, in which hours a line has too few people, and what happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from tools.alert_week import phone, written
from tools.alert_week.phone import Line
from tools.alert_week.places import HOUR, Lived, Objective, Place, calendar
from tools.alert_week.written import Desk

ZONE: Final = "Europe/Berlin"
#: A Monday without a clock change near it.
MONDAY: Final = datetime(2026, 11, 2, tzinfo=ZoneInfo(ZONE))

PHONE: Final = {
    "long_wait": Objective(0.80, 20),
    "slow_answer": Objective(0.90, 30),
    "abandoned": Objective(0.95),
    "long_hold": Objective(0.98, 120),
    "turned_away": Objective(0.99),
    "missed_callback": Objective(0.90, 4 * HOUR),
    "handed_on": Objective(0.95),
}
PHONE_WAITS: Final = {"queue": "long_wait", "hold": "long_hold", "callback": "missed_callback"}
MAIL: Final = {
    "late_reply": Objective(0.90, 4 * HOUR),
    "late_follow_up": Objective(0.90, 8 * HOUR),
    "slipped_promise": Objective(0.95, 0),
}
MAIL_WAITS: Final = {"reply": "late_reply", "follow_up": "late_follow_up", "promise": "slipped_promise"}
TICKET: Final = {**MAIL, "late_resolution": Objective(0.85, 30 * HOUR), "reopened": Objective(0.95)}
TICKET_WAITS: Final = {**MAIL_WAITS, "resolution": "late_resolution"}

OFFICE: Final = calendar("office", ZONE, {"mon-fri": "08:00-18:00"})
PBX: Final = ("pbx", "asterisk")


def line(name: str, title: str, busiest: float, *, source: tuple[str, str] = PBX, tells_staff: bool = True) -> Line:
    """A telephone line with the usual objectives."""
    return Line(Place(name, title, "phone", source, OFFICE, PHONE, PHONE_WAITS), busiest, tells_staff)


LINES: Final = (
    line("billing-line", "Billing line", 60),
    line("support-line", "Support line", 32),
    line("orders-line", "Orders line", 16, source=("log", "queue_log"), tells_staff=False),
    line("dealers-line", "Dealers' line", 8),
)
DESKS: Final = (
    Desk(Place("info-mail", "Info mail", "email", ("mail", "imap"), OFFICE, MAIL, MAIL_WAITS), 60),
    Desk(Place("claims-mail", "Claims mail", "email", ("mail", "imap"), OFFICE, MAIL, MAIL_WAITS), 25),
    Desk(
        Place("service-desk", "Service desk", "ticket", ("desk", "request_tracker"), OFFICE, TICKET, TICKET_WAITS),
        30,
        tickets=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A span of time (seconds since 1970) and who is there.

    `shortages`: how many hours have far too few people; `strained`: how many have almost enough, which is noise.
    """

    start: float
    end: float
    lines: tuple[Line, ...]
    desks: tuple[Desk, ...]
    shortages: int
    strained: int = 0
    #: (name of the desk, from, until): a time in which nobody answers letters.
    idle: tuple[str, float, float] | None = None


def the_week() -> Plan:
    """Seven contact points from Monday to Sunday; on Wednesday nobody reads the claims mailbox."""
    start, wednesday = MONDAY.timestamp(), (MONDAY + timedelta(days=2)).timestamp()
    idle = ("claims-mail", wednesday + 8 * HOUR, wednesday + 18 * HOUR)
    return Plan(start, (MONDAY + timedelta(days=7)).timestamp(), LINES, DESKS, 11, 8, idle)


def one_day(shortages: int) -> Plan:
    """The short form: a Tuesday with one busy line, one small one and a mailbox."""
    start = (MONDAY + timedelta(days=1)).timestamp()
    return Plan(start, start + 24 * HOUR, (LINES[1], LINES[3]), DESKS[:1], shortages)


def live(plan: Plan, seed: int) -> tuple[Lived, ...]:
    """What happened at each contact point: the same for the same plan and seed."""
    random = Random(seed)
    hours = [plan.start + HOUR * number for number in range(round((plan.end - plan.start) / HOUR))]
    short = _shortages(plan, hours, random)
    idle = {plan.idle[0]: plan.idle[1:]} if plan.idle else {}
    return (
        *(phone.live(each, hours, short.get(each.place.name, {}), Random(random.random())) for each in plan.lines),
        *(written.live(each, hours, idle.get(each.place.name), Random(random.random())) for each in plan.desks),
    )


def _shortages(plan: Plan, hours: list[float], random: Random) -> dict[str, dict[float, float]]:
    """Line -> hour -> the part of its load that people can carry. Of the short hours, many come in pairs."""
    found: dict[str, dict[float, float]] = {each.place.name: {} for each in plan.lines}
    left = [(0.45, 0.75)] * plan.shortages + [(1.05, 1.25)] * plan.strained
    while left:
        chosen = random.choices(plan.lines, [each.busiest**0.5 for each in plan.lines])[0]
        open_hours = [hour for hour in hours if chosen.place.is_open(hour)]
        first = random.choice(open_hours[1:-2])
        for hour in (first, first + HOUR)[: 2 if random.random() < 0.4 else 1]:
            if left and chosen.place.is_open(hour) and hour not in found[chosen.place.name]:
                found[chosen.place.name][hour] = random.uniform(*left.pop(0))
    return found
