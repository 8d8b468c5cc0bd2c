"""What is concluded from the events of a helpdesk's connector, in the words of the stories."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from monitor.connector import Batch, Connector, Event
from monitor.domain.fold import fold
from monitor.domain.judge import fell_at, judge
from monitor.domain.merging import merge
from monitor.domain.policy import DEFAULTS, SIGNAL_OF_WAIT, Limit, Policy, Rule
from monitor.testing.context import FakeState
from tests.live.helpdesk.story import CHANGES_ALLOWED, LIMITS, NOW, System, Ticket, moment

#: A wait as it was judged: kind, since, until, verdict.
Judged = tuple[str, datetime, datetime | None, str]

_RULES: Final = {
    **{name: Rule(name, 0.9, Limit(limit.total_seconds()), pauses=DEFAULTS[name].pauses) for name, limit in LIMITS.items()},
    "slipped_promise": Rule("slipped_promise", 0.9, Limit(0.0)),
    "passed_around": Rule("passed_around", 0.9, times=CHANGES_ALLOWED),
    "reopened": Rule("reopened", 0.9),
    "escalated": Rule("escalated", 0.9),
}
#: Around the clock.
POLICY: Final = Policy("story", _RULES, None, UTC, 3.0)


async def read_whole(connector: Connector, state: FakeState) -> list[Batch]:
    """One pass, stored as the engine does."""
    batches = []
    async for batch in connector.read(state.cursor):
        state.store(batch)
        batches.append(batch)
    return batches


def by_contact(batches: Iterable[Batch]) -> dict[str, list[Event]]:
    """The events of each ticket."""
    found: dict[str, list[Event]] = {}
    for batch in batches:
        for event in batch.events:
            found.setdefault(event.contact, []).append(event)
    return found


def concluded(events: list[Event], watermark: datetime) -> tuple[list[Judged], list[tuple[datetime, str]]]:
    """(waits, signals with when they fell) of one ticket, each sorted."""
    first = events[0].place
    placed = [event._replace(point=None if event.place == first else event.place) for event in events]  # as the engine does
    contact = fold("ticket", merge((), placed), reachable=True)
    judgement = judge(contact, POLICY, watermark, [POLICY] * (len(contact.stays) - 1))
    verdicts = {(v.signal, v.key): v.state for v in judgement.verdicts}
    waits = [
        (w.kind, w.since, w.until, verdicts.get((SIGNAL_OF_WAIT[w.kind], w.key), "void" if w.void else "open"))
        for w in contact.waits
    ]
    signals = [(at, v.signal) for v in judgement.verdicts if v.state == "breached" and (at := fell_at(v)) is not None]
    return sorted(waits, key=str), sorted(signals)


def expected(ticket: Ticket, system: System) -> tuple[list[Judged], list[tuple[datetime, str]]]:
    """The same, as the story has it."""
    waits: list[Judged] = [
        (w.kind, moment(w.since), None if w.until is None else moment(w.until), w.verdict) for w in ticket.waits_in(system)
    ]
    return sorted(waits, key=str), ticket.signals_in(system)


def differences(
    story: Iterable[Ticket], system: System, numbers: Mapping[str, str], found: Mapping[str, list[Event]]
) -> list[str]:  # fmt: skip
    """What was concluded otherwise than the story has it, a line for each."""
    lines = []
    for ticket in story:
        events = found.get(numbers[ticket.key], [])
        if not events:
            if not ticket.may_be_gone:
                lines.append(f"{ticket.key}: nothing was told")
            continue
        waits, signals = concluded(events, NOW)
        true_waits, true_signals = expected(ticket, system)
        lines += [f"{ticket.key}: waits {_shown(waits)}, not {_shown(true_waits)}"] if waits != true_waits else []
        lines += [f"{ticket.key}: signals {signals}, not {true_signals}"] if signals != true_signals else []
    return lines


def _shown(waits: Iterable[Judged]) -> str:
    def hours(at: datetime | None) -> str:
        return "now" if at is None else f"{(NOW - at).total_seconds() / 3600:g}"

    return "; ".join(f"{kind} {hours(since)}-{hours(until)} {verdict}" for kind, since, until, verdict in waits)
