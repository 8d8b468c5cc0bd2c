"""Alerts about sources and about the daemon: they explain the silence of the others."""

from typing import Final

from monitor.publish import alert_facts
from monitor.publish.rules.going_on import indented, lasting_of_monitor, lasting_of_source
from monitor.publish.rules.texts import HERE, NUMBER, SOURCE, STAMP, VALUE_LENGTH, length, told
from monitor.publish.rules.values import Alert, alert_of, gauge, highest_in, increase, merged, selector, was_firing
from monitor.publish.rules.windows import BLIND, INBOUND, MONITOR_GONE

#: A limit is counted within a second or so of its falling.
_DELAY_SECONDS: Final = 15
_DAY_SECONDS: Final = 86400
_OF_SOURCE: Final = ("source", "kind")

#: Facts of the daemon's own target that outlive it for a while: rules need no name of a job.
_OURS: Final = f"count_over_time({selector('build_info')}[1d])"


def _down() -> str:
    """It begins where a target that was a monitor does not answer; time alone, or a target that is gone, ends it not.

    It ends when the target answers, or when it is gone and another of the same job watches in its place; where other jobs have
    monitors, three days after the last figures of a target that is gone: that one was taken down.
    """
    fired = was_firing("ContactPointMonitorDown")
    gone = f"{fired}\nunless on (job, instance) up"
    return (
        f"up == 0\nand on (job, instance) {_OURS} > 0\n"
        f"or\n{fired}\nand on (job, instance) up == 0\n"
        f"or\n{gone}\nand ignoring (instance, pod) {MONITOR_GONE}\n"
        f"or\n{gone}\nand on () absent({selector('build_info')})"
    )


def _in_its_points(per_point: str, *matchers: str) -> str:
    """The highest value of `per_point` among the contact points that a source feeds."""
    facts = gauge("source_info", *matchers)
    return f"max without (channel, contact_point) (\n  {facts}\n  * ignoring (source, kind) group_left () {per_point}\n)"


def _last_known(metric: str) -> str:
    """What a metric of the alert's source is, or was when the monitor last told it."""
    series = f"{selector(metric)}{{{HERE}}}"
    return f"({series} or last_over_time({series}[3d]))"


def _moment(metric: str, otherwise: str) -> str:
    return told(_last_known(metric), STAMP, otherwise, _OF_SOURCE)


def source_alerts() -> tuple[Alert, ...]:
    """Trouble between the daemon and the systems it reads."""
    return (_blind(), _idle(), _source_down(), _refused(), *_records(), _no_outbound(), _clock())


def _said(**more: str) -> dict[str, str]:
    return {"source": "{{ $labels.source }}", "source_kind": SOURCE, **more}


def _blind() -> Alert:
    facts, watermark = alert_facts.SOURCE_BLIND, "source_watermark_timestamp_seconds"
    feeds = told(
        f"count({_last_known('source_info')})",
        '{{ . | value | printf "%.0f" }} contact point{{ if ne (. | value) 1.0 }}s{{ end }}',
        "its contact points",
        _OF_SOURCE,
    )
    said = _said(
        feeds=feeds,
        since=_moment(watermark, "it was configured"),
        lag=length(f"time() - {_last_known(watermark)}", labels=_OF_SOURCE),
    )
    condition = f"{BLIND} == 1\nand {_in_its_points(gauge('open'))} == 1"
    return alert_of(facts, lasting_of_source(facts.name, condition, f"{BLIND} == 1"), said, page="/sources")


def _idle() -> Alert:
    """Says nothing to anybody: Alertmanager keeps a blind source quiet by it until one of its contact points opens."""
    return Alert(
        "ContactPointSourceIdle",
        "source",
        "info",
        f"{_in_its_points(gauge('open'))} == 0",
        "{{ $labels.source }}: everything that it feeds is closed",
        f"{SOURCE}: all its contact points are closed. Nothing is wrong: while this fires nobody is woken about the source.",
        page="/sources",
    )


def _source_down() -> Alert:
    facts = alert_facts.SOURCE_DOWN
    said = _said(last_good=_moment("source_last_success_timestamp_seconds", "not yet"))
    condition = f"{highest_in('source_up', alert_facts.DOWN_FOR)} == 0"
    return alert_of(facts, lasting_of_source(facts.name, condition), said, page="/sources")


def _refused() -> Alert:
    facts = alert_facts.SOURCE_AUTH_REFUSED
    refused = increase("source_poll_failures_total", alert_facts.REFUSED_WITHIN, reason="auth", without=("reason",))
    ever = gauge("source_poll_failures_total", reason="auth", without=("reason",))
    said = _said(last_good=_moment("source_last_success_timestamp_seconds", "not yet"))
    condition = (
        f"{gauge('source_up')} == 0\nand (\n  {refused} > 0\n  or {ever} > 0 and {ever} >= {gauge('source_polls_total')} - 1\n)"
    )
    return alert_of(facts, lasting_of_source(facts.name, condition), said, page="/sources")


def _grown(name: str, window: str, *without: str) -> str:
    return increase(f"source_{name}_total", window, without=without)


def _records() -> tuple[Alert, ...]:
    """A source whose records are refused, or belong to no contact point."""
    rejected, unmapped = _grown("records_rejected", "1h", "reason"), _grown("records_unmapped", "6h")
    return (
        Alert(
            "ContactPointRecordsRejected",
            "source",
            "warning",
            f"round({rejected}) >= 3\nand {rejected} > 0.01 * ({rejected} + {_grown('events', '1h')})",
            "{{ $labels.source }}: records of this source cannot be used",
            f"{SOURCE}: records refused in the last hour: {NUMBER}, more than one in a hundred. "
            "Figures of its contact points are incomplete; the format may have changed. First: see the log for the records.",
            page="/sources",
        ),
        Alert(
            "ContactPointRecordsUnmapped",
            "source",
            "info",
            f"round({unmapped}) >= 3\nand {unmapped} > 0.05 * {_grown('events', '6h')}",
            "{{ $labels.source }}: part of its traffic belongs to no contact point",
            f'{SOURCE}: records of the last six hours without a contact point: {NUMBER}. They are counted as "other". '
            "First: see whether a new queue or address is missing in the configuration.",
            hold="30m",
            page="/sources",
        ),
    )


def _no_outbound() -> Alert:
    name, outbound = "ContactPointNoOutbound", gauge("source_last_outbound_timestamp_seconds")
    written = 'channel=~"email|ticket"'
    silent = f"(\n  time() - {outbound} > {3 * _DAY_SECONDS}\n  or\n  {gauge('source_up')} == 1 unless {outbound}\n)"
    return Alert(
        name,
        "source",
        "warning",
        lasting_of_source(
            name,
            f"{silent}\nand {_in_its_points(gauge('open'), written)} == 1\n"
            f"and {_in_its_points(f'round({INBOUND})', written)} >= 10",
            f"{silent}",
        ),
        "{{ $labels.source }}: this source shows no answers of ours",
        f"{SOURCE}: customers keep writing, but the newest answer of ours seen in it: "
        f"{_moment('source_last_outbound_timestamp_seconds', 'never')}. If answers go out another way, everything there will "
        "look unanswered. First: write an answer and see in which folder or account it ends up.",
        hold="2h",
        page="/sources",
    )


def _clock() -> Alert:
    condition = f"abs({gauge('source_clock_offset_seconds')}) > {alert_facts.SKEW_SECONDS}"
    return alert_of(alert_facts.SOURCE_CLOCK_SKEW, condition, _said(length=VALUE_LENGTH), page="/sources")


def daemon_alerts() -> tuple[Alert, ...]:
    """Trouble with the daemon itself."""
    delays = merged("sum", f"increase({selector('detection_delay_seconds_bucket')}[30m])")
    delayed = merged("sum", f"increase({selector('detection_delay_seconds_count')}[30m])")
    started = f"max without (instance, pod) (process_start_time_seconds and on (job, instance) {selector('build_info')})"
    blind = f"max without (source, kind) (max_over_time({BLIND}[35m]))"
    accepted = told(f"{selector('config_last_reload_success_timestamp_seconds')}{{{HERE}}}", STAMP, "before", ())
    # The counter lies in the store: while nothing is taken it stands still.
    failing = f"{increase('store_write_failures_total', '10m')} > 0\nor\n{gauge('store_up')} == 0"
    return (
        Alert(
            "ContactPointMonitorDown",
            "monitor",
            "critical",
            _down(),
            "The monitor does not answer: nobody is watching",
            "The monitor at {{ $labels.instance }} does not answer Prometheus. No contact point is being watched through it. "
            "First: see whether its process runs, and start it.",
            hold="3m",
        ),
        Alert(
            "ContactPointMonitorAbsent",
            "monitor",
            "critical",
            # One that is down has an alert of its own, which is told seven minutes earlier.
            f"absent({selector('build_info')})\nunless on () (\n{indented(_down())}\n)",
            "No monitor is there at all: nobody is watching",
            "Prometheus has no figures of any monitor. It may be down, or have fallen out of Prometheus' targets. "
            "First: see the page of targets in Prometheus.",
            hold="10m",
        ),
        Alert(
            "ContactPointConfigReloadFailed",
            "monitor",
            "warning",
            lasting_of_monitor("ContactPointConfigReloadFailed", f"{highest_in('config_last_reload_successful', '5m')} == 0"),
            "The monitor refused its configuration",
            "The monitor refused the configuration it was last told to read and goes on with the one from "
            f"{accepted}. First: run `contact-monitor check`, which names every problem.",
            hold="5m",
        ),
        Alert(
            "ContactPointDetectionDelayed",
            "monitor",
            "warning",
            f"histogram_quantile(0.9, {delays}) > {_DELAY_SECONDS}\nand round({delayed}) >= 5\n"
            f"and time() - {started} > 2100\nunless {blind} == 1",
            "Negative contacts are noticed late",
            f"One in ten limits that passed in the last half hour was counted {VALUE_LENGTH} late or later, "
            "though no source was blind. The monitor or its store is overloaded. First: see its load on the dashboard.",
            hold="10m",
        ),
        Alert(
            "ContactPointStoreFailing",
            "monitor",
            "critical",
            lasting_of_monitor("ContactPointStoreFailing", failing),
            "The store does not take writes",
            "The store refuses writes, or has refused some within the last ten minutes. Sources are not read on until it takes "
            "them again; nothing is lost meanwhile. First: see the page of sources for the reason.",
            hold="5m",
            page="/sources",
        ),
        Alert(
            "ContactPointMonitorRestarting",
            "monitor",
            "warning",
            f"changes(process_start_time_seconds[30m]) > 3\nand on (job, instance) {_OURS} > 0",
            "The monitor restarts again and again",
            f"The monitor at {{{{ $labels.instance }}}} has started {NUMBER} times in half an hour. First: its log says why.",
        ),
        Alert(
            "ContactPointWatchdog",
            "monitor",
            "none",
            "vector(1)",
            "Alerts reach their receiver: this one always fires",
            "This alert always fires. Whoever receives it should raise the alarm when it stops.",
        ),
    )
