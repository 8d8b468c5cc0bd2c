"""The board of e-mail and tickets: what is unanswered, how long replies take, what was promised."""

from typing import Final

from grafana_foundation_sdk.models import dashboard

from monitor.domain.snapshot import BUCKETS
from monitor.publish.words import SIGNALS, WAITS
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
    bars,
    bucket_names,
    colored,
    column,
    heat,
    in_words,
    lines,
    rows,
    says,
    stats,
    thresholds,
)
from tools.grafana.parts import (
    WRITTEN,
    about_board,
    board,
    detail_link,
    page_link,
    point_variables,
    source_line,
)
from tools.grafana.queries import (
    BY_SIGNAL,
    BY_WAIT,
    CHOSEN,
    POINT,
    gauge,
    judged,
    kept_share,
    limit_of_wait,
    quantile,
    wrong,
)

_ANSWERS: Final = f'{CHOSEN}, wait=~"reply|follow_up"'
_PROMISE: Final = f'{CHOSEN}, wait="promise"'
_COMPLAINT: Final = f'{CHOSEN}, wait="complaint"'
_REPLY: Final = f'{CHOSEN}, wait="reply"'
_BLIND: Final = "not known: a system behind it is not being read"
_LINKS: Final = [detail_link("${__data.fields.Channel}", "${__data.fields.Name}"), page_link("${__data.fields.Name}")]


def _hours(seconds: float) -> str:
    """Opening hours are no days: 24 of them are three."""
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"


def _all(name: str, matchers: str) -> str:
    return f"sum ({gauge(name, BY_WAIT, matchers)})"


def _now() -> dashboard.Panel:
    """What awaits an answer at this moment, in a few figures."""
    soonest = f"min (contactpoint_next_due_timestamp_seconds{{{_ANSWERS}}}) - time()"
    over = {
        "mappings": [says({"0": ("✓ 0", GOOD)})],
        "unit": "prefix:▲ ",
        "thresholds": thresholds([Step(None, GOOD), Step(1, BAD)]),
    }
    return stats(
        "Now",
        About(
            "Letters and tickets that wait for us now, over all chosen contact points: unanswered, of these beyond the "
            "limit, the oldest in opening hours, and when the next limit falls; promises that are open and those past their "
            "moment; complaints past their deadline.",
            "contactpoint_waiting, contactpoint_overdue, contactpoint_oldest_wait_business_seconds, "
            "contactpoint_next_due_timestamp_seconds",
            "Answer what falls due next before what is already late: it can still be kept.",
        ),
        [
            Q(_all("waiting", _ANSWERS), "unanswered"),
            Q(_all("overdue", _ANSWERS), "over the limit"),
            Q(f"max (contactpoint_oldest_wait_business_seconds{{{_ANSWERS}}})", "oldest, opening hours"),
            Q(f"({soonest}) > 0", "next limit in"),
            Q(_all("waiting", _PROMISE), "promises open"),
            Q(_all("overdue", _PROMISE), "promises overdue"),
            Q(_all("overdue", _COMPLAINT), "complaints overdue"),
        ],
        (COLUMNS, 4),
        Look(COUNT, decimals=0, steps=[Step(None, PLAIN)], no_value=_BLIND),
        overrides=[
            column("over the limit", over),
            column("promises overdue", over),
            column("complaints overdue", over),
            column("oldest, opening hours", {"unit": CLOCK, "mappings": [says({"0": ("none", GOOD)})]}),
            column(
                "next limit in",
                {"unit": CLOCK, "color": dashboard.FieldColor(mode=dashboard.FieldColorModeId.FIXED, fixed_color=UNKNOWN)},
            ),
        ],
        sizes=(14, 28),
    )


def _unanswered() -> list[dashboard.Panel]:
    """What is unanswered now, by age and over time."""
    return [
        rows(
            "Unanswered, by age",
            About(
                "Each contact point: what is unanswered and still in time, what is over the limit, how old the oldest is in "
                "opening hours, and the limit. What is not known is left empty, which is not 0.",
                "contactpoint_waiting, contactpoint_overdue, contactpoint_oldest_wait_business_seconds, "
                "contactpoint_limit_seconds",
                "Begin at the top. The list of letters is behind the name.",
            ),
            [
                Q(f"{gauge('waiting', BY_WAIT, _ANSWERS)} - {gauge('overdue', BY_WAIT, _ANSWERS)}", form="table"),
                Q(gauge("overdue", BY_WAIT, _ANSWERS), form="table"),
                Q(gauge("oldest_wait_business_seconds", BY_WAIT, _ANSWERS), form="table"),
                Q(limit_of_wait("reply|follow_up"), form="table"),
            ],
            (12, 8),
            names={
                "contact_point": "Name",
                "channel": "Channel",
                "wait": "Wait",
                "Value #A": "In time",
                "Value #B": "Over the limit",
                "Value #C": "Oldest, opening hours",
                "Value #D": "Limit",
            },
            sort=("Over the limit", True),
            overrides=[
                column("Name", {"links": _LINKS}),
                column("Wait", {"mappings": [in_words(WAITS)]}),
                column(
                    "Over the limit",
                    {"thresholds": thresholds([Step(None, "transparent"), Step(1, BAD)]), "custom.cellOptions": background()},
                ),
                column("Oldest, opening hours", {"unit": CLOCK}),
                column("Limit", {"unit": CLOCK}),
            ],
            empty=_BLIND,
        ),
        lines(
            "Unanswered, over time",
            About(
                "Letters and tickets that awaited an answer at each moment: those in time and those over the limit, which "
                "together are all. A hole is a time of which nothing is known.",
                "contactpoint_waiting, contactpoint_overdue",
                "A stack that does not shrink during opening hours: more comes in than is answered.",
            ),
            [
                Q(f"{_all('waiting', _ANSWERS)} - {_all('overdue', _ANSWERS)}", "in time", now=False),
                Q(_all("overdue", _ANSWERS), "over the limit", now=False),
            ],
            (12, 8),
            Look(COUNT, decimals=0, min=0, no_value=_BLIND),
            stacked=True,
            steps=True,
            as_table=False,
        ),
    ]


def _replies() -> list[dashboard.Panel]:
    """How long first replies took."""
    taken = f"round(sum by (le) (increase(contactpoint_wait_seconds_bucket{{{_REPLY}}}[$__range])))"
    return [
        bars(
            "First replies, by opening hours taken",
            About(
                "How many first replies of the chosen time took up to so many opening hours, and more than the bar before. "
                "A bound that comes from your own configuration is written in seconds.",
                "contactpoint_wait_seconds where wait is reply",
                "Replies beyond the limit: see which hours they arrive in.",
            ),
            [Q(taken, "{{le}}", form="heatmap")],
            (8, 9),
            Look(COUNT, decimals=0, min=0, steps=[Step(None, PLAIN)], color="fixed", no_value="no first reply in this time"),
            names=bucket_names(BUCKETS["reply"], _hours),
        ),
        lines(
            "First replies: half, nine in ten, and the limit",
            About(
                "Of the first replies of the day before each moment: half took less than the first line, nine in ten less "
                "than the second, in opening hours. The dashed line is the configured limit.",
                "contactpoint_wait_seconds where wait is reply, contactpoint_limit_seconds",
                "The second line above the dashed one: more than one letter in ten was answered too late.",
            ),
            [
                Q(quantile(0.5, "wait_seconds", "1d", _REPLY), "half", now=False),
                Q(quantile(0.9, "wait_seconds", "1d", _REPLY), "nine in ten", now=False),
                Q(limit_of_wait("reply"), "limit {{contact_point}}", now=False),
            ],
            (8, 9),
            Look(CLOCK, min=0, no_value="no first reply in this time"),
            limits="/^limit /",
            as_table=False,
        ),
        heat(
            "First replies, spread over time",
            About(
                "How long first replies took in opening hours, over the chosen time: the darker, the more.",
                "contactpoint_wait_seconds where wait is reply",
                "A second band high up: letters that fell through.",
            ),
            Q(
                f"sum by (le) (increase(contactpoint_wait_seconds_bucket{{{_REPLY}}}[$__rate_interval]))",
                "{{le}}",
                now=False,
                form="heatmap",
            ),
            (8, 9),
            unit=CLOCK,
            empty="no first reply in this time",
        ),
    ]


def _promises() -> dashboard.Panel:
    """Promises that are open, due and not kept."""
    slipped = f'{CHOSEN}, signal="slipped_promise"'
    return rows(
        "Promises",
        About(
            "Promises we made in writing: open now, past their moment now, and when the next falls due; in the chosen time, "
            "how many came due, how many of them were not kept, and the share kept against its objective.",
            "contactpoint_waiting, contactpoint_overdue, contactpoint_next_due_timestamp_seconds, contactpoint_assessed_total, "
            "contactpoint_signals_total, contactpoint_objective_ratio",
            "Keep or renew what falls due next; a promise that is renewed in time is not broken.",
        ),
        [
            Q(gauge("waiting", POINT, _PROMISE), form="table"),
            Q(gauge("overdue", POINT, _PROMISE), form="table"),
            Q(f"({gauge('next_due_timestamp_seconds', POINT, _PROMISE)} - time()) > 0", form="table"),
            Q(judged(POINT, "$__range", slipped), form="table"),
            Q(wrong(POINT, "$__range", slipped), form="table"),
            Q(f"max by (channel, contact_point) ({kept_share('$__range', slipped)})", form="table"),
            Q(gauge("objective_ratio", POINT, slipped), form="table"),
        ],
        (12, 8),
        names={
            "contact_point": "Name",
            "channel": "Channel",
            "Value #A": "Open",
            "Value #B": "Overdue",
            "Value #C": "Next due in",
            "Value #D": "Came due",
            "Value #E": "Not kept",
            "Value #F": "Kept",
            "Value #G": "Objective",
        },
        sort=("Overdue", True),
        overrides=[
            column("Name", {"links": _LINKS}),
            column(
                "Overdue",
                {"thresholds": thresholds([Step(None, "transparent"), Step(1, BAD)]), "custom.cellOptions": background()},
            ),
            column("Next due in", {"unit": CLOCK}),
            column("Kept", {"unit": SHARE, "decimals": 1}),
            column("Objective", {"unit": SHARE, "decimals": 1}),
        ],
        empty=_BLIND,
    )


def _trouble() -> dashboard.Panel:
    """What customers came back for, what was passed around or escalated."""
    marks = f'{CHOSEN}, signal=~"reopened|passed_around|escalated|low_rating|late_resolution|complaint_overdue"'
    kept = kept_share("$__range", marks)
    return rows(
        "Came back, passed around, escalated",
        About(
            "In the chosen time: matters that the customer had to bring back, that changed hands too often, that were "
            "escalated, solved too late, or complaints not settled in time; of how many judged, and the share kept against "
            "its objective.",
            "contactpoint_signals_total less contactpoint_signals_retracted_total, contactpoint_assessed_total, "
            "contactpoint_objective_ratio",
            "Read five of the matters behind the name: the cause is usually one and the same.",
        ),
        [
            Q(judged(BY_SIGNAL, "$__range", marks), form="table"),
            Q(wrong(BY_SIGNAL, "$__range", marks), form="table"),
            Q(kept, form="table"),
            Q(gauge("objective_ratio", BY_SIGNAL, marks), form="table"),
            Q(f"({kept}) - {gauge('objective_ratio', BY_SIGNAL, marks)}", form="table"),
        ],
        (12, 8),
        names={
            "contact_point": "Name",
            "channel": "Channel",
            "signal": "Went wrong",
            "Value #A": "Judged",
            "Value #B": "Of these wrong",
            "Value #C": "Kept",
            "Value #D": "Objective",
            "Value #E": "Difference",
        },
        sort=("Difference", False),
        overrides=[
            column("Name", {"links": _LINKS}),
            column("Went wrong", {"mappings": [in_words(SIGNALS)]}),
            column("Kept", {"unit": SHARE, "decimals": 1}),
            column("Objective", {"unit": SHARE, "decimals": 1}),
            column(
                "Difference",
                {
                    "unit": SHARE,
                    "decimals": 1,
                    "thresholds": thresholds([Step(None, BAD), Step(0, PLAIN)]),
                    "custom.cellOptions": colored(),
                },
            ),
        ],
    )


def written() -> dashboard.Dashboard:
    """What written matters wait for us, are they answered in time, and do we keep what we promise?"""
    return board(
        WRITTEN,
        "E-mail and tickets",
        "What written matters wait for us, are they answered in time, and do we keep what we promise?",
        point_variables("email|ticket|chat"),
        [
            [source_line()],
            [_now()],
            _unanswered(),
            _replies(),
            [_promises(), _trouble()],
            [
                about_board(
                    "Shows the back office what awaits an answer and what was promised, before it is too late.",
                    "Back office.",
                    [
                        "Ages and reply times are in opening hours of the contact point: a letter of Friday evening is young "
                        "on Monday morning.",
                        "The tables *Promises* and *Came back…* count over the chosen time, everything called *now* is of "
                        "this moment.",
                        "A read mailbox answers nothing: whether it is our turn decides, not whether somebody opened the letter.",
                        "Names lead to the detail of the contact point or to the list of letters and tickets.",
                    ],
                )
            ],
        ],
        since="now-7d",
        refresh="1m",
    )
