"""The board of one contact point: who waits, how long it takes, what went wrong."""

from typing import Final

from grafana_foundation_sdk.models import dashboard

from monitor.domain.snapshot import RING_BUCKETS
from monitor.publish.words import SIGNALS, WAITS
from tools.grafana.kit import (
    BAD,
    CLOCK,
    COLUMNS,
    COUNT,
    PLAIN,
    SHARE,
    WARN,
    About,
    Look,
    Q,
    Step,
    background,
    bars,
    bucket_names,
    colored,
    column,
    heading,
    heat,
    in_words,
    lines,
    rows,
    thresholds,
)
from tools.grafana.parts import (
    DETAIL,
    about_board,
    board,
    choice,
    page_link,
    point_variables,
    source_line,
)
from tools.grafana.queries import (
    BY_SIGNAL,
    BY_WAIT,
    CHOSEN,
    counted,
    gauge,
    judged,
    kept_share,
    limit_of_wait,
    longest,
    quantile,
    wrong,
)

_WAIT: Final = f'{CHOSEN}, wait=~"$wait"'
_LINKS: Final = [page_link("${__data.fields.Name}")]


def _waiting() -> dashboard.Panel:
    """Who waits now, by wait."""
    due = gauge("next_due_timestamp_seconds", BY_WAIT)
    return rows(
        "Waiting now",
        About(
            "Customers waiting at this moment, by what for. 'Longest' counts by the clock where people ring, queue or are on "
            "hold, and in opening hours elsewhere. Nobody waiting shows as 0; what is not known is not listed.",
            "contactpoint_waiting, contactpoint_overdue, contactpoint_oldest_wait_start_timestamp_seconds, "
            "contactpoint_oldest_wait_business_seconds, contactpoint_next_due_timestamp_seconds, contactpoint_limit_seconds",
            "Begin with what is over the limit; the list of contacts is behind the name of the contact point.",
        ),
        [
            Q(gauge("waiting", BY_WAIT), form="table"),
            Q(gauge("overdue", BY_WAIT), form="table"),
            Q(longest(BY_WAIT, ".+"), form="table"),
            Q(f"({due} - time()) > 0", form="table"),
            Q(limit_of_wait(".+"), form="table"),
        ],
        (12, 9),
        names={
            "contact_point": "Name",
            "channel": "Channel",
            "wait": "Wait",
            "Value #A": "Waiting",
            "Value #B": "Over the limit",
            "Value #C": "Longest",
            "Value #D": "Next limit in",
            "Value #E": "Limit",
        },
        sort=("Waiting", True),
        overrides=[
            column("Name", {"links": _LINKS}),
            column("Wait", {"mappings": [in_words(WAITS)]}),
            column(
                "Over the limit",
                {"thresholds": thresholds([Step(None, "transparent"), Step(1, BAD)]), "custom.cellOptions": background()},
            ),
            column("Longest", {"unit": CLOCK}),
            column("Next limit in", {"unit": CLOCK}),
            column("Limit", {"unit": CLOCK}),
        ],
        empty="not known: a system behind this contact point is not being read",
    )


def _verdicts() -> dashboard.Panel:
    """Every signal against its objective in the chosen time."""
    kept = kept_share("$__range")
    return rows(
        "What went wrong in the chosen time",
        About(
            "Every signal with how often it was judged and how often it went wrong in the chosen time, as whole numbers, and the "
            "share that was kept against its objective. Difference below 0: the objective was missed. No figure where nothing "
            "was judged. Over the limit on the queue the share is formula SL-D.",
            "contactpoint_signals_total less contactpoint_signals_retracted_total, contactpoint_assessed_total, "
            "contactpoint_objective_ratio",
            "Begin at the top: the largest miss. The contacts themselves are behind the name of the contact point.",
        ),
        [
            Q(judged(BY_SIGNAL, "$__range"), form="table"),
            Q(wrong(BY_SIGNAL, "$__range"), form="table"),
            Q(kept, form="table"),
            Q(gauge("objective_ratio", BY_SIGNAL), form="table"),
            Q(f"({kept}) - {gauge('objective_ratio', BY_SIGNAL)}", form="table"),
        ],
        (12, 9),
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


def _over_time() -> list[dashboard.Panel]:
    """Who waited, and what went wrong, at each moment."""
    look = Look(COUNT, decimals=0, min=0, no_value="not known: a system behind this contact point is not being read")
    return [
        lines(
            "Waiting",
            About(
                "How many customers waited at each moment, by what for. A hole in the line is a time of which nothing is known.",
                "contactpoint_waiting",
                "A line that only rises: more comes in than is dealt with.",
            ),
            [Q(gauge("waiting", BY_WAIT), "{{contact_point}}: {{wait}}", now=False)],
            (12, 8),
            look,
            steps=True,
        ),
        lines(
            "Went wrong in the hour before",
            About(
                "At each moment, how many contacts had gone wrong in the hour before it, by signal. The hour is fixed "
                "whatever the zoom.",
                "contactpoint_signals_total less contactpoint_signals_retracted_total",
                "Compare with the line of those waiting: signals that rise with it are a matter of people on duty.",
            ),
            [Q(wrong(BY_SIGNAL, "1h"), "{{contact_point}}: {{signal}}", now=False)],
            (12, 8),
            look,
            steps=True,
        ),
    ]


def _per_wait() -> list[dashboard.Panel]:
    """How long each kind of wait took, repeated for each chosen wait."""
    return [
        heat(
            "$wait: how long, over time",
            About(
                "How long the waits that ended took: the darker, the more of them. Opening-hours time where the wait runs on "
                "a calendar.",
                "contactpoint_wait_seconds",
                "A band that climbs is a general slowdown; a second band high up is a group of customers who fell through.",
            ),
            Q(
                f"sum by (le) (increase(contactpoint_wait_seconds_bucket{{{_WAIT}}}[$__rate_interval]))",
                "{{le}}",
                now=False,
                form="heatmap",
            ),
            (12, 8),
            unit=CLOCK,
            empty="no wait of this kind ended in this time",
        ),
        lines(
            "$wait: half, nine in ten, and the limit",
            About(
                "Of the waits that ended in the hour before each moment: half were shorter than the first line, nine in ten "
                "shorter than the second. The dashed line is the configured limit. No line where no wait ended. The figures "
                "are estimated between the bounds of buckets, of which the limit is one: above or below the limit is exact.",
                "contactpoint_wait_seconds, contactpoint_limit_seconds",
                "The second line above the dashed one: more than one in ten waited too long.",
            ),
            [
                Q(quantile(0.5, "wait_seconds", "1h", _WAIT), "half", now=False),
                Q(quantile(0.9, "wait_seconds", "1h", _WAIT), "nine in ten", now=False),
                Q(limit_of_wait("$wait"), "limit {{contact_point}}", now=False),
            ],
            (12, 8),
            Look(CLOCK, min=0, no_value="no wait of this kind ended in this time"),
            limits="/^limit /",
            as_table=False,
        ),
    ]


def _phone() -> list[dashboard.Panel]:
    """Rings, outcomes and holds, for telephones only."""
    rings = f"round(sum by (le) (increase(contactpoint_rings_bucket{{{CHOSEN}}}[$__range])))"
    return [
        bars(
            "Rings heard",
            About(
                "How many callers heard how many rings until somebody answered or they gave up, in the chosen time. "
                "Each bar: up to so many rings, more than the bar before.",
                "contactpoint_rings",
                "Callers beyond the limit on rings count as 'rang too often'; move people to the hours in which they call.",
            ),
            [Q(rings, "{{le}}", form="heatmap")],
            (8, 9),
            Look(COUNT, decimals=0, min=0, steps=[Step(None, WARN)], color="fixed", no_value="no call in this time"),
            names=bucket_names(RING_BUCKETS, "{:g}".format),
        ),
        bars(
            "How contacts ended",
            About(
                "How contacts were decided in the chosen time, and whether within the target of the answer: answered, gave "
                "up, gave up at once, flowed out to another place, took a call back, replied to, resolved.",
                "contactpoint_outcomes_total",
                "Many 'abandoned': look at the queue above. Many 'flowed_out': look where they were sent.",
            ),
            [Q(counted("outcomes_total", ("outcome", "in_target"), "$__range"), "{{outcome}}, in target: {{in_target}}")],
            (8, 9),
            Look(COUNT, decimals=0, min=0, steps=[Step(None, PLAIN)], color="fixed", no_value="nothing was decided in this time"),
        ),
        lines(
            "On hold",
            About(
                "Callers on hold, and those held beyond the limit, at each moment.",
                "contactpoint_waiting and contactpoint_overdue where wait is hold",
                "Long holds come from questions that first line cannot answer: give it the answers, or call back instead.",
            ),
            [
                Q(gauge("waiting", ("contact_point",), f'{CHOSEN}, wait="hold"'), "{{contact_point}}: on hold", now=False),
                Q(gauge("overdue", ("contact_point",), f'{CHOSEN}, wait="hold"'), "{{contact_point}}: too long", now=False),
            ],
            (8, 9),
            Look(COUNT, decimals=0, min=0, no_value="no telephone, or a system behind it is not being read"),
            steps=True,
        ),
    ]


def detail() -> dashboard.Dashboard:
    """What goes on at one contact point, and what went wrong there?"""
    waits = choice("wait", "Wait", f"label_values(contactpoint_wait_seconds_count{{{CHOSEN}}}, wait)")
    return board(
        DETAIL,
        "Contact point – detail",
        "What goes on at one contact point, and what went wrong there?",
        [*point_variables(), waits],
        [
            [source_line()],
            [_waiting(), _verdicts()],
            _over_time(),
            [heading("How calls and contacts went")],
            _phone(),
            [heading("Wait: $wait", repeat="wait")],
            _per_wait(),
            [heading("About")],
            [
                about_board(
                    "Explains one contact point to the team that runs it: what waits, how long things take, what went wrong.",
                    "The team named in the configuration of the contact point.",
                    [
                        "Choose one contact point above. Several may be chosen; waits of a kind are then counted together.",
                        "The two tables are about now and about the chosen time; everything else is over time.",
                        "The name of a contact point leads to the monitor's own page, which lists the contacts behind the "
                        "figures. Its address is in the box *Pages of the monitor*.",
                        "A red line down the graphs marks a time in which a system could not be read.",
                    ],
                    (COLUMNS, 6),
                )
            ],
        ],
        since="now-6h",
        refresh="30s",
    )
