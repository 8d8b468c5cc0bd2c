"""The board of the control room: one row for each contact point, read from four metres."""

from typing import Final

from grafana_foundation_sdk.models import dashboard

from tools.grafana.kit import (
    BAD,
    CLOCK,
    COLUMNS,
    COUNT,
    GOOD,
    PLAIN,
    SHARE,
    UNKNOWN,
    About,
    Look,
    Q,
    Step,
    background,
    colored,
    column,
    rows,
    says,
    stats,
    thresholds,
)
from tools.grafana.parts import (
    NOW,
    about_board,
    board,
    detail_link,
    page_link,
    point_variables,
    source_line,
)
from tools.grafana.queries import (
    CHOSEN,
    NO_BUDGET,
    NOT_KNOWN,
    POINT,
    budget_left,
    customers,
    gauge,
    longest,
    objective_of,
    or_unknown,
    service_level,
    wrong,
)

_UNKNOWN: Final = {str(NOT_KNOWN): ("? not known", UNKNOWN)}
_OPEN: Final = says({"1": ("● open", GOOD), "0": ("○ closed", UNKNOWN)})

_TODAY: Final = service_level("$__range")
_TITLED: Final = (*POINT, "title")
#: Open or closed, with the title as a label, for every configured contact point.
_TITLE: Final = f"{gauge('info', _TITLED)} * on (channel, contact_point) group_left () {gauge('open', POINT)}"


def _plain(expr: str) -> str:
    return f"max by (channel, contact_point) ({expr})"


_WAITING: Final = customers("waiting")
_OVER: Final = customers("overdue")
_LONGEST: Final = f"{longest()} or 0 * ({_WAITING})"
_READY: Final = _plain(gauge("agents", POINT, f'{CHOSEN}, state="ready"'))
_HOUR: Final = wrong(POINT, "1h")
_LEVEL: Final = _plain(_TODAY)
_OBJECTIVE: Final = _plain(objective_of(_TODAY))
_BUDGET: Final = budget_left("7d")

_SHARED_METRICS: Final = (
    "contactpoint_open, contactpoint_waiting, contactpoint_overdue, contactpoint_oldest_wait_start_timestamp_seconds and "
    "contactpoint_oldest_wait_business_seconds, contactpoint_agents, contactpoint_signals_total, contactpoint_assessed_total, "
    "contactpoint_objective_ratio"
)
_MEANING: Final = (
    "Waiting: people who ring, queue or are on hold, and letters that await an answer; a caller in a queue counts once. "
    "Ready to answer: people whom a queue can ring now, where the source tells. "
    "Longest: by the clock for people, in opening hours for letters. "
    "Service level today: share kept of the limit on the queue (formula SL-D), else on the rings, else on the first reply, "
    "from the start of the day, with its objective beside it. "
    "Budget left: of the contacts that may go wrong in seven days, the share not yet used up, for the signal that has least; "
    "below 0 % the objective is missed."
)


def _row() -> dashboard.Panel:
    """The large figures of one contact point, repeated for each chosen one."""
    nobody = {"0": ("nobody", GOOD), **_UNKNOWN}
    return stats(
        "$contact_point",
        About(
            f"One contact point now. {_MEANING}",
            _SHARED_METRICS,
            "Over the limit above 0: put people on this contact point, then click for its detail.",
        ),
        [
            Q(_TITLE, "{{title}}"),
            Q(or_unknown(_WAITING), "waiting"),
            Q(or_unknown(_LONGEST), "longest wait"),
            Q(or_unknown(_OVER), "over the limit"),
            Q(or_unknown(_LEVEL), "service level today"),
            Q(or_unknown(_OBJECTIVE), "objective"),
            Q(or_unknown(_HOUR), "went wrong, last hour"),
            Q(or_unknown(_BUDGET, NO_BUDGET), "budget left, 7 days"),
        ],
        (COLUMNS, 3),
        Look(
            COUNT,
            decimals=0,
            mappings=[_OPEN],
            links=[detail_link("${__field.labels.channel}", "${__field.labels.contact_point}")],
            no_value="NO DATA: is the monitor running and scraped?",
        ),
        overrides=[
            column("waiting", {"mappings": [says(nobody)]}),
            column("longest wait", {"mappings": [says(nobody)], "unit": CLOCK}),
            column(
                "over the limit",
                {
                    "mappings": [says({"0": ("✓ 0", GOOD), **_UNKNOWN})],
                    "unit": "prefix:▲ ",
                    "thresholds": thresholds([Step(None, GOOD), Step(1, BAD)]),
                },
            ),
            column(
                "service level today",
                {"mappings": [says({str(NOT_KNOWN): ("none yet", UNKNOWN)})], "unit": SHARE, "decimals": 0},
            ),
            column("objective", {"mappings": [says({str(NOT_KNOWN): ("–", UNKNOWN)})], "unit": SHARE, "decimals": 0}),
            column("went wrong, last hour", {"mappings": [says({"0": ("0", GOOD), **_UNKNOWN})]}),
            column(
                "budget left, 7 days",
                {
                    "mappings": [says({str(NO_BUDGET): ("none yet", UNKNOWN)})],
                    "unit": SHARE,
                    "decimals": 0,
                    "thresholds": thresholds([Step(None, BAD), Step(0, GOOD)]),
                },
            ),
        ],
        repeat="contact_point",
        sizes=(18, 34),
    )


def _table() -> dashboard.Panel:
    """The same figures for all contact points, worst first."""
    return rows(
        "All contact points, worst first",
        About(
            f"The same figures as a table, for more contact points than a wall can hold. {_MEANING} An empty cell is not known.",
            _SHARED_METRICS,
            "Click a contact point for its detail, or for the list of contacts behind the figures.",
        ),
        [
            Q(_TITLE, form="table"),
            Q(_WAITING, form="table"),
            Q(_LONGEST, form="table"),
            Q(_OVER, form="table"),
            Q(_LEVEL, form="table"),
            Q(_OBJECTIVE, form="table"),
            Q(_HOUR, form="table"),
            Q(_BUDGET, form="table"),
            Q(_READY, form="table"),
        ],
        (COLUMNS, 9),
        names={
            "title": "Contact point",
            "contact_point": "Name",
            "channel": "Channel",
            "Value #A": "Open",
            "Value #B": "Waiting",
            "Value #C": "Longest wait",
            "Value #D": "Over the limit",
            "Value #E": "Service level today",
            "Value #F": "Objective",
            "Value #G": "Went wrong, last hour",
            "Value #H": "Budget left, 7 days",
            "Value #I": "Ready to answer",
        },
        sort=("Over the limit", True),
        overrides=[
            column(
                "Contact point",
                {
                    "links": [
                        detail_link("${__data.fields.Channel}", "${__data.fields.Name}"),
                        page_link("${__data.fields.Name}"),
                    ]
                },
            ),
            column("Open", {"mappings": [_OPEN], "custom.cellOptions": colored()}),
            column("Longest wait", {"unit": CLOCK}),
            column(
                "Over the limit",
                {
                    "thresholds": thresholds([Step(None, "transparent"), Step(1, BAD)]),
                    "custom.cellOptions": background(),
                },
            ),
            column("Service level today", {"unit": SHARE, "decimals": 1}),
            column("Objective", {"unit": SHARE, "decimals": 1}),
            column(
                "Budget left, 7 days",
                {
                    "unit": SHARE,
                    "decimals": 0,
                    "thresholds": thresholds([Step(None, BAD), Step(0, PLAIN)]),
                    "custom.cellOptions": colored(),
                },
            ),
        ],
        empty="NO DATA: is the monitor running and scraped?",
    )


def now() -> dashboard.Dashboard:
    """Who waits where at this moment, and is it too long?"""
    return board(
        NOW,
        "Contact points – now",
        "Who waits where at this moment, and is it too long? For the wall of the control room.",
        point_variables(),
        [
            [source_line(big=True)],
            [_row()],
            [_table()],
            [
                about_board(
                    "Shows whoever runs the day where customers wait, where too long, and whether the day will keep its "
                    "objectives.",
                    "Control room.",
                    [
                        "The top line first: if a system is not read, the rows that rest on it say *not known*, which is not "
                        "zero.",
                        "One row for each chosen contact point: eight fit a screen in kiosk mode. Choose them above; "
                        "the table below holds all of them, worst first.",
                        "Every colour has a word or a sign: ▲ over the limit, ✓ none, ○ closed, ? not known.",
                        "A row or a line of the table leads to the detail of the contact point.",
                        "*Today* begins at midnight of the time zone in the time picker. The hour and the seven days end now.",
                    ],
                )
            ],
        ],
        since="now/d",
        refresh="30s",
    )
