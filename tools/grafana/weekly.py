"""The board of managers: thirteen weeks against the objectives, in whole numbers, worst first."""

from typing import Final

from grafana_foundation_sdk.models import dashboard

from monitor.publish.words import CHANNELS, SIGNALS
from tools.grafana.looks import (
    BAD,
    COUNT,
    MISSED_CELL,
    NEUTRAL,
    NO_DATA,
    NONE_IS_GOOD,
    SERIES,
    SHARE,
    SIGNED,
    SIGNED_SHORT,
    SOME_CELL,
    Look,
    as_text,
    background,
    colored,
    column,
    columns_like,
    fixed,
    in_words,
    matching,
    of_query,
    says,
    shown,
    thresholds,
    transform,
    width,
)
from tools.grafana.panels import COLUMNS, About, Q, by_week, lines, rows, stats, weeks
from tools.grafana.parts import (
    NAME_LINKS,
    WEEKLY,
    about_board,
    board,
    choice,
    hidden_columns,
    point_variables,
    source_line,
)
from tools.grafana.queries import (
    BY_SIGNAL,
    CHOSEN,
    HERE,
    NOT_KNOWN,
    each_week,
    gauge,
    here,
    near_a_page,
    of_first_signal,
    of_week,
    or_sentence,
    points,
    share_of_week,
    short_week,
    titled,
    too_many,
    week_starting,
)

_OBJECTIVE: Final = gauge("objective_ratio", BY_SIGNAL)
_EXACT: Final = "contactpoint_report_week_assessed, contactpoint_report_week_signals, contactpoint_objective_ratio"
_NOTHING: Final = says({str(NOT_KNOWN): ("nothing judged", NEUTRAL)})
_NO_WEEK: Final = "no week has been judged yet"
_NO_FULL_WEEK: Final = "no full week has been judged yet; the running one is below"

#: Where a source could tell nothing about a span of the last fourteen days, in which the last full week lies.
_GAP: Final = here(
    "max by (channel, contact_point) (contactpoint_source_info * on (source) group_left () "
    "(max by (source) (increase(contactpoint_source_gap_seconds_total[14d])) > 0))"
)


def _or_why(expr: str) -> str:
    """`expr` of the last full week; where it brings nothing, one line that says why, the first that is true."""
    found = or_sentence(expr, "signal", "every objective was kept", of_week("assessed", 1))
    earlier = f"{each_week('assessed')} unless on (week_start) {week_starting(0)}"
    found = or_sentence(found, "signal", "no full week yet", f"({of_week('assessed', 0)}) unless on () ({here(earlier)})")
    return or_sentence(or_sentence(found, "signal", "a source had a gap", _GAP), "signal", "nothing was judged", HERE)


def _headline() -> dashboard.Panel:
    """The last full week and the one before in a few figures."""
    missed, missed_before = (f"count(({too_many(week)}) > 1e-9)" for week in (1, 2))
    judged, judged_before = (f"count({of_week('assessed', week)})" for week in (1, 2))
    nothing = f"{NOT_KNOWN} * max({HERE})"
    return stats(
        "Last full week",
        About(
            "Over all chosen contact points, in the last full week: how many objectives were missed, of how many; how many "
            "contacts went wrong beyond what the objectives allow; and how many objectives were missed in the week before. Where "
            "nothing was judged in that week, the table below says why.",
            _EXACT,
            "If objectives were missed, the table below names them, worst first.",
        ),
        [
            Q(f"{missed} or 0 * {judged} or {nothing}", "objectives missed"),
            Q(f"{judged} or {nothing}", "of"),
            Q(f"ceil(sum(({too_many(1)}) > 1e-9) - 1e-6) or 0 * {judged} or {nothing}", "contacts too many"),
            Q(f"sum({of_week('assessed', 1)}) or {nothing}", "judged"),
            Q(f"{missed_before} or 0 * {judged_before} or {nothing}", "missed in the week before"),
        ],
        (COLUMNS, 4),
        Look(COUNT, decimals=0, mappings=[_NOTHING], no_value=NO_DATA),
        overrides=[
            of_query("A", {"thresholds": thresholds(NONE_IS_GOOD)}),
            of_query("C", {"thresholds": thresholds(NONE_IS_GOOD)}),
        ],
    )


def _weekly_counts() -> dashboard.Panel:
    """How many objectives were missed in each week."""
    share = f"{each_week('signals', _SIGNAL)} / ({each_week('assessed', _SIGNAL)} > 0)"
    against = f"({share}) - on (channel, contact_point, signal) group_left () (1 - {_OBJECTIVE})"
    missed, kept = f"count by (week_start) (({here(against)}) > 1e-9)", f"count by (week_start) ({here(against)})"
    return weeks(
        "Objectives missed, week by week",
        About(
            "How many objectives were missed in each of the last thirteen weeks, over all that is chosen, named after their "
            "Mondays; the last column is the running week, which is not over.",
            _EXACT,
            "Columns that grow to the right need a decision, not a reminder.",
        ),
        [Q(_named_weeks(f"{missed} or 0 * {kept}"), form="table")],
        (12, 8),
        Look(COUNT, decimals=0, min=0, no_value=_NO_WEEK),
        x_field="Week",
        overrides=[column("Objectives missed", {"color": fixed(BAD)})],
        transformations=[_oldest_first(), shown({"week": "Week", "Value": "Objectives missed"}, ["week_start"])],
    )


def _named_weeks(expr: str) -> str:
    """`expr` by week, each called by its Monday; the running week says that it is not over."""
    this_week = week_starting(0)
    running = f'label_replace(({expr}) and on (week_start) {this_week}, "week", "so far", "", "")'
    return f"{running} or {short_week(f'({expr}) unless on (week_start) {this_week}')}"


def _oldest_first() -> dashboard.DataTransformerConfig:
    return transform("sortBy", {"fields": {}, "sort": [{"field": "week_start", "desc": False}]})


def _weekly_share() -> dashboard.Panel:
    """The share kept in each week, and the objective."""
    judged, wrong = (here(of_first_signal(each_week(name))) for name in ("assessed", "signals"))
    weighed = f"sum by (week_start) (({judged}) * on (channel, contact_point, signal) group_left () {_OBJECTIVE})"
    all_ = f"(sum by (week_start) ({judged}) > 0)"
    return by_week(
        "Kept, against the objective, week by week",
        About(
            "Of all contacts that were judged by the first signal of their contact point (queue, else rings, else first "
            "reply), the share that went well in each week, and the objective as a dashed line; over several contact points "
            "both are weighed by how many were judged. The last point is the running week, which is not over.",
            _EXACT,
            "Choose one contact point above to see it alone.",
        ),
        [
            Q(f"1 - sum by (week_start) ({wrong}) / {all_}", form="table"),
            Q(f"{weighed} / {all_}", form="table"),
        ],
        (12, 8),
        Look(SHARE, max=1, no_value=_NO_WEEK),
        names={"Value #A": "Kept", "Value #B": "Objective"},
        overrides=[column("Kept", {"color": fixed(SERIES)})],
        limits="/^Objective$/",
    )


def _matrix() -> dashboard.Panel:
    """Thirteen full weeks, a line for each contact point."""
    signals, assessed = (f"({of_first_signal(each_week(name))})" for name in ("signals", "assessed"))
    margin = points(f"1 - {signals} / ({assessed} > 0) - on (channel, contact_point, signal) group_left () {_OBJECTIVE}")
    full = f"({margin}) unless on (week_start) {week_starting(0)}"
    lines_ = f"min by (channel, title, week_start) ({titled(full)})"
    named = f'label_join({short_week(lines_)}, "point", " · ", "title", "channel")'
    return rows(
        "Thirteen weeks, worst first: points above or below the objective",
        About(
            "A line for each contact point, a column for each full week, named after its Monday, newest first, and the worst "
            "of the newest week on top. The figure is by how many points the share that went well lay above the objective, or "
            "below it (−3: three in a hundred too many went wrong), of the first signal of the contact point (queue, else "
            "rings, else first reply). A dash: nothing was judged; a week in which nothing was judged anywhere has no column, "
            "nor has the running week.",
            _EXACT,
            "A line that stays filled for weeks needs a decision, not a reminder.",
        ),
        [Q(f"sort({named})", form="table")],
        (COLUMNS, 12),
        names={},
        overrides=[
            columns_like(
                "/^[0-9]/",
                width(66) | {"mappings": SIGNED_SHORT, "custom.align": "right", "custom.cellOptions": background()},
            ),
            columns_like("/^point/", {"displayName": "Contact point", "mappings": _channels_in_words()}),
        ],
        transformations=[
            transform("sortBy", {"fields": {}, "sort": [{"field": "week_start", "desc": True}]}),
            as_text("Value"),
            transform(
                "groupingToMatrix", {"columnField": "week", "rowField": "point", "valueField": "Value", "emptyValue": "null"}
            ),
        ],
        empty=_NO_FULL_WEEK,
    )


def _channels_in_words() -> list[dashboard.RegexMap]:
    return [matching(f"^(.*) · {channel}$", f"$1 · {words.one}", None) for channel, words in CHANNELS.items()]


_NAMES: Final = {"title": "Contact point", "signal": "What went wrong", "contact_point": "Name", "channel": "Channel"}
_COLUMNS: Final = [
    *hidden_columns("Name", "Channel"),
    column("Contact point", {"links": NAME_LINKS}),
    column("What went wrong", width(205) | {"mappings": [in_words(SIGNALS)]}),
    column("Judged", width(80)),
    column("Went wrong", width(110)),
    column("Kept", width(75) | {"unit": SHARE, "decimals": 1}),
    column("Objective", width(95) | {"unit": SHARE, "decimals": 0}),
]


def _last_week() -> dashboard.Panel:
    """The last full week: what missed its objective, and the week before."""
    missed = f"({too_many(1)}) > 1e-9"

    def where_missed(expr: str) -> str:
        return f"({expr}) and on (channel, contact_point, signal) ({missed})"

    return rows(
        "Last full week: what missed its objective, worst first",
        About(
            "What missed its objective in the last full week: how many contacts went wrong beyond what the objective allows, "
            "how many went wrong of how many judged, the share that went well, the objective, by how many points the share "
            "lies below it, and how many points better or worse that is than the week before. Whole numbers from the monitor's "
            "own records. A week runs from Monday to Sunday where the contact point is. Where there is no line, one says why: "
            "every objective was kept; only the running week has figures yet; a source could tell nothing about a span of the "
            "last 14 days; or nothing was judged, as nobody came.",
            f"{_EXACT}, contactpoint_source_info, contactpoint_source_gap_seconds_total",
            "Start at the top. The contacts themselves are behind the name of the contact point.",
        ),
        [
            Q(
                _or_why(titled(f"ceil(({missed}) - 1e-6)")),
                form="table",
            ),
            Q(where_missed(of_week("signals", 1)), form="table"),
            Q(where_missed(of_week("assessed", 1)), form="table"),
            Q(where_missed(share_of_week(1)), form="table"),
            Q(where_missed(_OBJECTIVE), form="table"),
            Q(where_missed(points(f"({share_of_week(1)}) - {_OBJECTIVE}")), form="table"),
            Q(where_missed(points(f"({share_of_week(1)}) - ({share_of_week(2)})")), form="table"),
        ],
        (COLUMNS, 10),
        names=_NAMES
        | {
            "Value #A": "Too many",
            "Value #B": "Went wrong",
            "Value #C": "Judged",
            "Value #D": "Kept",
            "Value #E": "Objective",
            "Value #F": "Against it",
            "Value #G": "Week before",
        },
        sort=("Too many", True),
        overrides=[
            *_COLUMNS,
            column("Too many", width(115) | {"thresholds": thresholds(SOME_CELL), "custom.cellOptions": background()}),
            column("Against it", width(110) | {"mappings": SIGNED, "custom.align": "right", "custom.cellOptions": colored()}),
            column("Week before", width(115) | {"mappings": SIGNED, "custom.align": "right", "custom.cellOptions": colored()}),
        ],
        merged=[as_text("Value #F"), as_text("Value #G")],
        empty=NO_DATA,
    )


def _this_week() -> dashboard.Panel:
    """The running week, and what may still go wrong in it."""
    assessed, wrong = (f"({of_week(name, 0)})" for name in ("assessed", "signals"))
    allowed = f"(1 - {_OBJECTIVE}) * {assessed}"
    half_used = f"and on (channel, contact_point, signal) ({wrong} >= 0.5 * {allowed} > 0)"
    return rows(
        "This week so far: least left first",
        About(
            "The running week, where half or more of what may go wrong has gone wrong: how many more may among those judged so "
            "far before the objective is missed. Below 0 it is missed as things stand. The week is not over: figures still "
            "move.",
            _EXACT,
            "Where nothing is left, tell the team today rather than in next week's report.",
        ),
        [
            Q(
                or_sentence(
                    or_sentence(
                        titled(f"floor({allowed} + 1e-6) - {wrong} {half_used}"), "signal", "no budget is half used", assessed
                    ),
                    "signal",
                    "nothing was judged yet",
                    HERE,
                ),
                form="table",
            ),
            Q(f"{wrong} {half_used}", form="table"),
            Q(f"{assessed} {half_used}", form="table"),
        ],
        (COLUMNS, 8),
        names=_NAMES | {"Value #A": "May still", "Value #B": "Went wrong", "Value #C": "Judged"},
        sort=("May still", False),
        overrides=[
            *_COLUMNS[:-2],
            column("May still", width(110) | {"thresholds": thresholds(MISSED_CELL), "custom.cellOptions": background()}),
        ],
        empty=NO_DATA,
    )


def _burn_down() -> dashboard.Panel:
    """What is left of the running week's budget, at each moment of it."""
    wrong, judged = (of_week(name, 0) for name in ("signals", "assessed"))
    left = f"1 - ({wrong}) / (((1 - {_OBJECTIVE}) * ({judged})) > 0)"
    lowest = f"min by (title) ({titled(f'min by (channel, contact_point) ({left})')})"
    return lines(
        "Budget of the week: burn-down where less than half is left",
        About(
            "Over the last seven days, what was left at each moment of the contacts that may go wrong among those judged in "
            "that moment's week so far, for the signal of each contact point that has least; at most eight contact points, and "
            "only while less than half is left. Below the dashed line the objective is missed as things stand; below it lines "
            "end at −100 %.",
            _EXACT,
            "A line that falls steeply is happening now: see the board of the control room.",
        ),
        [
            Q(f"clamp_min(bottomk(8, {lowest} < 0.5), -1)", "{{title}}", now=False),
            Q("0 * max(contactpoint_build_info)", "missed below this", now=False),
        ],
        (12, 10),
        Look(SHARE, max=1, no_value="half or more of every budget is left, or nothing was judged yet"),
        limits="/^missed below/",
        time_from="7d",
    )


def _near_alerts() -> dashboard.Panel:
    """The running week against the line at which people are paged."""
    nearest = f"max by (channel, contact_point) ({near_a_page('20m')})"
    near = f"max by (title) ({titled(nearest)})"
    return lines(
        "How near the line was to an alert",
        About(
            "Over the last seven days, at each moment, the share of bad contacts of the 20 minutes before it (the lower bound "
            "that the alert judges by) against the share at which ContactPointFastBurn pages; of people on the line, the "
            "signal that was nearest, the eight contact points that were nearest, and only what was above half. From 100 % on "
            "somebody is paged, if the last five minutes are as bad.",
            "contactpoint_signals_total less contactpoint_signals_retracted_total, contactpoint_assessed_total, "
            "contactpoint_objective_ratio",
            "The same hour every day above the line: plan more people for it.",
        ),
        [
            Q(f"topk(8, {near} > 0.5)", "{{title}}", now=False),
            Q("max(contactpoint_build_info)", "pages from here on", now=False),
        ],
        (12, 10),
        Look(SHARE, min=0, no_value="nothing came near an alert in these days"),
        limits="/^pages from/",
        points=True,
        time_from="7d",
    )


_SIGNAL: Final = f'{CHOSEN}, signal=~"$signal"'


def weekly() -> dashboard.Dashboard:
    """Did we keep our objectives last week, and are we getting better?"""
    signal = choice("signal", "What went wrong", f"label_values(contactpoint_report_week_assessed{{{CHOSEN}}}, signal)")
    return board(
        WEEKLY,
        "Weekly service levels",
        "Did we keep our objectives last week, and are we getting better?",
        [*point_variables(), signal],
        [
            [source_line()],
            [_headline()],
            [_weekly_counts(), _weekly_share()],
            [_matrix()],
            [_last_week()],
            [_this_week()],
            [_burn_down(), _near_alerts()],
            [
                about_board(
                    "Tells managers whether the objectives were kept, week by week, in figures that can be counted by hand.",
                    "Head of service.",
                    [
                        "Top to bottom: how many objectives were missed, the trend, each contact point over thirteen weeks, "
                        "what missed its objective last week, and the week that is running.",
                        "All figures are whole weeks, Monday to Sunday, in the time zone of each contact point; there is no "
                        "time to choose.",
                        "*Judged* is how many contacts could have gone wrong, *went wrong* how many did. What came to nothing "
                        "counts in neither. *Too many*: beyond what the objective allows, so that one of one does not outweigh "
                        "eighty of four hundred.",
                        "The share kept of the waiting time in the queue is the service level by formula SL-D: who gives up "
                        "before the limit is left out.",
                        "A dash means nothing was judged; that is not 100 %. The choice *What went wrong* narrows the first "
                        "chart.",
                        "The step to the next week is made at midnight UTC between Sunday and Monday.",
                    ],
                )
            ],
        ],
        since="now-7d",
        refresh="15m",
        picker=False,
        timezone="utc",
    )
