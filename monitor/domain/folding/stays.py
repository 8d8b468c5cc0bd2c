"""Where a written contact was, and under which policy: it moves to whatever contact point its next event is told of."""

from collections.abc import Sequence
from typing import NamedTuple

from monitor.domain.contact import Stay
from monitor.domain.event import AFTERWARDS_KINDS, WRITTEN_CHANNELS, Channel, Event


class Step(NamedTuple):
    """Where the contact is from one event on."""

    stay: int  # its number
    moved: bool  # this event brought it to another contact point


def has_stays(channel: Channel, events: Sequence[Event]) -> bool:
    """Whether any event names a contact point or a policy of its own: of most contacts none does."""
    return channel in WRITTEN_CHANNELS and any(event.point or event.policy is not None for event in events)


def located(told: Sequence[Event]) -> tuple[list[Stay], list[Step]]:
    """The stays of a contact of which this is told, at least one event, and of each event its step.

    What is said afterwards, and what names no contact point (`point` ""), moves nothing. Of several stays that begin at one
    moment the last counts: nothing has happened in the others.
    """
    first = next((event for event in told if event.kind not in AFTERWARDS_KINDS and event.point != ""), told[0])
    stays = [Stay(told[0].at, first.point or None, "")]
    steps = []
    for event in told:
        here, moved = stays[-1], False
        policy = here.policy if event.policy is None else event.policy
        point = here.point if event.point == "" or event.kind in AFTERWARDS_KINDS else event.point
        if (point, policy) != here[1:]:
            moved = point != here.point
            at = max(event.at, here.since)
            if at == here.since:
                stays.pop()
            stays.append(Stay(at, point, policy))
        steps.append(Step(len(stays) - 1, moved))
    return stays, steps
