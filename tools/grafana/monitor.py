"""The board about the monitor itself: can its figures be trusted?"""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.models import dashboard

from tools.grafana.kit import (
    BAD,
    BYTES,
    CLOCK,
    COLUMNS,
    COUNT,
    GOOD,
    PLAIN,
    SECONDS,
    UNKNOWN,
    WARN,
    About,
    Look,
    Q,
    Step,
    bars,
    column,
    heading,
    heat,
    lines,
    rows,
    says,
    states,
    stats,
)
from tools.grafana.parts import MONITOR, about_board, board, choice, datasource_variable, page_variable, source_line
from tools.grafana.queries import SOURCE_STATE

_CHOSEN: Final = 'source=~"$source"'
#: The process behind a daemon, among all that Prometheus scrapes.
_OURS: Final = "and on (job, instance) contactpoint_build_info"


def _source(name: str) -> str:
    return f"max by (source) (contactpoint_source_{name}{{{_CHOSEN}}})"


def _grew(name: str, window: str, labels: str = "source") -> str:
    return f"round(sum by ({labels}) (increase(contactpoint_source_{name}{{{_CHOSEN}}}[{window}])))"


def _daemon() -> dashboard.Panel:
    """Whether the daemon runs, was restarted, and accepted its configuration."""
    return stats(
        "The daemon",
        About(
            "Which build runs and since when, whether it took its configuration the last time it was read and how old that "
            "is, how big its store is, and how many writes the store refused in the chosen time.",
            "contactpoint_build_info, process_start_time_seconds, contactpoint_config_last_reload_successful, "
            "contactpoint_config_last_reload_success_timestamp_seconds, contactpoint_store_size_bytes, "
            "contactpoint_store_write_failures_total",
            "Configuration refused: the log says why; the old one stays in force. Writes refused: look at the disk or the "
            "database.",
        ),
        [
            Q("max by (version, python_version) (contactpoint_build_info)", "version {{version}}, Python {{python_version}}"),
            Q(f"time() - max(process_start_time_seconds {_OURS})", "running for"),
            Q("min(contactpoint_config_last_reload_successful)", "configuration"),
            Q("time() - max(contactpoint_config_last_reload_success_timestamp_seconds)", "configuration read"),
            Q("max(contactpoint_store_size_bytes)", "store"),
            Q("round(sum(increase(contactpoint_store_write_failures_total[$__range])))", "writes refused"),
        ],
        (COLUMNS, 4),
        Look(COUNT, decimals=0, steps=[Step(None, PLAIN)], no_value="NO DATA: is the monitor running and scraped?"),
        overrides=[
            dashboard.DashboardFieldConfigSourceOverrides(
                matcher=dashboard.MatcherConfig("byFrameRefID", "A"),
                properties=[dashboard.DynamicConfigValue("mappings", [says({"1": ("● running", GOOD)})])],
            ),
            column("running for", {"unit": CLOCK}),
            column("configuration", {"mappings": [says({"1": ("✓ in force", GOOD), "0": ("✗ REFUSED", BAD)})]}),
            column("configuration read", {"unit": CLOCK}),
            column("store", {"unit": BYTES, "decimals": 1}),
            column("writes refused", {"mappings": [says({"0": ("✓ 0", GOOD)})], "unit": "prefix:▲ "}),
        ],
        sizes=(14, 24),
    )


def _sources() -> Sequence[dashboard.Panel]:
    """Each source with its state, watermark, polls and clock."""
    return [
        rows(
            "Sources now",
            About(
                "One line for each system we read: since when nothing complete has come (lag), when the last good reading "
                "was, how long readings take and how often they are made, the newest answer of ours seen there, and how far "
                "its clock is off ours. An empty cell is a fact that the system does not tell.",
                "contactpoint_source_up, contactpoint_source_watermark_timestamp_seconds, "
                "contactpoint_source_last_success_timestamp_seconds, contactpoint_source_poll_duration_seconds, "
                "contactpoint_source_poll_interval_seconds, contactpoint_source_last_outbound_timestamp_seconds, "
                "contactpoint_source_clock_offset_seconds",
                "Lag above three times the interval: absence is no longer judged there. A mailbox without an answer for days "
                "hides the replies: give the account the Sent folder.",
            ),
            [
                Q(f"max by (source, kind) (contactpoint_source_up{{{_CHOSEN}}})", form="table"),
                Q(f"time() - {_source('watermark_timestamp_seconds')}", form="table"),
                Q(f"time() - {_source('last_success_timestamp_seconds')}", form="table"),
                Q(_source("poll_duration_seconds"), form="table"),
                Q(_source("poll_interval_seconds"), form="table"),
                Q(f"time() - {_source('last_outbound_timestamp_seconds')}", form="table"),
                Q(_source("clock_offset_seconds"), form="table"),
            ],
            (COLUMNS, 7),
            names={
                "source": "Source",
                "kind": "Kind",
                "Value #A": "State",
                "Value #B": "Lag",
                "Value #C": "Last good reading",
                "Value #D": "Reading takes",
                "Value #E": "Every",
                "Value #F": "Newest answer of ours",
                "Value #G": "Clock off by",
            },
            sort=("Lag", True),
            overrides=[
                column("State", {"mappings": [says({"1": ("✓ read", GOOD), "0": ("✗ DOWN", BAD)})]}),
                column("Lag", {"unit": CLOCK}),
                column("Last good reading", {"unit": CLOCK}),
                column("Reading takes", {"unit": SECONDS, "decimals": 3}),
                column("Every", {"unit": SECONDS}),
                column("Newest answer of ours", {"unit": CLOCK}),
                column("Clock off by", {"unit": SECONDS, "decimals": 3}),
            ],
            empty="NO DATA: is the monitor running and scraped?",
        )
    ]


def _history() -> Sequence[dashboard.Panel]:
    """How far each source lagged behind, over time."""
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
            [Q(SOURCE_STATE, "{{source}}", now=False)],
            (12, 8),
            Look(
                COUNT,
                mappings=[
                    says(
                        {
                            "1": ("read", GOOD),
                            "2": ("behind", WARN),
                            "0": ("DOWN", BAD),
                            "-1": ("not read yet", UNKNOWN),
                        }
                    )
                ],
                no_value="NO DATA: is the monitor running and scraped?",
            ),
        ),
        lines(
            "Lag of the sources",
            About(
                "How far behind now each system has been seen completely. The dashed lines are three intervals of polling "
                "and a minute: above them a system counts as behind.",
                "contactpoint_source_watermark_timestamp_seconds, contactpoint_source_poll_interval_seconds",
                "A line that rises one second a second: nothing arrives any more. Look at the failures beside it.",
            ),
            [
                Q(f"time() - {_source('watermark_timestamp_seconds')}", "{{source}}", now=False),
                Q(f"3 * {_source('poll_interval_seconds')} + 60", "limit {{source}}", now=False),
            ],
            (12, 8),
            Look(SECONDS, min=0, no_value="no source has been read yet"),
            limits="/^limit /",
        ),
    ]


def _errors() -> Sequence[dashboard.Panel]:
    """What could not be read, by reason, and what was."""
    look = Look(COUNT, decimals=0, min=0, steps=[Step(None, WARN)], color="fixed", no_value="✓ none in this time")
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
                "auth: the password. connect, timeout, tls: the network or the server. protocol: a version we do not know. "
                "rate_limit: poll less.",
            ),
            [Q(f"round({failures}) > 0", "{{source}}: {{reason}}")],
            (8, 8),
            look,
        ),
        bars(
            "Refused records, by reason",
            About(
                "Records of a system that could not be used in the chosen time, by reason. Only what happened is listed.",
                "contactpoint_source_records_rejected_total",
                "The log holds a redacted sample of each; `contact-monitor poll SOURCE` shows them as they come.",
            ),
            [Q(f"round({rejected}) > 0", "{{source}}: {{reason}}")],
            (8, 8),
            look,
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
            overrides=[column("Gaps", {"unit": CLOCK})],
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
            Look(SECONDS, min=0, no_value="no limit passed in this time"),
            as_table=False,
        ),
        lines(
            "Events taken, each second",
            About(
                "How many events a second came from each system.",
                "contactpoint_source_events_total",
                "A line at 0 in opening hours: the system is read but tells nothing; check what its account may see.",
            ),
            [
                Q(
                    f"sum by (source) (rate(contactpoint_source_events_total{{{_CHOSEN}}}[$__rate_interval]))",
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
            as_table=False,
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
            Look(BYTES, min=0, no_value="NO DATA: is the monitor running and scraped?"),
            as_table=False,
        ),
        lines(
            "Processor",
            About(
                "Processors used by the daemon; 1 is one processor fully in use.",
                "process_cpu_seconds_total",
                "Near 1 for long: it falls behind. Spread its sources over two daemons.",
            ),
            [Q(f"sum(rate(process_cpu_seconds_total[$__rate_interval]) {_OURS})", "processors", now=False)],
            (8, 7),
            Look(COUNT, decimals=2, min=0, no_value="NO DATA: is the monitor running and scraped?"),
            as_table=False,
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
            [heading("Inside the daemon")],
            _inside(),
            _machine(),
            [
                about_board(
                    "Tells those on call whether the figures of the other boards can be trusted, and which system is the "
                    "reason if not.",
                    "Whoever runs the monitor.",
                    [
                        "Top to bottom: is everything read, is the daemon well, which source is the trouble, why.",
                        "A system that is *behind* answers, but has told nothing complete for three polls and a minute; what "
                        "waits there is then not judged, neither good nor bad.",
                        "Figures of a system that is not read are missing on the other boards. They are never 0 for that reason.",
                    ],
                    (COLUMNS, 5),
                )
            ],
        ],
        since="now-6h",
        refresh="30s",
    )
