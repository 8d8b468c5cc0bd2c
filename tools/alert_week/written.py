"""Mailboxes and ticket desks of the simulated week: letters at any hour, answered in opening time, some too late."""

import math
from dataclasses import dataclass
from random import Random

from tools.alert_week.places import HOUR, Lived, Outcome, Place, Wait

#: A quarter of the letters comes while the desk is closed.
OUT_OF_HOURS = 0.25
#: How many letters have a second question, a promise in their answer.
FOLLOWED_UP = 0.35
PROMISED = 0.15


class Pace:
    """Opening time that an answer takes, lognormal: half of them within `median` seconds."""

    def __init__(self, median: float, spread: float = 0.9) -> None:
        self._median, self._spread = median, spread

    def draw(self, random: Random) -> float:
        """One answer's."""
        return random.lognormvariate(math.log(self._median), self._spread)


REPLY = Pace(70 * 60)
FOLLOW_UP = Pace(110 * 60)
SOLUTION = Pace(9 * HOUR)


@dataclass(frozen=True, slots=True)
class Desk:
    """A mailbox or ticket queue and its traffic: `letters` on an ordinary day. `tickets`: they have to be solved as well."""

    place: Place
    letters: float
    tickets: bool = False


def live(desk: Desk, hours: list[float], idle: tuple[float, float] | None, random: Random) -> Lived:
    """What happens at the desk in these hours. `idle`: nobody answers between these two moments."""
    lived, place = Lived(desk.place), desk.place
    opened = sum(place.is_open(hour) for hour in hours) or 1
    days = opened * HOUR / place.calendar.longest_day_seconds()
    for hour in hours:
        wanted = (
            desk.letters
            * days
            * ((1 - OUT_OF_HOURS) / opened if place.is_open(hour) else OUT_OF_HOURS / max(1, len(hours) - opened))
        )
        moment = hour
        while (moment := moment + random.expovariate(wanted / HOUR)) < hour + HOUR:
            _letter(lived, desk, moment, idle, random)
    return lived


def _letter(lived: Lived, desk: Desk, at: float, idle: tuple[float, float] | None, random: Random) -> None:
    lived.contacts.append(at)
    replied = _answered(lived, "reply", "late_reply", at, REPLY.draw(random), idle)
    lived.outcomes.append(Outcome(replied, "replied", in_target=True))
    if random.random() < FOLLOWED_UP:
        again = replied + random.expovariate(1 / (3 * HOUR))
        _answered(lived, "follow_up", "late_follow_up", again, FOLLOW_UP.draw(random), idle)
    if random.random() < PROMISED:
        due = desk.place.after(replied, random.uniform(2 * HOUR, 20 * HOUR))
        kept = desk.place.after(due, HOUR) if random.random() < 0.04 else replied + random.random() * (due - replied)
        lived.waits.append(Wait("promise", replied, kept, due))
        lived.judge("slipped_promise", min(due, kept), kept > due)
    if desk.tickets:
        solved = _answered(lived, "resolution", "late_resolution", at, SOLUTION.draw(random), idle)
        lived.judge("reopened", solved + HOUR, random.random() < 0.04)


def _answered(lived: Lived, wait: str, signal: str, since: float, takes: float, idle: tuple[float, float] | None) -> float:
    """When it was answered; the wait and its verdict are written down."""
    place = lived.place
    limit = place.objectives[signal].limit or 0.0
    done, due = place.after(since, takes), place.after(since, limit)
    if idle is not None and idle[0] <= done < idle[1]:
        done = place.after(idle[1], takes * 0.5)
    lived.waits.append(Wait(wait, since, done, due))
    lived.judge(signal, min(done, due), done >= due)
    return done
