"""Telephone lines of the simulated week: callers in one queue, as many people as an hour needs or too few, patience that ends.

Callers come at random (Poisson, by the hour of the day), are served in the order of their arrival by whoever is free first,
and hang up when their patience ends: the Erlang-A model of the field. Hours with too few people are given, not drawn here.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from tools.alert_week.places import HOUR, Caller, Lived, Outcome, Place, Wait

#: Calls of an hour of the day, as parts of the busiest.
DAY_SHAPE = {8: 0.7, 9: 1.0, 10: 1.0, 11: 0.9, 12: 0.6, 13: 0.65, 14: 0.85, 15: 0.85, 16: 0.7, 17: 0.45}
MONDAY = 1.35
TALK_SECONDS = 240.0
PATIENCE_SECONDS = 200.0
#: Who hangs up sooner is no abandon.
SHORT_SECONDS = 5.0
RING_SECONDS = 6.0
#: An hour with enough people: no more than this part of callers is expected to wait over the limit.
WELL_STAFFED = 0.15


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its traffic: `busiest` calls in the busiest hour of an ordinary day. `tells_staff`: the source shows agents."""

    place: Place
    busiest: float
    tells_staff: bool = True


@dataclass(slots=True)
class _Call:
    at: float
    picked_up: float | None
    left: float


def expected_late(load: float, people: int, limit: float) -> float:
    """Erlang C: the part of callers who wait longer than `limit` seconds, with an offered load in erlangs below `people`."""
    if people <= load:
        return 1.0
    blocked = 1.0  # Erlang B, by its recursion
    for servers in range(1, people + 1):
        blocked = load * blocked / (servers + load * blocked)
    waits = people * blocked / (people - load * (1 - blocked))
    return waits * math.exp(-(people - load) * limit / TALK_SECONDS)


def people_needed(calls_an_hour: float, limit: float) -> int:
    """So many people serve so many calls well."""
    load = calls_an_hour * TALK_SECONDS / HOUR
    people = 1
    while expected_late(load, people, limit) > WELL_STAFFED:
        people += 1
    return people


def live(line: Line, hours: list[float], short: dict[float, float], random: Random) -> Lived:
    """What happens on the line in these hours (their starts; closed ones are skipped).

    `short`: hour -> the part of the load that its people can carry; above 1 it is tight.
    """
    lived = Lived(line.place)
    arrivals, people = [], {}
    limit = line.place.objectives["long_wait"].limit or 0.0
    for hour in hours:
        if not line.place.is_open(hour):
            continue
        local = datetime.fromtimestamp(hour, UTC).astimezone(line.place.zone)
        calls = line.busiest * DAY_SHAPE.get(local.hour, 0.4) * (MONDAY if local.weekday() == 0 else 1.0)
        load = calls * TALK_SECONDS / HOUR
        people[hour] = _people(load, short.get(hour), people_needed(calls, limit))
        arrivals += _arrivals(hour, calls, random)
    calls_made = _served(arrivals, people, random)
    if line.tells_staff:
        lived.staff = people
    for call in calls_made:
        _record(lived, call, limit, random)
    return lived


def _people(load: float, part: float | None, needed: int) -> int:
    if part is None:
        return needed
    return int(load * part) if part < 1 else min(math.ceil(load * part), needed)


def _arrivals(hour: float, calls: float, random: Random) -> list[float]:
    moment, found = hour, []
    while (moment := moment + random.expovariate(calls / HOUR)) < hour + HOUR:
        found.append(moment)
    return found


def _served(arrivals: list[float], people: dict[float, int], random: Random) -> list[_Call]:
    """First come, first served. A place at the desk is free from the end of its last call on, in hours in which it is manned."""
    desks = [0.0] * max(people.values())
    calls = []
    for at in arrivals:
        gives_up = at + random.expovariate(1 / PATIENCE_SECONDS)
        desk, starts = min(
            ((number, _manned_from(max(free, at), number, people, gives_up)) for number, free in enumerate(desks)),
            key=lambda each: each[1],
        )
        if starts >= gives_up:
            calls.append(_Call(at, None, gives_up))
            continue
        ends = starts + random.lognormvariate(math.log(TALK_SECONDS) - 0.32, 0.8)
        desks[desk] = ends
        calls.append(_Call(at, starts, ends))
    return calls


def _manned_from(moment: float, desk: int, people: dict[float, int], until: float) -> float:
    """The first moment from `moment` on at which somebody sits at this desk; infinite when not before `until`."""
    hour = moment - moment % HOUR
    while hour < until:
        if people.get(hour, 0) > desk:
            return max(moment, hour)
        hour += HOUR
    return math.inf


def _record(lived: Lived, call: _Call, limit: float, random: Random) -> None:
    """One call's waits and verdicts, each at the moment at which the daemon would count it."""
    lived.contacts.append(call.at)
    reached = call.picked_up
    ends = reached if reached is not None else call.left
    late = ends - call.at > limit
    lived.waits.append(Wait("queue", call.at, ends, call.at + limit))
    if reached is None and ends - call.at < SHORT_SECONDS:
        lived.outcomes.append(Outcome(ends, "short_abandoned", in_target=True))
        return
    lived.callers.append(Caller(call.at, late))
    if reached is not None or late:
        lived.judge("long_wait", call.at + limit if late else ends, late)
    lived.judge("abandoned", ends, reached is None)
    lived.judge("turned_away", ends, bad=False)
    if reached is None:
        lived.outcomes.append(Outcome(ends, "abandoned", not late))
        _call_back(lived, ends, random)
    else:
        lived.outcomes.append(Outcome(ends, "answered", not late))
        _talk(lived, reached, call.left, random)


def _talk(lived: Lived, begins: float, ends: float, random: Random) -> None:
    """The telephone rings a little before somebody takes the call; one call in five is put on hold."""
    lived.talks.append((begins, ends))
    rang = random.lognormvariate(math.log(8), 0.6)
    rings = lived.place.objectives["slow_answer"].limit or 0.0
    lived.judge("slow_answer", begins - rang + min(rang, rings), rang >= rings)
    if random.random() < 0.2:
        since = begins + random.uniform(10, max(11, ends - begins))
        until = since + random.lognormvariate(math.log(45), 0.45)
        limit = lived.place.objectives["long_hold"].limit or 0.0
        lived.waits.append(Wait("hold", since, until, since + limit))
        lived.judge("long_hold", min(until, since + limit), until - since >= limit)
    lived.judge("handed_on", ends, random.random() < 0.03)


def _call_back(lived: Lived, since: float, random: Random) -> None:
    """Most of those who gave up are called back within the hour; the others are missed four opening hours later."""
    place = lived.place
    limit = place.objectives["missed_callback"].limit or 0.0
    takes = random.expovariate(1 / 2400.0) if random.random() < 0.85 else limit + random.uniform(HOUR, 8 * HOUR)
    done, due = place.after(since, takes), place.after(since, limit)
    lived.waits.append(Wait("callback", since, done, due))
    lived.judge("missed_callback", min(done, due), done >= due)
