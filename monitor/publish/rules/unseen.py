"""Alerts about contact points of which nothing can be said."""

from monitor.publish.rules.going_on import lasting
from monitor.publish.rules.live import DETAIL
from monitor.publish.rules.texts import TITLE
from monitor.publish.rules.values import (
    POINT_PAGE,
    Alert,
    PointObjectives,
    gauge,
    increase,
    lowest_in,
    selector,
)
from monitor.publish.rules.windows import BLIND_POINT, OPEN_AND_SEEN, TEAM


def unseen_alerts() -> tuple[Alert, ...]:
    """Contact points of which nothing can be said."""

    def inbound(late: str = "") -> str:
        return increase("contacts_total", "1h", direction="inbound", without=("direction",), late=late)

    name = "ContactPointTrafficCeased"
    begins = (
        f"({OPEN_AND_SEEN}\n  and ignoring (team) {inbound('1w')} > 10\n  and ignoring (team) {lowest_in('open', '1h')} == 1)"
    )
    return (
        Alert(
            "ContactPointBlind",
            "customer",
            "info",
            f"({BLIND_POINT} == 1)\n* ignoring (team) group_left (team) {TEAM}",
            f"{TITLE}: nobody sees who waits here",
            "A source of this contact point cannot be read, so nobody knows who is waiting. Its other alerts stay as they were "
            "until the source is back. First: see the page of sources for the reason.",
            hold="2m",
            page="/sources",
            dashboard=DETAIL,
        ),
        Alert(
            "ContactPointUnwatched",
            "customer",
            "info",
            f"{OPEN_AND_SEEN}\nunless ignoring (team) {gauge('waiting', without=('wait',))}",
            f"{TITLE}: has no figures although its sources work",
            "No source has named this contact point, so nothing is known of it. "
            "First: check its queue, extension or address in the configuration; it may be misspelt.",
            hold="1h",
            page="/sources",
            dashboard=DETAIL,
        ),
        Alert(
            name,
            "customer",
            "warning",
            lasting(name, f"{inbound()} == 0", (), f"ignoring (team) {inbound()}", begins=begins),
            f"{TITLE}: nobody has come for an hour",
            "Not one customer in an hour in which it was open all the time and more than ten came a week ago. "
            "A line, a trunk or the delivery of mail may be dead. First: call or write to it yourself.",
            hold="15m",
            page=POINT_PAGE,
            dashboard=DETAIL,
        ),
    )


def missing_points(points: tuple[PointObjectives, ...]) -> Alert:
    """Only a rule file made for one configuration can know which contact points should be there."""
    names = sorted({point.contact_point for point in points})
    gone = "\n  or ".join(f"absent({selector('info', contact_point=name)})" for name in names)
    return Alert(
        "ContactPointMissing",
        "customer",
        "warning",
        f"(\n  {gone}\n)\nand on () count({selector('build_info')}) > 0",
        "{{ $labels.contact_point }}: is configured, but the monitor does not know it",
        "This contact point is in the configuration that these rules were made from, but it is not among the figures. "
        "First: reload the monitor, or make the rules again.",
        hold="15m",
        page="/sources",
    )
