"""Who waits now: the running waits with our ids of their contacts, as far as their sources are seen."""

from collections.abc import Mapping
from datetime import datetime

from monitor.domain.channels import WAITS_OF
from monitor.domain.event import Channel
from monitor.domain.snapshot import Waiting, WhoWaits
from monitor.engine.live_state import LiveState, age
from monitor.engine.running_waits import KeptWait


def who_waits(live_state: LiveState, contact_point: str, channel: Channel, limit: int, now: datetime) -> Mapping[str, WhoWaits]:
    """By wait those who wait at a contact point, the longest first; only kinds of which something runs.

    `limit` of each at most are worked out, whoever else waits.
    """
    seen = live_state.seen(now)
    found: dict[str, WhoWaits] = {}
    for wait in WAITS_OF[channel]:
        total, first = live_state.running_waits.longest(seen, (contact_point, channel, wait), now, limit)
        if total:
            found[wait] = WhoWaits(total, [_shown(live_state, (contact_point, channel, wait), each, now) for each in first])
    return found


def next_limits(live_state: LiveState, limit: int, now: datetime) -> WhoWaits:
    """What falls due within NEXT_LIMITS_WITHIN at all contact points, the nearest first."""
    total, first = live_state.running_waits.nearest(live_state.seen(now), now, limit)
    return WhoWaits(total, [_shown(live_state, kind, each, now) for kind, each in first])


def _shown(live_state: LiveState, kind: tuple[str, str, str], kept: KeptWait, now: datetime) -> Waiting:
    point, wait = kind[0], kind[2]
    channel: Channel = kind[1]  # type: ignore[assignment]  # of a stored contact
    calendar = live_state.directory.look_up(point, channel).calendar_of(wait)
    business_seconds = None if calendar is None else age(kept.since, now, calendar)
    limit_seconds = None if kept.due_at is None else age(kept.since, kept.due_at, calendar)
    return Waiting(
        kept.contact.hex(),
        point,
        channel,
        wait,
        kept.since,
        kept.due_at,
        kept.overdue,
        bool(kept.due_soon),
        business_seconds,
        limit_seconds,
    )
