"""Alerts about sources and about the daemon: they explain the silence of the others."""

from typing import Final

from monitor.publish.rules.values import (
    DURATION,
    LENGTH,
    MOMENT,
    NUMBER,
    SOURCE,
    Alert,
    gauge,
    highest_in,
    increase,
    looked_up,
    merged,
    selector,
)
from monitor.publish.rules.windows import BLIND, INBOUND, LAG

#: Beyond this many seconds between a source's clock and ours, waits and verdicts are visibly wrong.
_SKEW_SECONDS: Final = 30
#: A limit is counted within a second or so of its falling.
_DELAY_SECONDS: Final = 15
_DAY_SECONDS: Final = 86400
_OF_SOURCE: Final = ("source", "kind")

#: Facts of the daemon's own target that outlive it for a while: rules need no name of a job.
_OURS: Final = f"count_over_time({selector('build_info')}[1d])"


def _in_its_points(per_point: str, *matchers: str) -> str:
    """The highest value of `per_point` among the contact points that a source feeds."""
    facts = gauge("source_info", *matchers)
    return f"max without (channel, contact_point) (\n  {facts}\n  * ignoring (source, kind) group_left () {per_point}\n)"


def source_alerts() -> tuple[Alert, ...]:
    """Trouble between the daemon and the systems it reads."""
    return (*_reading(), *_records(), _clock())


def _reading() -> tuple[Alert, ...]:
    """A source that is not read: blind while its contact points are open, down, or refusing our credentials."""
    refused = increase("source_poll_failures_total", "1d", reason="auth", without=("reason",))
    ever = gauge("source_poll_failures_total", reason="auth", without=("reason",))
    lag = looked_up(LAG, *_OF_SOURCE, form=DURATION, otherwise="an unknown time")
    seen = looked_up(selector("source_watermark_timestamp_seconds"), *_OF_SOURCE, form=MOMENT, otherwise="it was configured")
    last = looked_up(selector("source_last_success_timestamp_seconds"), *_OF_SOURCE, form=MOMENT, otherwise="not yet")
    return (
        Alert(
            "ContactPointSourceBlind",
            "source",
            "critical",
            f"{BLIND} == 1\nand {_in_its_points(gauge('open'))} == 1",
            "A source cannot be read while its contact points are open.",
            f"{SOURCE}: nothing has been seen of it since {seen} ({lag}). "
            "Customers may be waiting unseen at every contact point that it feeds; alerts about them stay silent.",
            hold="2m",
            page="/sources",
        ),
        Alert(
            "ContactPointSourceDown",
            "source",
            "warning",
            f"{highest_in('source_up', '5m')} == 0",
            "No attempt to read a source has worked for minutes.",
            f"{SOURCE}: no attempt to read it has worked for five minutes or more; the last good one: {last}. "
            "The sources page says why.",
            hold="1m",
            page="/sources",
        ),
        Alert(
            "ContactPointSourceAuthRefused",
            "source",
            "warning",
            f"{gauge('source_up')} == 0\n"
            f"and (\n  {refused} > 0\n  or {ever} > 0 and {ever} >= {gauge('source_polls_total')} - 1\n)",
            "A source refuses our credentials.",
            f"{SOURCE}: our user name, password or token was refused; after a few tries the monitor waits for a reload. "
            f"Last good attempt: {last}.",
            hold="1m",
            page="/sources",
        ),
    )


def _records() -> tuple[Alert, ...]:
    """A source whose records are refused, lack our answers, or belong to no contact point."""
    reasons = ("reason",)

    def grown(name: str, window: str, *without: str) -> str:
        return increase(f"source_{name}_total", window, without=without)

    rejected, unmapped = grown("records_rejected", "1h", *reasons), grown("records_unmapped", "6h")
    outbound = gauge("source_last_outbound_timestamp_seconds")
    written = 'channel=~"email|ticket"'
    latest = looked_up(selector("source_last_outbound_timestamp_seconds"), *_OF_SOURCE, form=MOMENT, otherwise="never")
    return (
        Alert(
            "ContactPointRecordsRejected",
            "source",
            "warning",
            f"round({rejected}) >= 3\nand {rejected} > 0.01 * ({rejected} + {grown('events', '1h')})",
            "Records of a source cannot be used.",
            f"{SOURCE}: records refused in the last hour: {NUMBER}, more than one in a hundred. "
            "Figures of its contact points are incomplete; the format may have changed.",
            page="/sources",
        ),
        Alert(
            "ContactPointNoOutbound",
            "source",
            "warning",
            f"(\n  time() - {outbound} > {3 * _DAY_SECONDS}\n  or\n  {gauge('source_up')} == 1 unless {outbound}\n)\n"
            f"and {_in_its_points(gauge('open'), written)} == 1\nand {_in_its_points(f'round({INBOUND})', written)} >= 10",
            "A source shows customers' messages but no answers of ours.",
            f"{SOURCE}: customers keep writing, but the newest answer of ours seen in it: {latest}. "
            "If answers go out another way, everything there will look unanswered.",
            hold="2h",
            page="/sources",
        ),
        Alert(
            "ContactPointRecordsUnmapped",
            "source",
            "info",
            f"round({unmapped}) >= 3\nand {unmapped} > 0.05 * {grown('events', '6h')}",
            "Part of a source's traffic belongs to no contact point.",
            f"{SOURCE}: records of the last six hours without a contact point: {NUMBER}. "
            'They are counted as "other": a new queue or address may be missing in the configuration.',
            hold="30m",
            page="/sources",
        ),
    )


def _clock() -> Alert:
    return Alert(
        "ContactPointSourceClockSkew",
        "source",
        "warning",
        f"abs({gauge('source_clock_offset_seconds')}) > {_SKEW_SECONDS}",
        "The clocks of a source and of the monitor differ.",
        f"{SOURCE}: its clock and ours differ by {LENGTH}. Waits are measured wrongly by as much.",
        hold="10m",
        page="/sources",
    )


def daemon_alerts() -> tuple[Alert, ...]:
    """Trouble with the daemon itself."""
    delays = merged("sum", f"increase({selector('detection_delay_seconds_bucket')}[30m])")
    delayed = merged("sum", f"increase({selector('detection_delay_seconds_count')}[30m])")
    started = f"max without (instance, pod) (process_start_time_seconds and on (job, instance) {selector('build_info')})"
    blind = f"max without (source, kind) (max_over_time({BLIND}[35m]))"
    return (
        Alert(
            "ContactPointMonitorDown",
            "monitor",
            "critical",
            f"up == 0\nand on (job, instance) {_OURS} > 0",
            "The monitor does not answer: nobody is watching.",
            "The monitor at {{ $labels.instance }} does not answer Prometheus. No contact point is being watched through it.",
            hold="3m",
        ),
        Alert(
            "ContactPointMonitorAbsent",
            "monitor",
            "critical",
            f"absent({selector('build_info')})",
            "No monitor is there at all: nobody is watching.",
            "Prometheus has no figures of any monitor. It may be down, or have fallen out of Prometheus' targets.",
            hold="10m",
        ),
        Alert(
            "ContactPointConfigReloadFailed",
            "monitor",
            "warning",
            f"{highest_in('config_last_reload_successful', '5m')} == 0",
            "The monitor refused its configuration.",
            "The monitor refused the configuration it was last told to read and goes on with the one from "
            + looked_up(selector("config_last_reload_success_timestamp_seconds"), form=MOMENT, otherwise="before")
            + ". Its log, or `contact-monitor check`, names every problem.",
            hold="5m",
        ),
        Alert(
            "ContactPointDetectionDelayed",
            "monitor",
            "warning",
            f"histogram_quantile(0.9, {delays}) > {_DELAY_SECONDS}\nand round({delayed}) >= 5\n"
            f"and time() - {started} > 2100\nunless {blind} == 1",
            "Negative contacts are noticed late.",
            f"One in ten limits that passed in the last half hour was counted {LENGTH} late or later, "
            "though no source was blind. The monitor or its store is overloaded.",
            hold="10m",
        ),
        Alert(
            "ContactPointStoreFailing",
            "monitor",
            "critical",
            f"{increase('store_write_failures_total', '10m')} > 0",
            "The store does not take writes.",
            f"Writes that the store refused in the last ten minutes: {NUMBER}. "
            "Sources are not read on until it takes them again.",
            hold="5m",
        ),
        Alert(
            "ContactPointMonitorRestarting",
            "monitor",
            "warning",
            f"changes(process_start_time_seconds[30m]) > 3\nand on (job, instance) {_OURS} > 0",
            "The monitor restarts again and again.",
            f"The monitor at {{{{ $labels.instance }}}} has started {NUMBER} times in half an hour. Its log says why.",
        ),
        Alert(
            "ContactPointWatchdog",
            "monitor",
            "none",
            "vector(1)",
            "Alerts reach their receiver: this one always fires.",
            "This alert always fires. Whoever receives it should raise the alarm when it stops.",
        ),
    )
