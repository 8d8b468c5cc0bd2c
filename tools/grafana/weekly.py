"""The board of managers: thirteen weeks against the objectives, in whole numbers, worst first."""

from typing import Final

from grafana_foundation_sdk.models import dashboard

from monitor.publish.words import SIGNALS
from tools.grafana.kit import (
    BAD,
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
    colored,
    column,
    columns_like,
    in_words,
    rows,
    says,
    shown,
    stats,
    thresholds,
    transform,
    weeks,
)
from tools.grafana.parts import (
    WEEKLY,
    about_board,
    board,
    choice,
    detail_link,
    page_link,
    point_variables,
    source_line,
)
from tools.grafana.queries import BY_SIGNAL, CHOSEN, gauge, of_week, share_of_week

_OBJECTIVE: Final = gauge("objective_ratio", BY_SIGNAL)
_MARGIN: Final = f"({share_of_week(1)}) - {_OBJECTIVE}"
_KEYS: Final = {"contact_point": "Contact point", "channel": "Channel", "signal": "What went wrong"}
_POINTS_OFF: Final = {
    "unit": SHARE,
    "decimals": 1,
    "thresholds": thresholds([Step(None, BAD), Step(0, PLAIN)]),
    "custom.cellOptions": colored(),
}
_COMMON: Final = [
    column(
        "Contact point",
        {
            "links": [
                detail_link("${__data.fields.Channel}", '${__data.fields["Contact point"]}'),
                page_link('${__data.fields["Contact point"]}'),
            ]
        },
    ),
    column("What went wrong", {"mappings": [in_words(SIGNALS)]}),
    columns_like("/^(Kept|Objective|Week before)/", {"unit": SHARE, "decimals": 1}),
    columns_like("/^(Above|Better)/", _POINTS_OFF),
]
_EXACT: Final = "contactpoint_report_week_assessed, contactpoint_report_week_signals, contactpoint_objective_ratio"
_NOTHING: Final = "nothing was judged in that week"


def _headline() -> dashboard.Panel:
    """The last full week in a few figures."""
    met = f"count({_MARGIN} >= 0)"
    return stats(
        "Last full week",
        About(
            "Over all chosen contact points, in the last full week: how many objectives were missed and how many met, how many "
            "contacts went wrong and of how many, and how many went wrong in the week before.",
            _EXACT,
            "If objectives were missed, the table below names them, worst first.",
        ),
        [
            Q(f"count({_MARGIN} < 0) or 0 * {met}", "objectives missed"),
            Q(f"{met} or 0 * count({_MARGIN} < 0)", "objectives met"),
            Q(f"sum({of_week('signals', 1)})", "went wrong"),
            Q(f"sum({of_week('assessed', 1)})", "judged"),
            Q(f"sum({of_week('signals', 2)})", "went wrong in the week before"),
        ],
        (COLUMNS, 4),
        Look(COUNT, decimals=0, steps=[Step(None, PLAIN)], no_value=_NOTHING),
        overrides=[
            column(
                "objectives missed",
                {
                    "mappings": [says({"0": ("✓ 0", GOOD)})],
                    "unit": "prefix:▲ ",
                    "thresholds": thresholds([Step(None, GOOD), Step(1, BAD)]),
                },
            ),
            column(
                "went wrong in the week before",
                {"color": dashboard.FieldColor(mode=dashboard.FieldColorModeId.FIXED, fixed_color=UNKNOWN)},
            ),
        ],
        sizes=(14, 30),
    )


def _last_week() -> dashboard.Panel:
    """The last full week: every signal against its objective and the week before."""
    last, before = share_of_week(1), share_of_week(2)
    return rows(
        "Last full week against the objectives, worst first",
        About(
            "Every contact point and everything that can go wrong there: how many contacts were judged and how many went "
            "wrong, the share that went well, the objective, and how far above or below it that is; then the week before and "
            "the change. Whole numbers from the monitor's own records. A week runs from Monday to Sunday where the contact "
            "point is.",
            _EXACT,
            "Start at the top. The contacts themselves are behind the name of the contact point.",
        ),
        [
            Q(of_week("assessed", 1), form="table"),
            Q(of_week("signals", 1), form="table"),
            Q(last, form="table"),
            Q(f"{_OBJECTIVE} and on (channel, contact_point, signal) {of_week('assessed', 1)}", form="table"),
            Q(_MARGIN, form="table"),
            Q(f"{before} and on (channel, contact_point, signal) {of_week('assessed', 1)}", form="table"),
            Q(f"({last}) - ({before})", form="table"),
        ],
        (COLUMNS, 10),
        names={
            **_KEYS,
            "Value #A": "Judged",
            "Value #B": "Went wrong",
            "Value #C": "Kept",
            "Value #D": "Objective",
            "Value #E": "Above objective",
            "Value #F": "Week before",
            "Value #G": "Better than the week before",
        },
        sort=("Above objective", False),
        overrides=_COMMON,
        empty=_NOTHING,
    )


def _this_week() -> dashboard.Panel:
    """The running week, and what may still go wrong in it."""
    assessed = of_week("assessed", 0)
    allowed = f"floor((1 - {_OBJECTIVE}) * {assessed})"
    return rows(
        "This week so far",
        About(
            "The running week: judged, gone wrong, and how many more may go wrong among those judged so far before the "
            "objective is missed. Below 0 the objective is missed as things stand. The week is not over: figures still move.",
            _EXACT,
            "Where nothing is left, tell the team today rather than in next week's report.",
        ),
        [
            Q(assessed, form="table"),
            Q(of_week("signals", 0), form="table"),
            Q(share_of_week(0), form="table"),
            Q(f"{_OBJECTIVE} and on (channel, contact_point, signal) {assessed}", form="table"),
            Q(f"{allowed} - {of_week('signals', 0)}", form="table"),
        ],
        (12, 10),
        names={
            **_KEYS,
            "Value #A": "Judged",
            "Value #B": "Went wrong",
            "Value #C": "Kept",
            "Value #D": "Objective",
            "Value #E": "May still go wrong",
        },
        sort=("May still go wrong", False),
        overrides=[
            *_COMMON,
            column(
                "May still go wrong",
                {"thresholds": thresholds([Step(None, BAD), Step(0, PLAIN)]), "custom.cellOptions": colored()},
            ),
        ],
        empty="nothing was judged in this week yet",
    )


def _matrix() -> dashboard.Panel:
    """Thirteen weeks of every signal, above or below its objective."""
    signals, assessed = (
        f"max by (channel, contact_point, signal, week_start) (contactpoint_report_week_{name}{{{_SIGNAL}}})"
        for name in ("signals", "assessed")
    )
    margin = f"1 - {signals} / ({assessed} > 0) - on (channel, contact_point, signal) group_left () {_OBJECTIVE}"
    readable = [
        dashboard.RegexMap(
            dashboard.DashboardRegexMapOptions(f"^(.*) · {signal}$", dashboard.ValueMappingResult(f"$1: {words.one}", index=at))
        )
        for at, (signal, words) in enumerate(SIGNALS.items())
    ]
    return rows(
        "Thirteen weeks: above or below the objective",
        About(
            "One column for each week, named after its Monday; the last column is the running week. The figure is the share that "
            "went well less the objective: −3 % means three in a hundred too many went wrong. Empty: nothing was judged.",
            _EXACT,
            "A row that stays below 0 for weeks needs a decision, not a reminder.",
        ),
        [Q(f'label_join({margin}, "what", " · ", "contact_point", "signal")', form="table")],
        (COLUMNS, 11),
        names={},
        overrides=[
            columns_like("/^[0-9]/", _POINTS_OFF),
            columns_like("/^what/", {"mappings": readable, "displayName": "Contact point: what went wrong", "custom.width": 320}),
        ],
        transformations=[
            transform("sortBy", {"fields": {}, "sort": [{"field": "week_start", "desc": False}]}),
            transform(
                "groupingToMatrix",
                {"columnField": "week_start", "rowField": "what", "valueField": "Value", "emptyValue": "null"},
            ),
        ],
        empty="no week has been judged yet",
    )


_SIGNAL: Final = f'{CHOSEN}, signal=~"$signal"'


def _trend() -> list[dashboard.Panel]:
    """What was judged and what went wrong over thirteen weeks, for what is chosen."""
    by_week = "sum by (week_start) (contactpoint_report_week_{}{{{}}})"
    assessed, signals = by_week.format("assessed", _SIGNAL), by_week.format("signals", _SIGNAL)
    wanted = (
        f"sum by (week_start) (contactpoint_report_week_assessed{{{_SIGNAL}}} * on (channel, contact_point, signal) "
        f"group_left () {_OBJECTIVE}) / ({assessed} > 0)"
    )

    def prepared(*values: str) -> list[dashboard.DataTransformerConfig]:
        names = {"week_start": "Week starting"} | {f"Value #{chr(65 + at)}": value for at, value in enumerate(values)}
        in_order = transform("sortBy", {"fields": {}, "sort": [{"field": "Week starting", "desc": False}]})
        return [transform("merge", {}), shown(names), in_order]

    return [
        weeks(
            "Judged and gone wrong, week by week",
            About(
                "Whole numbers for each of the last 13 weeks and the running one, over what is chosen above.",
                _EXACT,
                "Look whether more went wrong because more came in, or although it did not.",
            ),
            [Q(assessed, form="table"), Q(signals, form="table")],
            (12, 10),
            Look(COUNT, decimals=0, min=0, no_value="no week has been judged yet"),
            prepared("Judged", "Went wrong"),
            "Week starting",
        ),
        weeks(
            "Share kept, and the objective, week by week",
            About(
                "The share of all judged contacts that went well in each week, and the objective beside it; over several "
                "contact points or signals both are weighed by how many were judged.",
                _EXACT,
                "Choose one contact point and one signal above to see it alone.",
            ),
            [Q(f"1 - {signals} / ({assessed} > 0)", form="table"), Q(wanted, form="table")],
            (12, 10),
            Look(SHARE, decimals=1, min=0, max=1, no_value="no week has been judged yet"),
            prepared("Kept", "Objective"),
            "Week starting",
        ),
    ]


def weekly() -> dashboard.Dashboard:
    """Did we keep our objectives last week, and are we getting better?"""
    signal = choice("signal", "What went wrong", f"label_values(contactpoint_report_week_assessed{{{CHOSEN}}}, signal)")
    this_week, trend = _this_week(), _trend()
    return board(
        WEEKLY,
        "Weekly service levels",
        "Did we keep our objectives last week, and are we getting better?",
        [*point_variables(), signal],
        [
            [source_line()],
            [_headline()],
            [_last_week()],
            [_matrix()],
            trend,
            [
                this_week,
                about_board(
                    "Tells managers whether the objectives were kept, week by week, in figures that can be counted by hand.",
                    "Head of service.",
                    [
                        "All figures are whole weeks, Monday to Sunday, in the time zone of each contact point; there is no "
                        "time to choose.",
                        "*Judged* is how many contacts could have gone wrong, *went wrong* how many did. What came to "
                        "nothing counts in neither.",
                        "The share kept of the waiting time in the queue is the service level by formula SL-D: "
                        "who gives up before the limit is left out.",
                        "No figure means nothing was judged; that is not 100 %.",
                        "The step to the next week is made at midnight UTC between Sunday and Monday.",
                    ],
                    (12, 10),
                ),
            ],
        ],
        since="now-7d",
        refresh="15m",
        picker=False,
        timezone="utc",
    )
