"""The board about the monitor itself: can its figures be trusted?"""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.models import dashboard

from monitor.domain.snapshot import BEHIND_POLLS, BEHIND_SECONDS
from monitor.publish.words import FAILURES, REFUSALS
from tools.grafana.looks import (
    BAD,
    BYTES,
    COUNT,
    NEUTRAL,
    NO_DATA,
    NONE_IS_PLAIN,
    PLAIN_SECONDS,
    SECONDS,
    SERIES,
    SHARE,
    SOME_WARN,
    UNKNOWN,
    WARN,
    Look,
    colored,
    column,
    of_query,
    says,
    series_in_words,
    thresholds,
    width,
)
from tools.grafana.panels import COLUMNS, About, Q, bars, heading, heat, lines, rows, states, stats
from tools.grafana.parts import MONITOR, about_board, board, choice, datasource_variable, page_variable, source_line
from tools.grafana.queries import SOURCE_STATE

_CHOSEN: Final = 'source=~"$source"'
#: The process behind a daemon, among all that Prometheus scrapes.
_OURS: Final = "and on (job, instance) contactpoint_build_info"


def _source(name: str) -> str:
    return f"max by (source) (contactpoint_source_{name}{{{_CHOSEN}}})"


def _lag() -> str:
    """How long ago the moment is up to which each source has been seen completely, in seconds."""
    return f"(time() - {_source('watermark_timestamp_seconds')})"


def _grew(name: str, window: str, labels: str = "source") -> str:
    return f"round(sum by ({labels}) (increase(contactpoint_source_{name}{{{_CHOSEN}}}[{window}])))"


def _daemon() -> dashboard.Panel:
    """Whether the daemon runs, was restarted, and accepted its configuration."""
    return stats(
        "The daemon",
        About(
            "Which build runs and since when, whether it took its configuration the last time it was read and how old that "
            "is, how big its store is, whether it takes writes, and how many it refused in the chosen time (counted there, and "
            "so not before it takes them again).",
            "contactpoint_build_info, process_start_time_seconds, contactpoint_config_last_reload_successful, "
            "contactpoint_config_last_reload_success_timestamp_seconds, contactpoint_store_size_bytes, "
            "contactpoint_store_up, contactpoint_store_write_failures_total",
            "Configuration refused: the log says why; the old one stays in force. Writes refused: the monitor's page of sources "
            "says why; nothing is lost meanwhile.",
        ),
        [
            Q("max by (version, python_version) (contactpoint_build_info)", "version {{version}}, Python {{python_version}}"),
            Q(f"time() - max(process_start_time_seconds {_OURS})", "running for"),
            Q("min(contactpoint_config_last_reload_successful)", "configuration"),
            Q("time() - max(contactpoint_config_last_reload_success_timestamp_seconds)", "read since"),
            Q("max(contactpoint_store_size_bytes)", "store"),
            Q("min(contactpoint_store_up)", "writes"),
            Q(
                "round(sum(increase(contactpoint_store_write_failures_total[$__range]))) and max(contactpoint_build_info)",
                "writes refused",
            ),
        ],
        (COLUMNS, 4),
        Look(COUNT, decimals=0, no_value=NO_DATA),
        overrides=[
            of_query("A", {"mappings": [says({"1": ("● running", NEUTRAL)})]}),
            of_query("B", {"unit": SECONDS}),
            of_query("C", {"mappings": [says({"1": ("✓ in force", NEUTRAL), "0": ("✗ REFUSED", BAD)})]}),
            of_query("D", {"unit": SECONDS}),
            of_query("E", {"unit": BYTES, "decimals": 1}),
            of_query("F", {"mappings": [says({"1": ("✓ taken", NEUTRAL), "0": ("✗ REFUSED", BAD)})]}),
            of_query("G", {"thresholds": thresholds(NONE_IS_PLAIN)}),
        ],
        sizes=(14, 24),
    )


#: How a source stands: a word and a colour for each number of SOURCE_STATE.
_STATES: Final = {"1": ("✓ read", NEUTRAL), "2": ("▲ behind", WARN), "0": ("✗ DOWN", BAD), "-1": ("? not read yet", UNKNOWN)}


def _sources() -> Sequence[dashboard.Panel]:
    """Each source with its state, watermark, polls and clock."""
    kinds = f"max by (source, kind) (contactpoint_source_poll_interval_seconds{{{_CHOSEN}}} > bool 0)"
    state = f"{SOURCE_STATE} * on (source) group_left (kind) {kinds}"
    troubled = f"({SOURCE_STATE} != bool 1) and on (source) {_source('poll_interval_seconds')}"
    # Lines keep the order of the first query: a source that was never read has no lag to sort by.
    order = f"-1e9 * ({troubled}) - {_lag()} or -1e9 * ({troubled})"
    return [
        rows(
            "Sources now, worst first",
            About(
                "One line for each system we read, first those that are not: how it stands, since when nothing complete has come "
                "(behind by), when the last good reading was, how long readings take and how often they are made, the newest "
                "answer of ours seen there, and how far its clock is off ours. A dash is a fact that the system does not tell.",
                "contactpoint_source_up, contactpoint_source_watermark_timestamp_seconds, "
                "contactpoint_source_last_success_timestamp_seconds, contactpoint_source_poll_duration_seconds, "
                "contactpoint_source_poll_interval_seconds, contactpoint_source_last_outbound_timestamp_seconds, "
                "contactpoint_source_clock_offset_seconds",
                "Behind by more than three readings and a minute: absence is no longer judged there. A mailbox without an "
                "answer for days hides the replies: give the account the Sent folder.",
            ),
            [
                Q(f"sort({order})", form="table"),
                Q(state, form="table"),
                Q(f"floor({_lag()})", form="table"),
                Q(f"floor(time() - {_source('last_success_timestamp_seconds')})", form="table"),
                Q(_source("poll_duration_seconds"), form="table"),
                Q(_source("poll_interval_seconds"), form="table"),
                Q(f"floor(time() - {_source('last_outbound_timestamp_seconds')})", form="table"),
                Q(_source("clock_offset_seconds"), form="table"),
            ],
            (COLUMNS, 8),
            names={
                "source": "Source",
                "kind": "Kind",
                "Value #B": "State",
                "Value #C": "Behind by",
                "Value #D": "Last good reading",
                "Value #E": "Reading takes",
                "Value #F": "Every",
                "Value #G": "Newest answer of ours",
                "Value #H": "Clock off by",
            },
            hidden=["Value #A"],
            overrides=[
                column("Kind", width(150)),
                column(
                    "State", width(130) | {"mappings": [says(_STATES)], "custom.align": "left", "custom.cellOptions": colored()}
                ),
                column("Behind by", width(110) | {"unit": SECONDS, "decimals": 0}),
                column("Last good reading", width(150) | {"unit": SECONDS, "decimals": 0}),
                column("Reading takes", width(120) | {"unit": SECONDS}),
                column("Every", width(90) | {"unit": SECONDS}),
                column("Newest answer of ours", width(175) | {"unit": SECONDS, "decimals": 0}),
                column("Clock off by", width(115) | {"unit": SECONDS}),
            ],
            empty=NO_DATA,
        )
    ]


def _history() -> Sequence[dashboard.Panel]:
    """How each source stood, and how far it lagged behind, over time."""
    allowed = f"({BEHIND_POLLS} * {_source('poll_interval_seconds')} + {BEHIND_SECONDS})"
    return [
        states(
            "Sources over time",
            About(
                "Whether each system could be read, and whether what it told was complete. A hole: the monitor itself was "
                "not there.",
                "contactpoint_source_up, contactpoint_source_watermark_timestamp_seconds, "
                "contactpoint_source_poll_interval_seconds",
                "What was down at the same time usually has one cause; look there first.",
            ),
            [Q(f"{SOURCE_STATE} and on (source) {_source('poll_interval_seconds')}", "{{source}}", now=False)],
            (12, 9),
            Look(
                COUNT,
                mappings=[
                    says({"1": ("read", SERIES), "2": ("behind", WARN), "0": ("DOWN", BAD), "-1": ("not read yet", UNKNOWN)})
                ],
                no_value=NO_DATA,
            ),
        ),
        lines(
            "Lag of the sources, as a share of what counts as behind",
            About(
                "How far behind now each system has been seen completely, as a share of three readings and a minute; the eight "
                "that lag most. At the dashed line a system counts as behind, and its contact points are unknown.",
                "contactpoint_source_watermark_timestamp_seconds, contactpoint_source_poll_interval_seconds",
                "A line that rises steadily: nothing arrives any more. Look at the failures below.",
            ),
            [
                Q(f"topk(8, {_lag()} / ({allowed} > 0))", "{{source}}", now=False),
                Q("max(contactpoint_build_info)", "behind from here on", now=False),
            ],
            (12, 9),
            Look(SHARE, min=0, no_value="no source has been read yet"),
            limits="/^behind from/",
        ),
    ]


def _errors() -> Sequence[dashboard.Panel]:
    """What could not be read, by reason, and what was."""
    look = Look(COUNT, decimals=0, min=0, steps=SOME_WARN, no_value="none in this time")
    failures, rejected = (
        f"sum by (source, reason) (increase(contactpoint_source_{name}{{{_CHOSEN}}}[$__range]))"
        for name in ("poll_failures_total", "records_rejected_total")
    )
    return [
        bars(
            "Failed readings, by reason",
            About(
                "Attempts to read a system that failed in the chosen time, by reason. Only what happened is listed.",
                "contactpoint_source_poll_failures_total",
                "Login refused: the password. Not reachable, no answer, certificate: the network or the server. Not "
                "understood: a version we do not know. Asked to read less: poll less.",
            ),
            [Q(f"topk(8, round({failures}) > 0)", "{{source}}: {{reason}}")],
            (8, 8),
            look,
            transformations=series_in_words(FAILURES),
        ),
        bars(
            "Refused records, by reason",
            About(
                "Records of a system that could not be used in the chosen time, by reason. Only what happened is listed.",
                "contactpoint_source_records_rejected_total",
                "The log holds a redacted sample of each; `contact-monitor poll SOURCE` shows them as they come.",
            ),
            [Q(f"topk(8, round({rejected}) > 0)", "{{source}}: {{reason}}")],
            (8, 8),
            look,
            transformations=series_in_words(REFUSALS),
        ),
        rows(
            "Read in the chosen time",
            About(
                "Readings, events taken from them, records that belong to no configured contact point, and how long the "
                "system can tell nothing about any more.",
                "contactpoint_source_polls_total, contactpoint_source_events_total, contactpoint_source_records_unmapped_total, "
                "contactpoint_source_gap_seconds_total",
                "Unmapped above 0: name the queue or mailbox under contact_points. No events for a day: is it the right account?",
            ),
            [
                Q(_grew("polls_total", "$__range"), form="table"),
                Q(_grew("events_total", "$__range"), form="table"),
                Q(_grew("records_unmapped_total", "$__range"), form="table"),
                Q(_grew("gap_seconds_total", "$__range"), form="table"),
            ],
            (8, 8),
            names={
                "source": "Source",
                "Value #A": "Readings",
                "Value #B": "Events",
                "Value #C": "Unmapped",
                "Value #D": "Gaps",
            },
            sort=("Events", True),
            overrides=[
                column("Readings", width(80)),
                column("Events", width(85)),
                column("Unmapped", width(90)),
                column("Gaps", width(70) | {"unit": SECONDS, "decimals": 0}),
            ],
            empty=NO_DATA,
        ),
    ]


def _inside() -> Sequence[dashboard.Panel]:
    """How late limits are counted, and how many events are stored."""
    delay = "sum by (le) (increase(contactpoint_detection_delay_seconds_bucket[{}]))"
    return [
        heat(
            "Detection delay",
            About(
                "From the moment a limit passed to the moment it was counted. What was caught up after an outage is late by "
                "nature.",
                "contactpoint_detection_delay_seconds",
                "Above a second while all systems are read: the machine is too slow, or a source tells too late.",
            ),
            Q(delay.format("$__rate_interval"), "{{le}}", now=False, form="heatmap"),
            (8, 8),
            unit=SECONDS,
            empty="no limit passed in this time",
        ),
        lines(
            "Detection delay: nine in ten",
            About(
                "Of the limits that passed in the hour before each moment, nine in ten were counted within this time.",
                "contactpoint_detection_delay_seconds",
                "As beside it.",
            ),
            [Q(f"histogram_quantile(0.9, {delay.format('1h')}) >= 0", "nine in ten", now=False)],
            (8, 8),
            Look(PLAIN_SECONDS, min=0, no_value="no limit passed in this time"),
        ),
        lines(
            "Events taken, each second",
            About(
                "How many events a second came from each system, the eight that told most.",
                "contactpoint_source_events_total",
                "A line at 0 in opening hours: the system is read but tells nothing; check what its account may see.",
            ),
            [
                Q(
                    f"topk(8, sum by (source) (rate(contactpoint_source_events_total{{{_CHOSEN}}}[$__rate_interval])))",
                    "{{source}}",
                    now=False,
                )
            ],
            (8, 8),
            Look("cps", min=0, no_value="no source has been read yet"),
        ),
    ]


def _machine() -> Sequence[dashboard.Panel]:
    """Store, memory and processor."""
    return [
        lines(
            "Store",
            About(
                "Size of the store on disk.",
                "contactpoint_store_size_bytes",
                "It grows by the contacts of each day until the retention (400 days by default), then stays; plan the disk "
                "for that.",
            ),
            [Q("max(contactpoint_store_size_bytes)", "store", now=False)],
            (8, 7),
            Look(BYTES, min=0, no_value="this store has no size on a disk"),
        ),
        lines(
            "Memory",
            About(
                "Resident memory of the daemon.",
                "process_resident_memory_bytes",
                "It follows the number of open contacts. A line that climbs for days is a fault of ours: please report it.",
            ),
            [Q(f"sum(process_resident_memory_bytes {_OURS})", "memory", now=False)],
            (8, 7),
            Look(BYTES, min=0, no_value=NO_DATA),
        ),
        lines(
            "Processor",
            About(
                "Processors used by the daemon; 100 % is one processor fully in use.",
                "process_cpu_seconds_total",
                "Near 100 % for long: it falls behind. Spread its sources over two daemons.",
            ),
            [Q(f"sum(rate(process_cpu_seconds_total[$__rate_interval]) {_OURS})", "processors", now=False)],
            (8, 7),
            Look(SHARE, min=0, no_value=NO_DATA),
        ),
    ]


def monitor() -> dashboard.Dashboard:
    """Can the figures be trusted, and if not, which system is the reason?"""
    source = choice("source", "Source", "label_values(contactpoint_source_poll_interval_seconds, source)")
    return board(
        MONITOR,
        "The monitor itself",
        "Can the figures be trusted, and if not, which system is the reason?",
        [datasource_variable(), source, page_variable()],
        [
            [source_line()],
            [_daemon()],
            _sources(),
            _history(),
            _errors(),
            [heading("Inside the daemon", folded=[_inside(), _machine()])],
            [heading("About")],
            [
                about_board(
                    "Tells those on call whether the figures of the other boards can be trusted, and which system is the "
                    "reason if not.",
                    "Whoever runs the monitor.",
                    [
                        "Top to bottom: is everything read, is the daemon well, which source is the trouble, why. *Inside the "
                        "daemon* asks for its pictures once it is opened.",
                        "A system that is *behind* answers, but has told nothing complete for three polls and a minute; what "
                        "waits there is then not judged, neither good nor bad.",
                        "Figures of a system that is not read are missing on the other boards. They are never 0 for that reason.",
                    ],
                )
            ],
        ],
        since="now-6h",
        refresh="30s",
    )
