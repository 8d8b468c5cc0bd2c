"""The board of the control room: who fails customers now, worst first, read from four metres."""

from typing import Final

from grafana_foundation_sdk.models import dashboard

from monitor.publish.words import WAITS
from tools.grafana.looks import (
    BAD,
    CLEAR,
    COUNT,
    GOOD,
    NEUTRAL,
    NO_DATA,
    NONE_IS_PLAIN,
    SECONDS,
    SERIES,
    SHARE,
    SIGNED_CELL,
    UNKNOWN,
    Look,
    as_text,
    background,
    column,
    fixed,
    in_words,
    of_query,
    says,
    thresholds,
    width,
)
from tools.grafana.panels import COLUMNS, About, Q, heading, lines, rows, stats
from tools.grafana.parts import NAME_LINKS, NOW, about_board, board, detail_link, hidden_columns, point_variables, source_line
from tools.grafana.queries import (
    BY_SIGNAL,
    BY_WAIT,
    CHOSEN,
    HERE,
    NOT_KNOWN,
    PEOPLE,
    POINT,
    age,
    customers,
    first_signal,
    gauge,
    here,
    in_units,
    judged,
    limit_of_wait,
    met,
    missed,
    of_first_signal,
    points,
    worst_wait,
    wrong,
    wrong_lately,
)
from tools.grafana.standing import LEVEL, OBJECTIVE, TITLED_STANDING, standing_words


def _by_point(expr: str) -> str:
    return f"max by (channel, contact_point) ({expr})"


_WRONG: Final = here(wrong_lately(POINT, "1h"))
_READY: Final = here(gauge("agents", POINT, f'{CHOSEN}, state="ready"'))

_METRICS: Final = (
    "contactpoint_info, contactpoint_open, contactpoint_waiting, contactpoint_overdue, "
    "contactpoint_oldest_wait_start_timestamp_seconds, contactpoint_oldest_wait_business_seconds, contactpoint_limit_seconds, "
    "contactpoint_next_due_timestamp_seconds, contactpoint_agents, contactpoint_signals_total, contactpoint_assessed_total, "
    "contactpoint_objective_ratio"
)


def _of_worst(expr: str) -> str:
    """`expr` by wait, of the most urgent wait of each contact point."""
    return f"({expr}) and on (channel, contact_point, wait) ({worst_wait()})"


def _or_nobody(expr: str) -> str:
    """0 where nobody waits; nothing where that is not known."""
    return f"{expr} or on (channel, contact_point) (0 * {here(gauge('waiting', POINT))})"


def _figures() -> dashboard.Panel:
    """Five figures over all that is chosen."""
    kept, wanted = _kept_today(), _wanted_today()
    no_one = says({"0": ("nobody", NEUTRAL)})
    return stats(
        "On the line now, letters, and today",
        About(
            "Over all chosen contact points: people on the line past their limit, the longest wait among those on the line, how "
            "many people wait, how many letters and tickets are past their limit, and of all that was judged today by the first "
            "signal of each contact point (queue, else rings, else first reply) the share that was kept, green where that keeps "
            "the objectives and red where it does not. What is not known is in no figure; what was read late counts on "
            "the day on which it was read.",
            _METRICS,
            "People past their limit: the table names where, worst first.",
        ),
        [
            Q(f"sum({customers(PEOPLE, 'overdue')})", "over the limit"),
            Q(f"max({here(age(PEOPLE))}) or 0 * sum({customers(PEOPLE)})", "longest wait"),
            Q(f"sum({customers(PEOPLE)})", "waiting"),
            Q(f"sum({customers('reply|follow_up', 'overdue')})", "letters late"),
            Q(met(kept, wanted), "kept today"),
            Q(missed(kept, wanted), "kept today"),
        ],
        (15, 5),
        Look(COUNT, decimals=0, no_value=NO_DATA),
        overrides=[
            of_query("A", {"thresholds": thresholds(NONE_IS_PLAIN)}),
            of_query("B", {"unit": SECONDS, "mappings": [no_one]}),
            of_query("C", {"mappings": [no_one]}),
            of_query("D", {"thresholds": thresholds(NONE_IS_PLAIN)}),
            of_query("E", {"unit": SHARE, "color": fixed(GOOD)}),
            of_query("F", {"unit": SHARE, "color": fixed(BAD)}),
        ],
    )


def _first(expr: str) -> str:
    return here(of_first_signal(expr))


def _kept_today() -> str:
    bad, all_ = (f"sum({_first(each(BY_SIGNAL, '$__range'))})" for each in (wrong, judged))
    return f"1 - {bad} / ({all_} > 0)"


def _wanted_today() -> str:
    all_ = _first(judged(BY_SIGNAL, "$__range"))
    weighed = f"({all_}) * on (channel, contact_point, signal) ({first_signal()})"
    return f"sum({weighed}) / (sum({all_}) > 0)"


def _trend() -> dashboard.Panel:
    """Who was on the line today, and who too long."""
    return lines(
        "On the line today",
        About(
            "How many people were on the line at each moment of today, and how many of them past their limit. A hole is a time "
            "of which nothing is known.",
            "contactpoint_waiting, contactpoint_overdue",
            "Compare with the same hour of the days before: move breaks and letters out of the peak.",
        ),
        [
            Q(f"sum({customers(PEOPLE)})", "waiting", now=False),
            Q(f"sum({customers(PEOPLE, 'overdue')})", "over the limit", now=False),
        ],
        (5, 5),
        Look(COUNT, decimals=0, min=0, no_value="not known: no system behind it is being read"),
        steps=True,
        overrides=[column("waiting", {"color": fixed(SERIES)}), column("over the limit", {"color": fixed(BAD)})],
    )


def _table() -> dashboard.Panel:
    """Every contact point on one line, the most urgent first."""
    over = _or_nobody(_of_worst(gauge("overdue", BY_WAIT)))
    waiting = _or_nobody(_of_worst(gauge("waiting", BY_WAIT)))
    next_due = _of_worst(f"({gauge('next_due_timestamp_seconds', BY_WAIT)} - time()) > 0")
    longest = _of_worst(in_units(age(), "longest"))
    return rows(
        "Contact points, most urgent first",
        About(
            "One line for each contact point: how it stands, and its most urgent wait (people on the line past their limit "
            "come first, by how many times their limit; then letters, promises and call backs past theirs; then what has used "
            "four fifths of its limit). Over the limit, waiting, longest (by the clock), limit and next limit are of that one "
            "wait; the others are on the detail. Then today from midnight: the share kept of the first signal (queue, formula "
            "SL-D; else rings; else first reply), its objective and the difference in points; how many went wrong in the last "
            "hour (without what was read more than an hour late: an import, a mailbox caught up); and how many people are "
            "ready to answer, where the source tells. A dash: not known, or nothing judged.",
            _METRICS,
            "Put people on what stands on top. Click a contact point for its detail, or for the list of contacts.",
        ),
        [
            Q(TITLED_STANDING, form="table"),
            Q(_by_wait(over), form="table"),
            Q(_by_point(waiting), form="table"),
            Q(f"max by (channel, contact_point, longest) ({longest})", form="table"),
            Q(_by_point(_of_worst(limit_of_wait(".+"))), form="table"),
            Q(_by_point(next_due), form="table"),
            Q(here(LEVEL), form="table"),
            Q(here(OBJECTIVE), form="table"),
            Q(here(points(f"({LEVEL}) - ({OBJECTIVE})")), form="table"),
            Q(_WRONG, form="table"),
            Q(_READY, form="table"),
        ],
        (COLUMNS, 18),
        names={
            "Value #A": "Now",
            "title": "Contact point",
            "wait": "What waits",
            "Value #B": "Over",
            "longest": "Longest",
            "Value #E": "Limit",
            "Value #C": "Waiting",
            "Value #F": "Next limit",
            "Value #G": "Today",
            "Value #H": "Objective",
            "Value #I": "Difference",
            "Value #J": "Wrong in 1 h",
            "Value #K": "Ready",
            "contact_point": "Name",
            "channel": "Channel",
        },
        hidden=["Value #D"],
        merged=[as_text("Value #I")],
        sort=("Now", True),
        overrides=[
            *hidden_columns("Name", "Channel"),
            column(
                "Now",
                width(130) | {"custom.align": "left"} | {"mappings": standing_words(CLEAR), "custom.cellOptions": background()},
            ),
            column("Contact point", {"links": NAME_LINKS}),
            column("What waits", width(205) | {"mappings": [in_words(WAITS)]}),
            # No colour of its own, as "Now" has it: what is late while the desk is closed needs nobody.
            column("Over", width(65)),
            column("Longest", width(75) | {"custom.align": "right"}),
            column("Limit", width(75) | {"unit": SECONDS}),
            column("Waiting", width(70)),
            column("Next limit", width(90) | {"unit": SECONDS, "decimals": 0}),
            column("Today", width(75) | {"unit": SHARE, "decimals": 0}),
            column("Objective", width(85) | {"unit": SHARE, "decimals": 0}),
            column(
                "Difference",
                width(95) | {"mappings": SIGNED_CELL, "custom.align": "right", "custom.cellOptions": background()},
            ),
            column("Wrong in 1 h", width(110)),
            column("Ready", width(60)),
        ],
        empty=NO_DATA,
    )


def _by_wait(expr: str) -> str:
    return f"max by (channel, contact_point, wait) ({expr})"


def _large() -> dashboard.Panel:
    """The large figures of one contact point, repeated for each chosen one once somebody opens them."""
    unknown = says({str(NOT_KNOWN): ("?", UNKNOWN)})

    def or_unknown(expr: str) -> str:
        return f"({expr}) or on (channel, contact_point) ({NOT_KNOWN} * {HERE})"

    return stats(
        "$contact_point",
        About(
            "One contact point in large figures: how it stands, and of those on the line or who wrote: how many are past their "
            "limit, the longest wait by the clock, how many wait; then the share kept today, green where it keeps the objective "
            "and red where it does not, and the objective.",
            _METRICS,
            "Over the limit above 0: put people on this contact point, then click for its detail.",
        ),
        [
            Q(TITLED_STANDING, "{{title}}"),
            Q(or_unknown(_by_point(_or_nobody(_of_worst(gauge("overdue", BY_WAIT))))), "over the limit"),
            Q(or_unknown(_or_nobody(_by_point(_of_worst(age())))), "longest wait"),
            Q(or_unknown(_by_point(_or_nobody(_of_worst(gauge("waiting", BY_WAIT))))), "waiting"),
            Q(here(met(LEVEL, OBJECTIVE)), "kept today"),
            Q(here(missed(LEVEL, OBJECTIVE)), "kept today"),
            Q(here(OBJECTIVE), "objective"),
        ],
        (COLUMNS, 4),
        Look(
            COUNT,
            decimals=0,
            mappings=[unknown],
            links=[detail_link("__field.labels.channel", "__field.labels.contact_point")],
            no_value=NO_DATA,
        ),
        overrides=[
            of_query("A", {"mappings": standing_words(NEUTRAL)}),
            of_query("B", {"thresholds": thresholds(NONE_IS_PLAIN)}),
            of_query("C", {"unit": SECONDS, "mappings": [unknown, says({"0": ("nobody", NEUTRAL)})]}),
            of_query("E", {"unit": SHARE, "color": fixed(GOOD)}),
            of_query("F", {"unit": SHARE, "color": fixed(BAD)}),
            of_query("G", {"unit": SHARE}),
        ],
        repeat="contact_point",
    )


def now() -> dashboard.Dashboard:
    """Who waits where at this moment, and is it too long?"""
    return board(
        NOW,
        "Contact points – now",
        "Who waits where at this moment, and is it too long? For the wall of the control room.",
        point_variables(),
        [
            [source_line((4, 5)), _figures(), _trend()],
            [_table()],
            [heading("Large figures of the chosen contact points", folded=[[_large()]])],
            [heading("About")],
            [
                about_board(
                    "Shows whoever runs the day where customers wait, where too long, and whether the day will keep its "
                    "objectives.",
                    "Control room.",
                    [
                        "The first line: if a system is not read, the contact points that rest on it are *not known*, which is "
                        "not zero.",
                        "The table is in the order in which somebody must act. *Now* says how a contact point stands: ▲ over the "
                        "limit (people), ▲ late (letters, promises, call backs), ◆ at risk (four fifths of the limit used), "
                        "? not known, ✓ fine, ▭ closed.",
                        "Colour means that somebody must act; what is fine has none.",
                        "Choose a team or a few contact points above for a wall of their own; *Large figures* below opens a line "
                        "of large figures for each chosen one.",
                        "*Today* begins at midnight of the time zone in the time picker. The budget of the week is on the weekly "
                        "board.",
                    ],
                )
            ],
        ],
        since="now/d",
        refresh="30s",
    )
