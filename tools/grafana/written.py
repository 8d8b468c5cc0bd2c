"""The board of e-mail and tickets: what is unanswered, how long replies take, what was promised."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from grafana_foundation_sdk.models import dashboard

from monitor.domain.snapshot import BUCKETS
from monitor.publish.words import SIGNALS, WAITS
from tools.grafana.looks import (
    BAD,
    COUNT,
    HOURS,
    NONE_IS_PLAIN,
    SECONDS,
    SERIES,
    SHARE,
    SIGNED,
    SOME_CELL,
    SOME_SERIES,
    Look,
    as_text,
    background,
    colored,
    column,
    fixed,
    in_words,
    of_query,
    thresholds,
    width,
)
from tools.grafana.panels import COLUMNS, About, Q, bars, bucket_names, heat, lines, rows, stats
from tools.grafana.parts import NAME_LINKS, WRITTEN, about_board, board, hidden_columns, point_variables, source_line
from tools.grafana.queries import (
    BY_SIGNAL,
    BY_WAIT,
    CHOSEN,
    HERE,
    POINT,
    age,
    counted,
    gauge,
    here,
    in_units,
    judged,
    kept_share,
    limit_of_wait,
    or_sentence,
    points,
    quantile,
    titled,
    wrong,
)

_WRITTEN: Final = 'channel=~"email|ticket|chat"'
_ANSWERS: Final = f'{CHOSEN}, {_WRITTEN}, wait=~"reply|follow_up"'
_PROMISE: Final = f'{CHOSEN}, {_WRITTEN}, wait="promise"'
_COMPLAINT: Final = f'{CHOSEN}, {_WRITTEN}, wait="complaint"'
_REPLY: Final = f'{CHOSEN}, {_WRITTEN}, wait="reply"'
#: The column that says by how many points an objective was kept or missed.
_AGAINST: Final = width(140) | {"mappings": SIGNED, "custom.align": "right", "custom.cellOptions": colored()}
_NOT_KNOWN: Final = "nothing, or not known: see the first line"


def _hours(seconds: float) -> str:
    """Opening hours are no days: 24 of them are three."""
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"


def _all(name: str, matchers: str) -> str:
    return f"sum({here(gauge(name, BY_WAIT, matchers))})"


def _now() -> dashboard.Panel:
    """What awaits an answer at this moment, in a few figures."""
    soonest = here(f"min by (channel, contact_point) (contactpoint_next_due_timestamp_seconds{{{_ANSWERS}}}) - time() > 0")
    passed = {"thresholds": thresholds(NONE_IS_PLAIN)}
    return stats(
        "Now",
        About(
            "Letters and tickets that wait for us now, over all chosen contact points: unanswered, of these beyond the limit, "
            "the age of the oldest by the clock, and when the next limit falls; promises that are open and those past their "
            "moment; complaints past their deadline. What is not known is in no figure.",
            "contactpoint_waiting, contactpoint_overdue, contactpoint_oldest_wait_start_timestamp_seconds, "
            "contactpoint_next_due_timestamp_seconds",
            "Answer what falls due next before what is already late: it can still be kept.",
        ),
        [
            Q(_all("waiting", _ANSWERS), "unanswered"),
            Q(_all("overdue", _ANSWERS), "over the limit"),
            Q(f"max({here(age('reply|follow_up'))})", "oldest"),
            Q(f"min({soonest})", "next limit in"),
            Q(_all("waiting", _PROMISE), "promises open"),
            Q(_all("overdue", _PROMISE), "promises overdue"),
            Q(_all("overdue", _COMPLAINT), "complaints overdue"),
        ],
        (COLUMNS, 4),
        Look(COUNT, decimals=0, no_value="NO DATA about letters: see the first line"),
        overrides=[
            of_query("B", passed),
            of_query("C", {"unit": SECONDS}),
            of_query("D", {"unit": SECONDS}),
            of_query("F", passed),
            of_query("G", passed),
        ],
        sizes=(14, 30),
    )


def _unanswered() -> Sequence[dashboard.Panel]:
    """What is unanswered now, worst first, and over time."""
    some = f"and on (channel, contact_point, wait) ({gauge('waiting', BY_WAIT, _ANSWERS)} > 0)"
    over = titled(f"{gauge('overdue', BY_WAIT, _ANSWERS)} {some}")
    opening_hours = f"{gauge('oldest_wait_business_seconds', BY_WAIT, _ANSWERS)} / 3600"
    return [
        rows(
            "Unanswered, most over the limit first",
            About(
                "Each contact point where something is unanswered: how much is over the limit, how much waits in all, how old "
                "the oldest is by the clock and in opening hours, and the limit, which runs in opening hours.",
                "contactpoint_waiting, contactpoint_overdue, contactpoint_oldest_wait_start_timestamp_seconds, "
                "contactpoint_oldest_wait_business_seconds, contactpoint_limit_seconds",
                "Begin at the top. The list of letters is behind the name.",
            ),
            [
                Q(
                    or_sentence(
                        or_sentence(over, "wait", "nothing is unanswered", here(gauge("waiting", POINT, _ANSWERS))),
                        "wait",
                        "? not known",
                        HERE,
                    ),
                    form="table",
                ),
                Q(f"{gauge('waiting', BY_WAIT, _ANSWERS)} > 0", form="table"),
                Q(f"({in_units(age('reply|follow_up'), 'oldest')}) {some}", form="table"),
                Q(f"{opening_hours} {some}", form="table"),
                Q(f"({limit_of_wait('reply|follow_up')}) / 3600 {some}", form="table"),
            ],
            (14, 9),
            names={
                "title": "Contact point",
                "wait": "What waits",
                "Value #A": "Over",
                "Value #B": "Waiting",
                "oldest": "Oldest",
                "Value #D": "Open hours",
                "Value #E": "Limit",
                "contact_point": "Name",
                "channel": "Channel",
            },
            hidden=["Value #C"],
            sort=("Over", True),
            overrides=[
                *hidden_columns("Name", "Channel"),
                column("Contact point", {"links": NAME_LINKS}),
                column("What waits", width(170) | {"mappings": [in_words(WAITS)]}),
                column("Over", width(80) | {"thresholds": thresholds(SOME_CELL), "custom.cellOptions": background()}),
                column("Waiting", width(75)),
                column("Oldest", width(75) | {"custom.align": "right"}),
                column("Open hours", width(100) | {"unit": HOURS, "decimals": 0}),
                column("Limit", width(65) | {"unit": HOURS}),
            ],
            empty="nothing is unanswered, or it is not known: see the first line",
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
            (10, 9),
            Look(COUNT, decimals=0, min=0, no_value=_NOT_KNOWN),
            stacked=True,
            steps=True,
            overrides=[column("in time", {"color": fixed(SERIES)}), column("over the limit", {"color": fixed(BAD)})],
        ),
    ]


def _reply_buckets() -> dict[str, str]:
    """Names of the buckets of first replies: each holds what took longer than the bound before it."""
    bounds = sorted(BUCKETS["reply"])
    before = {high: low for low, high in pairwise(bounds)}

    def name(bound: float) -> str:
        return f"{_hours(before[bound])} to {_hours(bound)}" if bound in before else f"up to {_hours(bound)}"

    return bucket_names(bounds, name, f"over {_hours(bounds[-1])}")


def _replies() -> Sequence[dashboard.Panel]:
    """How long first replies took."""
    taken = f"round(sum by (le) (increase(contactpoint_wait_seconds_bucket{{{_REPLY}}}[$__range])))"
    limits = here(limit_of_wait("reply"))
    return [
        bars(
            "First replies, by opening hours taken",
            About(
                "How many first replies of the chosen time took so many opening hours. A bound that comes from your own "
                "configuration is written in seconds.",
                "contactpoint_wait_seconds where wait is reply",
                "Replies beyond the limit: see which hours they arrive in.",
            ),
            [Q(taken, "{{le}}", form="heatmap")],
            (8, 10),
            Look(COUNT, decimals=0, min=0, steps=SOME_SERIES, no_value="no first reply in this time"),
            names=_reply_buckets(),
        ),
        lines(
            "First replies: half, nine in ten, and the limit",
            About(
                "Of the first replies of the day before each moment: half took less than the first line, nine in ten less than "
                "the second, in opening hours. The dashed lines are the configured limit, the lowest and the highest where the "
                "chosen contact points differ.",
                "contactpoint_wait_seconds where wait is reply, contactpoint_limit_seconds",
                "The second line above the dashed one: more than one letter in ten was answered too late.",
            ),
            [
                Q(f"({quantile(0.5, 'wait_seconds', '1d', _REPLY)}) / 3600", "half", now=False),
                Q(f"({quantile(0.9, 'wait_seconds', '1d', _REPLY)}) / 3600", "nine in ten", now=False),
                Q(f"min({limits}) / 3600", "limit", now=False),
                Q(f"max({limits}) / 3600 > min({limits}) / 3600", "limit, the highest", now=False),
            ],
            (8, 10),
            Look(HOURS, min=0, no_value="no first reply in this time"),
            limits="/^limit/",
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
            (8, 10),
            unit=SECONDS,
            empty="no first reply in this time",
        ),
    ]


def _promises() -> dashboard.Panel:
    """Promises that are open, and what became of those that were made."""
    slipped = f'{CHOSEN}, {_WRITTEN}, signal="slipped_promise"'
    made, late = (counted(f"promises_{what}_total", POINT, "$__range", f"{CHOSEN}, {_WRITTEN}") for what in ("made", "kept_late"))
    came_due, broken = judged(POINT, "$__range", slipped), wrong(POINT, "$__range", slipped)
    open_ = gauge("waiting", POINT, _PROMISE)
    kept = f"max by (channel, contact_point) ({kept_share('$__range', slipped)})"
    against = f"({kept}) - {gauge('objective_ratio', POINT, slipped)}"
    some = f"and on (channel, contact_point) ({open_} > 0 or {made} > 0 or {came_due} > 0 or {late} > 0)"
    return rows(
        "Promises, most overdue first",
        About(
            "Where a promise is open, or was made or came due in the chosen time: past their moment now, open now, and when the "
            "next falls due; in the chosen time, how many were made, kept in time, broken, and kept after all though too late, "
            "which leaves them broken; of those that came due the share that was kept in time, and by how many points it lies "
            "above or below its objective. What is made today may come due next week: made is no sum of the others.",
            "contactpoint_waiting, contactpoint_overdue, contactpoint_next_due_timestamp_seconds, "
            "contactpoint_promises_made_total, contactpoint_promises_kept_late_total, contactpoint_assessed_total, "
            "contactpoint_signals_total less contactpoint_signals_retracted_total, contactpoint_objective_ratio",
            "Keep or renew what falls due next; a promise that is renewed in time is not broken.",
        ),
        [
            Q(
                or_sentence(
                    titled(f"{made} {some}"),
                    "title",
                    "no promise is open, and none was made or came due in this time",
                    here(open_),
                ),
                form="table",
            ),
            Q(here(f"{gauge('overdue', POINT, _PROMISE)} {some}"), form="table"),
            Q(here(f"{open_} {some}"), form="table"),
            Q(f"(({gauge('next_due_timestamp_seconds', POINT, _PROMISE)} - time()) > 0) {some}", form="table"),
            Q(here(f"clamp_min({came_due} - {broken}, 0) {some}"), form="table"),
            Q(here(f"{broken} {some}"), form="table"),
            Q(here(f"{late} {some}"), form="table"),
            Q(here(f"{kept} {some}"), form="table"),
            Q(here(f"{points(against)} {some}"), form="table"),
        ],
        (COLUMNS, 8),
        names={
            "title": "Contact point",
            "Value #B": "Overdue",
            "Value #C": "Open",
            "Value #D": "Next due in",
            "Value #A": "Made",
            "Value #E": "Kept in time",
            "Value #F": "Broken",
            "Value #G": "Kept late",
            "Value #H": "Share kept",
            "Value #I": "Against objective",
            "contact_point": "Name",
            "channel": "Channel",
        },
        sort=("Overdue", True),
        then=("Broken", True),
        overrides=[
            *hidden_columns("Name", "Channel"),
            column("Contact point", {"links": NAME_LINKS}),
            column("Overdue", width(105) | {"thresholds": thresholds(SOME_CELL), "custom.cellOptions": background()}),
            column("Open", width(75)),
            column("Next due in", width(110) | {"unit": SECONDS, "decimals": 0}),
            column("Made", width(80)),
            column("Kept in time", width(110)),
            column("Broken", width(90)),
            column("Kept late", width(95)),
            column("Share kept", width(105) | {"unit": SHARE, "decimals": 1}),
            column("Against objective", _AGAINST),
        ],
        merged=[as_text("Value #I")],
        empty="no promise is open, was made or came due, or it is not known: see the first line",
    )


def _judged(title: str, about: About, signals: str, nothing: str, *, only_wrong: bool) -> dashboard.Panel:
    """Contact points by signal, furthest below the objective first. `only_wrong`: none where all went well."""
    bad, all_ = wrong(BY_SIGNAL, "$__range", signals), judged(BY_SIGNAL, "$__range", signals)
    some = f"and on (channel, contact_point, signal) ({bad if only_wrong else all_} > 0)"
    kept, objective = kept_share("$__range", signals), gauge("objective_ratio", BY_SIGNAL, signals)
    worst = f"{points(f'({kept}) - {objective}')} {some}"
    return rows(
        title,
        about,
        [
            Q(f"sort({or_sentence(titled(worst), 'signal', nothing, HERE)})", form="table"),
            Q(here(f"{bad} {some}"), form="table"),
            Q(here(f"{all_} {some}"), form="table"),
            Q(here(f"{kept} {some}"), form="table"),
            Q(here(f"{objective} {some}"), form="table"),
        ],
        (COLUMNS, 7),
        names={
            "title": "Contact point",
            "signal": "What went wrong",
            "Value #B": "Went wrong",
            "Value #C": "Judged",
            "Value #D": "Kept",
            "Value #E": "Objective",
            "Value #A": "Against objective",
            "contact_point": "Name",
            "channel": "Channel",
        },
        overrides=[
            *hidden_columns("Name", "Channel"),
            column("Contact point", {"links": NAME_LINKS}),
            column("What went wrong", width(240) | {"mappings": [in_words(SIGNALS)]}),
            column("Went wrong", width(110)),
            column("Judged", width(90)),
            column("Kept", width(80) | {"unit": SHARE, "decimals": 1}),
            column("Objective", width(100) | {"unit": SHARE, "decimals": 0}),
            column("Against objective", _AGAINST),
        ],
        merged=[as_text("Value #A")],
        empty=nothing,
    )


def _returns() -> dashboard.Panel:
    """Customers who came again, or anew on another channel: counted where they came, which may be the telephone."""
    return _judged(
        "Had to contact us again, had to start anew: furthest below the objective first",
        About(
            "In the chosen time, of the contacts that known customers began: those who had come before and had to contact us "
            "again, on whatever channel, and those who had to start anew on another channel while they still waited on the "
            "first. Of how many judged, the share without it, the objective, and by how many points it lies above or below. It "
            "is counted where the customer came the second time: with all contact points chosen the telephone is here as well.",
            "contactpoint_signals_total less contactpoint_signals_retracted_total, contactpoint_assessed_total, "
            "contactpoint_objective_ratio",
            "Read five of the contacts behind the name. Who comes again: what did the first answer leave out? Who starts anew: "
            "where does the first question still wait?",
        ),
        f'{CHOSEN}, signal=~"repeat_contact|lost_context"',
        "no contact of a known customer was judged in this time",
        only_wrong=False,
    )


def _trouble() -> dashboard.Panel:
    """What customers came back for, what was passed around or escalated."""
    return _judged(
        "Came back, passed around, escalated: furthest below the objective first",
        About(
            "In the chosen time, where it happened: matters that the customer had to bring back, that changed hands too often, "
            "that were escalated, solved too late, or complaints not settled in time; of how many judged, the share kept, the "
            "objective, and by how many points it lies above or below.",
            "contactpoint_signals_total less contactpoint_signals_retracted_total, contactpoint_assessed_total, "
            "contactpoint_objective_ratio",
            "Read five of the matters behind the name: the cause is usually one and the same.",
        ),
        f'{CHOSEN}, {_WRITTEN}, signal=~"reopened|passed_around|escalated|low_rating|late_resolution|complaint_overdue"',
        "nothing of this kind in this time",
        only_wrong=True,
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
            [_promises()],
            [_returns()],
            [_trouble()],
            [
                about_board(
                    "Shows the back office what awaits an answer and what was promised, before it is too late.",
                    "Back office.",
                    [
                        "*Oldest* is by the clock, as the customer counts; *open hours*, limits and reply times are in opening "
                        "hours of the contact point: a letter of Friday evening is young on Monday morning.",
                        "The tables *Promises*, *Had to contact us again…* and *Came back…* count over the chosen time; "
                        "everything called *now* and what is overdue, open or due next is of this moment.",
                        "A promise that was kept too late is broken, and counts as *kept late* besides. Promises of the "
                        "telephone are on the detail of its contact points.",
                        "A read mailbox answers nothing: whether it is our turn decides, not whether somebody opened the letter.",
                        "Names lead to the detail of the contact point or to the list of letters and tickets.",
                    ],
                )
            ],
        ],
        since="now-7d",
        refresh="1m",
    )
