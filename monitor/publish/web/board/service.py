"""The board for who asks: what the daemon says now, put into words once for all who look at the same thing."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from monitor.domain.channels import WAITS_OF
from monitor.domain.snapshot import Snapshot, WhoWaits
from monitor.publish.web.board.lines import WHO_SHOWN
from monitor.publish.web.board.page import LIMITS_SHOWN, LIMITS_SHOWN_AT_MOST, Wanted
from monitor.publish.web.services import Services

#: Of a contact point where nobody is over a limit only the longest wait is shown.
_LONGEST: Final = 1
#: A name longer than any team's is asked for by nobody who looks at the board.
_MOST_CHARACTERS: Final = 200

#: A snapshot, by contact point and wait who waits, and what falls due next.
Seen = tuple[Snapshot, Mapping[str, Mapping[str, WhoWaits]], WhoWaits]


def wanted_of(request: web.Request) -> Wanted:
    """What of the board a request asks for."""
    query = request.query
    team, channel = (query.get(name, "")[:_MOST_CHARACTERS] for name in ("team", "channel"))
    return Wanted(team, channel, query.get("limits") == "all", query.get("wall") == "1")


def look(services: Services, *wanted: Wanted) -> Seen:
    """What is needed to say all of these, taken at one moment. Cheap, called on the event loop."""
    snapshot = services.snapshot()
    who = {}
    for key, state in snapshot.points.items():
        running = state.running or {}
        if any(running[wait].waiting for wait in WAITS_OF[state.info.channel] if wait in running):
            is_over = any(each.overdue for each in running.values())
            who[key] = services.waiting(state.info.name, state.info.channel, WHO_SHOWN if is_over else _LONGEST)
    is_part = any(each.team or each.channel or each.all_limits for each in wanted)
    return snapshot, who, services.next_limits(LIMITS_SHOWN_AT_MOST if is_part else LIMITS_SHOWN)
