"""Every page once: what it shows, for the tests that hold for all pages. Whoever adds a page adds a line to PAGES.

Each page is shown with one name for whatever people or other systems name: an ordinary one, and hostile ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote

from monitor.domain.snapshot import Snapshot
from monitor.domain.weeks import week_name
from monitor.publish.report.values import WeekSummary
from monitor.publish.web.services import MailCount
from tests.publish.report.sample import ENDS, MONDAY, REPORT, STARTS
from tests.publish.snapshots import contact_centre, point, snapshot, source, waits
from tests.publish.web.answers import CONTACT, evidence, other, signal_row
from tests.publish.web.fakes import FakeServices

PLAIN = "Support line"
#: Each would run, or break out of where it stands, if it was not escaped there.
HOSTILE = (
    "\"><script>alert(1)</script><img src=x onerror='alert(2)'>",
    "' autofocus onfocus=alert(1) x='</title></style></svg><svg onload=alert(3)>",
    "{{ 7*7 }}{% raw %}<!--<b>",
)


@dataclass(frozen=True)
class ShownPage:
    """A page: `path` where things are called `name`, and what the daemon answers there."""

    name: str
    path: Callable[[str], str]
    services: Callable[[str], FakeServices]
    status: int = 200


def everything(name: str) -> FakeServices:
    """A contact centre in which everything that has a name has this one, with what each page may show."""
    rows = [signal_row(contact_point=name, native_id=name), signal_row(contact_point=name, native_id=name, contact="")]
    others = [other(contact_point=name, signals=["late_reply"], stands="waiting", waits=["reply"], relations=["unanswered"])]
    return FakeServices(
        busy(name), rows=rows, contacts={CONTACT: evidence(native_id=name, contact_point=name, source=name, others=others)}
    )


def busy(name: str) -> Snapshot:
    """Contact points that wait, are blind, closed and quiet; a source that is down."""
    down = replace(source(name, name, False), trouble=name)
    return replace(
        contact_centre(),
        points={
            name: point(name, running={"queue": waits(4, 2, 95, 8), "hold": waits(1, 0, 48, 72)}, title=name, team=name),
            f"{name} 2": point(f"{name} 2", "email", None, title=name, team=name, sources=(name,)),
            f"{name} 3": point(f"{name} 3", "chat", title=name, is_open=False),
            f"{name} 4": point(f"{name} 4", "ticket", {"reply": waits(7, 1, 16_900, 1500)}, title=name),
        },
        sources={"pbx": source(), name: down},
    )


def _nothing(_: str) -> FakeServices:
    return FakeServices(snapshot())


def week_called(name: str) -> FakeServices:
    """A week of contact points that missed, were not seen wholly and did well, with the weeks around it."""
    points = tuple(replace(each, contact_point=name, title=name, team=name) for each in REPORT.contact_points)
    quiet = tuple(replace(points[-1], team="Front", title=f"{name} {number}") for number in range(5))
    gaps = tuple(gap._replace(source=name) for gap in REPORT.gaps)
    report = replace(REPORT, contact_points=(*points, *quiet), gaps=gaps)
    weeks = [
        WeekSummary(week_name(monday), monday, monday_at, monday_at + timedelta(7), complete, complete, 100, 7, 3, 4 * complete)
        for monday, monday_at, complete in ((MONDAY + timedelta(7), ENDS, False), (MONDAY, STARTS, True))
    ]
    shown = replace(busy(name), at=ENDS + timedelta(days=2))
    return FakeServices(shown, reports={MONDAY: report}, summaries=weeks, mailed=[MailCount("sent", 3, ENDS)])


def _at_point(name: str) -> str:
    return f"/contact-points/{quote(name, safe='')}"


PAGES = (
    ShownPage("board", lambda _: "/?refresh=off", everything),
    ShownPage("board without contact points", lambda _: "/?refresh=off", _nothing),
    ShownPage("wall", lambda _: "/?wall=1&refresh=off", everything),
    ShownPage("contact point", lambda name: f"{_at_point(name)}?refresh=off", everything),
    ShownPage("contact", lambda _: f"/contacts/{CONTACT}?refresh=off", everything),
    ShownPage("signals", lambda name: f"/signals?contact_point={quote(name, safe='')}&refresh=off", everything),
    ShownPage("signals, none", lambda _: "/signals?signal=long_wait&refresh=off", _nothing),
    ShownPage("sources", lambda _: "/sources?refresh=off", everything),
    ShownPage("weeks", lambda _: "/weeks", week_called),
    ShownPage("weeks without any", lambda _: "/weeks", _nothing),
    ShownPage("week", lambda _: f"/weeks/{REPORT.week}", week_called),
    ShownPage("week of a team", lambda _: f"/weeks/{REPORT.week}?team=Front", week_called),
    ShownPage("connect", lambda _: "/connect", _nothing),
    ShownPage("no such page", lambda name: f"{_at_point(name + 'x')}", everything, status=404),
)
