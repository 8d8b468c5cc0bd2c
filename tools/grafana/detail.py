"""The board of one contact point: who waits, how long it takes, what went wrong."""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.models import dashboard

from monitor.domain.snapshot import RING_BUCKETS
from monitor.publish.words import AGENTS, OUTCOMES, SIGNALS, WAITS
from tools.grafana.looks import (
    BAD,
    COUNT,
    GOOD,
    HOURS,
    NEUTRAL,
    NO_DATA,
    NONE_IS_PLAIN,
    PLAIN_SECONDS,
    SECONDS,
    SHARE,
    SIGNED,
    SOME_CELL,
    SOME_SERIES,
    UNKNOWN,
    Look,
    as_text,
    background,
    colored,
    column,
    fixed,
    in_words,
    missing,
    of_query,
    renamed,
    says,
    series_in_words,
    thresholds,
    width,
)
from tools.grafana.panels import COLUMNS, About, Q, bars, bucket_names, heading, heat, lines, rows, stats
from tools.grafana.parts import DETAIL, NAME_LINKS, about_board, board, choice, hidden_columns, point_variables, source_line
from tools.grafana.queries import (
    BY_SIGNAL,
    BY_WAIT,
    CHOSEN,
    HERE,
    NOT_KNOWN,
    PEOPLE,
    POINT,
    age,
    counted,
    customers,
    gauge,
    here,
    in_units,
    judged,
    kept_share,
    limit_of_wait,
    met,
    missed,
    or_sentence,
    points,
    quantile,
    titled,
    wrong,
    wrong_lately,
)
from tools.grafana.standing import LEVEL, OBJECTIVE, TITLED_STANDING, standing_words

_WAIT: Final = f'{CHOSEN}, wait=~"$wait"'
_PROMISE: Final = f'{CHOSEN}, wait="promise"'
#: Waits that do not run beside another of the same customer: a caller in a queue hears it ring as well.
_STAGES: Final = "ring|queue|hold|reply|follow_up"
_BLIND: Final = "not known: a system behind this contact point is not being read"


def _now() -> dashboard.Panel:
    """The contact point at this moment in large figures."""
    nobody = says({"0": ("nobody", NEUTRAL), str(NOT_KNOWN): ("? not known", UNKNOWN)})
    unknown = says({str(NOT_KNOWN): ("?", UNKNOWN)})
    known = f"max({here(gauge('waiting', POINT))})"

    def or_unknown(expr: str) -> str:
        return f"{expr} or {NOT_KNOWN} * max({HERE})"

    return stats(
        "Now, and in the chosen time",
        About(
            "How the contact point stands; how many who are on the line or wrote are past their limit, the longest of these "
            "waits by the clock, and how many wait; in the chosen time the share kept of the first signal (queue, else rings, "
            "else first reply), green where it keeps the objective and red where it does not, and the objective.",
            "contactpoint_info, contactpoint_open, contactpoint_waiting, contactpoint_overdue, "
            "contactpoint_oldest_wait_start_timestamp_seconds, contactpoint_limit_seconds, contactpoint_assessed_total, "
            "contactpoint_signals_total, contactpoint_objective_ratio",
            "Over the limit above 0: begin with the table below.",
        ),
        [
            Q(TITLED_STANDING, "{{title}}"),
            Q(or_unknown(f"sum({customers(_STAGES, 'overdue')})"), "over the limit"),
            Q(or_unknown(f"max({here(age(_STAGES))}) or 0 * {known}"), "longest wait"),
            Q(or_unknown(f"sum({customers(_STAGES)})"), "waiting"),
            Q(here(met(LEVEL, OBJECTIVE)), "kept"),
            Q(here(missed(LEVEL, OBJECTIVE)), "kept"),
            Q(here(OBJECTIVE), "objective"),
        ],
        (COLUMNS, 4),
        Look(COUNT, decimals=0, mappings=[unknown], no_value=NO_DATA),
        overrides=[
            of_query("A", {"mappings": standing_words(NEUTRAL)}),
            of_query("B", {"thresholds": thresholds(NONE_IS_PLAIN)}),
            of_query("C", {"unit": SECONDS, "mappings": [nobody]}),
            of_query("E", {"unit": SHARE, "color": fixed(GOOD), "displayName": "kept"}),
            of_query("F", {"unit": SHARE, "color": fixed(BAD), "displayName": "kept"}),
            of_query("G", {"unit": SHARE, "displayName": "objective"}),
        ],
        sizes=(14, 24),
    )


def _named(figure: str, name: str, otherwise: str) -> str:
    """A figure with a label `what` that names it; where there is none, and the monitor runs, a line that says why."""
    return or_sentence(f'label_replace({figure}, "what", "{name}", "", "")', "what", otherwise, HERE)


def _gave_up() -> dashboard.Panel:
    """Callers who gave up, and how many of them were not lost."""

    def sum_of(name: str, matchers: str) -> str:
        return f"sum({here(counted(name, POINT, '$__range', matchers))})"

    phone = f'{CHOSEN}, channel="phone"'
    return stats(
        "Callers who gave up, in the chosen time",
        About(
            "How many callers gave up before somebody answered, without those who rang off at once, and how many of them called "
            "again and were answered soon enough (`recovered_within`, 15 minutes unless the policy says otherwise). They gave up "
            "all the same, but are not lost.",
            "contactpoint_outcomes_total where outcome is abandoned, contactpoint_abandons_recovered_total",
            "Call back those who did not come again. Most came again: the line is short of people for minutes, not for hours.",
        ),
        [
            Q(
                _named(sum_of("outcomes_total", f'{phone}, outcome="abandoned"'), OUTCOMES["abandoned"].one, "no telephone here"),
                "{{what}}",
            ),
            Q(sum_of("abandons_recovered_total", phone), "of them called again and answered"),
        ],
        (9, 4),
        Look(COUNT, decimals=0, mappings=[missing(NEUTRAL)], no_value=NO_DATA),
        sizes=(14, 24),
    )


def _promises() -> dashboard.Panel:
    """What was promised at the contact point, whatever its channel, and what became of it."""
    slipped = f'{CHOSEN}, signal="slipped_promise"'
    came_due, broken = judged(POINT, "$__range", slipped), wrong(POINT, "$__range", slipped)
    made, late = (counted(f"promises_{what}_total", POINT, "$__range") for what in ("made", "kept_late"))
    open_ = f"sum({here(gauge('waiting', POINT, _PROMISE))})"
    promises_here = f"{HERE} and on (channel, contact_point) {gauge('objective_ratio', POINT, slipped)}"
    return stats(
        "Promises, in the chosen time",
        About(
            "Promises of all channels, of calls where their notes are read: how many were made in the chosen time, how many came "
            "due and were kept in time or broken, how many were kept after all though too late, and how many are open at this "
            "moment.",
            "contactpoint_promises_made_total, contactpoint_promises_kept_late_total, contactpoint_assessed_total, "
            "contactpoint_signals_total less contactpoint_signals_retracted_total, contactpoint_waiting",
            "Many broken: promise later moments, or see who keeps what a colleague has promised.",
        ),
        [
            Q(_named(f"sum({here(made)})", "made", "nobody promises here"), "{{what}}"),
            Q(f"sum({here(f'clamp_min({came_due} - {broken}, 0)')})", "kept in time"),
            Q(f"sum({here(broken)})", "broken"),
            Q(f"sum({here(late)})", "kept late"),
            Q(f"{open_} or {NOT_KNOWN} * max({promises_here})", "open now"),
        ],
        (15, 4),
        Look(COUNT, decimals=0, mappings=[says({str(NOT_KNOWN): ("?", UNKNOWN)}), missing(NEUTRAL)], no_value=NO_DATA),
        sizes=(14, 24),
    )


_AGENTS: Final = f"sum by (state) ({here(gauge('agents', (*POINT, 'state')))})"


def _agents_now() -> dashboard.Panel:
    """Who could answer at this moment."""
    return stats(
        "Agents now",
        About(
            "How many people are logged in at this moment, by what they do; one who serves several of the chosen contact points "
            "counts in each.",
            "contactpoint_agents",
            "Nobody ready while somebody waits: call people back from breaks and letters.",
        ),
        [Q(or_sentence(_AGENTS, "state", "no source tells of agents here", HERE), "{{state}}")],
        (9, 3),
        Look(COUNT, decimals=0, mappings=[missing(NEUTRAL)], no_value=NO_DATA),
        transformations=series_in_words(AGENTS),
        sizes=(14, 22),
    )


def _agents_over_time() -> dashboard.Panel:
    """What agents did at each moment."""
    return lines(
        "Agents over time",
        About(
            "How many people were logged in to the queue at each moment, and what they did, where the source tells.",
            "contactpoint_agents",
            "Nobody ready while somebody waits: call people back from breaks and letters.",
        ),
        [Q(_AGENTS, "{{state}}", now=False)],
        (COLUMNS, 8),
        Look(COUNT, decimals=0, min=0, no_value="no source tells of agents here"),
        steps=True,
        transformations=series_in_words(AGENTS),
    )


def _waiting() -> dashboard.Panel:
    """Who waits now, by wait."""
    some = f"and on (channel, contact_point, wait) ({gauge('waiting', BY_WAIT)} > 0)"
    over = titled(f"{gauge('overdue', BY_WAIT)} {some}")
    due = f"floor(({gauge('next_due_timestamp_seconds', BY_WAIT)} - time()) > 0)"
    return rows(
        "Waiting now, most over the limit first",
        About(
            "Customers waiting at this moment, by what for: how many are past their limit, how many wait, the longest by the "
            "clock, the limit (in opening hours where people write), and when the next one falls.",
            "contactpoint_waiting, contactpoint_overdue, contactpoint_oldest_wait_start_timestamp_seconds, "
            "contactpoint_next_due_timestamp_seconds, contactpoint_limit_seconds",
            "Begin with what is over the limit; the list of contacts is behind the name of the contact point.",
        ),
        [
            Q(
                or_sentence(
                    or_sentence(over, "wait", "nobody waits", here(gauge("waiting", POINT))), "wait", "? not known", HERE
                ),
                form="table",
            ),
            Q(f"{gauge('waiting', BY_WAIT)} > 0", form="table"),
            Q(f"({in_units(age(), 'longest')}) {some}", form="table"),
            Q(f"({limit_of_wait('.+')} > 0) {some}", form="table"),
            Q(due, form="table"),
        ],
        (COLUMNS, 7),
        names={
            "title": "Contact point",
            "wait": "What waits",
            "Value #A": "Over",
            "Value #B": "Waiting",
            "longest": "Longest",
            "Value #D": "Limit",
            "Value #E": "Next limit",
            "contact_point": "Name",
            "channel": "Channel",
        },
        hidden=["Value #C"],
        sort=("Over", True),
        overrides=[
            *hidden_columns("Name", "Channel"),
            column("Contact point", {"links": NAME_LINKS}),
            column("What waits", width(230) | {"mappings": [in_words(WAITS)]}),
            column("Over", width(85) | {"thresholds": thresholds(SOME_CELL), "custom.cellOptions": background()}),
            column("Waiting", width(85)),
            column("Longest", width(90) | {"custom.align": "right"}),
            column("Limit", width(90) | {"unit": SECONDS}),
            column("Next limit", width(110) | {"unit": SECONDS, "decimals": 0}),
        ],
        empty="nobody waits, or it is not known: see the first line",
    )


def _verdicts() -> dashboard.Panel:
    """Every signal that was judged, against its objective in the chosen time."""
    kept, objective = kept_share("$__range"), gauge("objective_ratio", BY_SIGNAL)
    some = f"and on (channel, contact_point, signal) ({judged(BY_SIGNAL, '$__range')} > 0)"
    difference = points(f"({kept}) - {objective}")
    return rows(
        "Judged in the chosen time, furthest below the objective first",
        About(
            "Every signal that was judged in the chosen time: how often it went wrong of how many, the share that was kept, its "
            "objective, and by how many points it lies above or below it. Over the limit on the queue the share is formula SL-D.",
            "contactpoint_signals_total less contactpoint_signals_retracted_total, contactpoint_assessed_total, "
            "contactpoint_objective_ratio",
            "Begin at the top: the largest miss. The contacts themselves are behind the name of the contact point.",
        ),
        [
            Q(f"sort({or_sentence(titled(difference), 'signal', 'nothing was judged in this time', HERE)})", form="table"),
            Q(here(f"{wrong(BY_SIGNAL, '$__range')} {some}"), form="table"),
            Q(here(f"{judged(BY_SIGNAL, '$__range')} > 0"), form="table"),
            Q(here(kept), form="table"),
            Q(here(f"{objective} {some}"), form="table"),
        ],
        (COLUMNS, 8),
        names={
            "title": "Contact point",
            "signal": "What went wrong",
            "Value #B": "Wrong",
            "Value #C": "Judged",
            "Value #D": "Kept",
            "Value #E": "Objective",
            "Value #A": "Difference",
            "contact_point": "Name",
            "channel": "Channel",
        },
        overrides=[
            *hidden_columns("Name", "Channel"),
            column("Contact point", {"links": NAME_LINKS}),
            column("What went wrong", width(230) | {"mappings": [in_words(SIGNALS)]}),
            column("Wrong", width(85)),
            column("Judged", width(85)),
            column("Kept", width(90) | {"unit": SHARE, "decimals": 1}),
            column("Objective", width(110) | {"unit": SHARE, "decimals": 0}),
            column("Difference", width(140) | {"mappings": SIGNED, "custom.align": "right", "custom.cellOptions": colored()}),
        ],
        merged=[as_text("Value #A")],
        empty="nothing was judged in this time",
    )


def _over_time() -> Sequence[dashboard.Panel]:
    """Who waited, and what went wrong, at each moment."""
    look = Look(COUNT, decimals=0, min=0, no_value=_BLIND)
    by_wait, by_signal = (f"sum by ({label}) ({{}})" for label in ("wait", "signal"))
    return [
        lines(
            "Waiting",
            About(
                "How many customers waited at each moment, by what for. A hole in the line is a time of which nothing is known.",
                "contactpoint_waiting",
                "A line that only rises: more comes in than is dealt with.",
            ),
            [Q(by_wait.format(here(gauge("waiting", BY_WAIT))), "{{wait}}", now=False)],
            (12, 8),
            look,
            steps=True,
            transformations=series_in_words(WAITS),
        ),
        lines(
            "Went wrong in the hour before",
            About(
                "At each moment, how many contacts had gone wrong in the hour before it, by signal; the eight of which there "
                "were most. The hour is fixed whatever the zoom.",
                "contactpoint_signals_total less contactpoint_signals_retracted_total",
                "Compare with the line of those waiting: signals that rise with it are a matter of people on duty.",
            ),
            [Q(f"topk(8, {by_signal.format(here(wrong_lately(BY_SIGNAL, '1h')))} > 0)", "{{signal}}", now=False)],
            (12, 8),
            Look(COUNT, decimals=0, min=0, no_value="nothing went wrong in this time, or it is not known"),
            steps=True,
            transformations=series_in_words(SIGNALS),
        ),
    ]


def _outcomes() -> dashboard.Panel:
    """How contacts ended."""
    names = [
        renamed(f"^{outcome} {in_target}$", words.one + when)
        for outcome, words in OUTCOMES.items()
        for in_target, when in (("true", ", in time"), ("false", ", too late" if outcome in _ANSWERED else ""))
    ]
    count = f"round(sum by (outcome, in_target) (increase(contactpoint_outcomes_total{{{CHOSEN}}}[$__range])))"
    return bars(
        "How contacts ended",
        About(
            "How contacts were decided in the chosen time, the most frequent first, and whether in time: within the target of "
            "the answer. Who gives up or leaves in time did so before that target had passed.",
            "contactpoint_outcomes_total",
            "Many who gave up: look at the queue above. Many who left unanswered: look where they were sent.",
        ),
        [Q(f"sort_desc({count} > 0)", "{{outcome}} {{in_target}}")],
        (12, 9),
        Look(COUNT, decimals=0, min=0, steps=SOME_SERIES, no_value="nothing was decided in this time"),
        transformations=names,
    )


#: Outcomes that are answers, so that those beyond the target came too late.
_ANSWERED: Final = frozenset({"answered", "replied", "resolved", "bot"})


def _calls() -> Sequence[dashboard.Panel]:
    """Rings and outcomes."""
    rings = f"round(sum by (le) (increase(contactpoint_rings_bucket{{{CHOSEN}}}[$__range])))"
    several = RING_BUCKETS[-1]
    return [
        bars(
            "Rings heard",
            About(
                "How many callers heard how many rings until somebody answered or they gave up, in the chosen time.",
                "contactpoint_rings",
                "Callers beyond the limit on rings count as 'rang too often'; move people to the hours in which they call.",
            ),
            [Q(rings, "{{le}}", form="heatmap")],
            (12, 9),
            Look(COUNT, decimals=0, min=0, steps=SOME_SERIES, no_value="no call in this time"),
            names=bucket_names(RING_BUCKETS, lambda many: "1 ring" if many == 1 else f"{many:g} rings", f"more than {several:g}"),
        ),
        _outcomes(),
    ]


def _per_wait() -> Sequence[dashboard.Panel]:
    """How long one kind of wait took, for each chosen wait once somebody opens it."""
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
            unit=SECONDS,
            empty="no wait of this kind ended in this time",
        ),
        lines(
            "$wait: half, nine in ten, and the limit",
            About(
                "Of the waits that ended in the hour before each moment: half were shorter than the first line, nine in ten "
                "shorter than the second, in seconds where people ring, queue or are on hold, else in hours. The dashed line "
                "is the limit, the highest where the chosen contact points differ. No line where no wait ended. The figures "
                "are estimated between the bounds of buckets, of which the limit is one: above or below it is exact.",
                "contactpoint_wait_seconds, contactpoint_limit_seconds",
                "The second line above the dashed one: more than one in ten waited too long.",
            ),
            [*_quantiles(f'wait=~"{PEOPLE}"', 1), *_quantiles(f'wait!~"{PEOPLE}"', 3600)],
            (12, 8),
            Look(PLAIN_SECONDS, min=0, no_value="no wait of this kind ended in this time"),
            limits="/^limit/",
            overrides=[of_query(ref, {"unit": HOURS}) for ref in "DEF"],
        ),
    ]


def _quantiles(kind: str, unit: int) -> Sequence[Q]:
    """Half, nine in ten and the limit of a wait of this kind, in units of so many seconds; nothing for other kinds."""
    half, most = (f"({quantile(q, 'wait_seconds', '1h', f'{_WAIT}, {kind}')}) / {unit}" for q in (0.5, 0.9))
    counted = f"contactpoint_wait_seconds_count{{{_WAIT}, {kind}}}"
    limit = f"max({here(limit_of_wait('$wait'))} and on (channel, contact_point, wait) {counted}) / {unit}"
    return [Q(half, "half", now=False), Q(most, "nine in ten", now=False), Q(limit, "limit", now=False)]


def detail() -> dashboard.Dashboard:
    """What goes on at one contact point, and what went wrong there?"""
    waits = choice("wait", "Wait", f"label_values(contactpoint_wait_seconds_count{{{CHOSEN}}}, wait)")
    return board(
        DETAIL,
        "Contact point – detail",
        "What goes on at one contact point, and what went wrong there?",
        [*point_variables(one=True), waits],
        [
            [source_line((15, 3)), _agents_now()],
            [_now()],
            [_waiting()],
            [_verdicts()],
            [_gave_up(), _promises()],
            _over_time(),
            _calls(),
            [heading("Agents over time", folded=[[_agents_over_time()]])],
            [heading("Wait: $wait", repeat="wait", folded=[_per_wait()])],
            [heading("About")],
            [
                about_board(
                    "Explains one contact point to the team that runs it: what waits, how long things take, what went wrong.",
                    "The team named in the configuration of the contact point.",
                    [
                        "It begins with one contact point; choose another above. Several may be chosen; their figures are then "
                        "added, and waits of a kind counted together.",
                        "*Now* and the table of those waiting are of this moment; everything else is about the chosen time.",
                        "Agents over time and each kind of wait have a line of their own below, which asks for its pictures once "
                        "it is opened.",
                        "The name of a contact point leads to the monitor's own page, which lists the contacts behind the "
                        "figures. Its address is in the box *Pages of the monitor*.",
                        "A red line down the graphs marks a time in which a system could not be read.",
                    ],
                )
            ],
        ],
        since="now-6h",
        refresh="30s",
    )
