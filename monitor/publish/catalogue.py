"""Every metric once, as data: what is exported, under which name, with which labels, meaning what (contract section 5)."""

from typing import Final, Literal, NamedTuple

PREFIX: Final = "contactpoint_"

MetricType = Literal["counter", "gauge", "histogram", "info"]
#: `stable`: name and labels stay. `experimental`: may still change, with a line in the changelog.
Stability = Literal["stable", "experimental"]


class MetricSpec(NamedTuple):
    """One metric family. `name` is without the prefix and, for counters and info, with its suffix, as a query writes it."""

    name: str
    type: MetricType
    labels: tuple[str, ...]
    help: str
    stability: Stability = "stable"

    @property
    def full_name(self) -> str:
        """The name as a query writes it (a histogram without its suffixes)."""
        return PREFIX + self.name

    @property
    def unit(self) -> str:
        """The base unit that the name ends in, for OpenMetrics' UNIT line; empty where it ends in none."""
        last = self.name.removesuffix("_total").rsplit("_", 1)[-1]
        return last if last in ("seconds", "bytes", "ratio") else ""


_POINT: Final = ("channel", "contact_point")
_SOURCE: Final = ("source", "kind")

#: Families about contact points, in the order in which they are exported.
POINT_METRICS: Final = (
    MetricSpec("contacts_total", "counter", (*_POINT, "direction"), "Contacts begun. Kept in the store, survives restarts."),
    MetricSpec(
        "outcomes_total",
        "counter",
        (*_POINT, "outcome", "in_target"),
        "Contacts decided, by how and whether within the target: the parts of every service-level formula. Kept in the store.",
    ),
    MetricSpec(
        "assessed_total",
        "counter",
        (*_POINT, "signal"),
        "Verdicts that fell for this signal, good or bad. Kept in the store. Share of negative contacts = signals / assessed.",
    ),
    MetricSpec(
        "signals_total",
        "counter",
        (*_POINT, "signal"),
        "Negative contacts, counted at the same moment as their assessment. Kept in the store.",
    ),
    MetricSpec(
        "signals_retracted_total",
        "counter",
        (*_POINT, "signal"),
        "Negative contacts taken back after a late correction by the source. Kept in the store.",
    ),
    MetricSpec(
        "abandons_recovered_total",
        "counter",
        _POINT,
        "Abandoned calls whose caller called again and was answered within `recovered_within`. Kept in the store.",
    ),
    MetricSpec("promises_made_total", "counter", _POINT, "Promises that were made. Kept in the store."),
    MetricSpec(
        "promises_kept_late_total", "counter", _POINT, "Broken promises that were kept after all, too late. Kept in the store."
    ),
    MetricSpec(
        "history_assessed_total",
        "counter",
        (*_POINT, "signal"),
        "Of the assessed, those counted more than an hour after they fell: an import, the first read of a mailbox, what was "
        "caught up after an outage. Kept in the store. Alerts take them off.",
    ),
    MetricSpec(
        "history_signals_total",
        "counter",
        (*_POINT, "signal"),
        "Of the negative contacts, those counted more than an hour after they fell. Kept in the store; a retraction leaves it.",
    ),
    MetricSpec(
        "wait_seconds",
        "histogram",
        (*_POINT, "wait"),
        "How long customers waited, observed once, when the wait ended; opening-hours seconds where the wait runs on a "
        "calendar. Kept in the store. Bounds are the same for all contact points and contain every configured limit.",
    ),
    MetricSpec(
        "rings",
        "histogram",
        _POINT,
        "Rings the caller heard before an answer or giving up, by the ringing cadence of the country. Kept in the store.",
    ),
    MetricSpec(
        "waiting",
        "gauge",
        (*_POINT, "wait"),
        "Customers waiting now, as of the daemon's latest snapshot; absent while a source of the contact point is blind.",
    ),
    MetricSpec(
        "overdue",
        "gauge",
        (*_POINT, "wait"),
        "Customers waiting now beyond the limit, as of the latest snapshot; absent while a source is blind.",
    ),
    MetricSpec(
        "due_soon",
        "gauge",
        (*_POINT, "wait"),
        "Customers waiting now, not overdue, whose limit falls within the configured `warn_before` (opening time where the wait "
        "runs on a calendar), as of the latest snapshot; absent where no warning is configured, or while a source is blind.",
    ),
    MetricSpec(
        "oldest_wait_start_timestamp_seconds",
        "gauge",
        (*_POINT, "wait"),
        "When the longest running wait began, Unix time, at the latest snapshot; absent when nobody waits or a source is blind.",
    ),
    MetricSpec(
        "oldest_wait_business_seconds",
        "gauge",
        (*_POINT, "wait"),
        "Age of the longest running wait on the contact point's calendar at the latest snapshot; 0 when nobody waits, "
        "absent while a source is blind.",
    ),
    MetricSpec(
        "next_due_timestamp_seconds",
        "gauge",
        (*_POINT, "wait"),
        "When the next limit of a running wait is used up, Unix time, as of the latest snapshot; absent when none will.",
    ),
    MetricSpec(
        "newest_broken_promise_business_seconds",
        "gauge",
        _POINT,
        "Of the promises that are past their moment and not kept yet: how much opening time of the contact point has passed "
        "since the newest was broken, at the latest snapshot; absent when there is none or a source is blind.",
    ),
    MetricSpec(
        "agents",
        "gauge",
        (*_POINT, "state"),
        "People who could answer now, by what they are doing (ready, busy, paused, away), at the latest snapshot; one who serves "
        "several queues counts in each. Absent where no source tells, or while one is blind.",
        "experimental",
    ),
    MetricSpec("open", "gauge", _POINT, "1 in opening hours, else 0, by the contact point's calendar at the latest snapshot."),
    MetricSpec(
        "objective_ratio",
        "gauge",
        (*_POINT, "signal"),
        "Configured share (0 to 1) of assessed contacts that must stay free of the signal. Changes with the configuration only.",
    ),
    MetricSpec(
        "limit_seconds",
        "gauge",
        (*_POINT, "signal"),
        "Configured limit of the signal in seconds, where it has one. Changes with the configuration only.",
    ),
    MetricSpec(
        "opening_day_seconds",
        "gauge",
        _POINT,
        "Length of the longest opening day of the contact point's week; a whole day where it never closes. "
        "Changes with the configuration only.",
    ),
    MetricSpec(
        "utc_offset_seconds",
        "gauge",
        (*_POINT, "zone"),
        "How far the contact point's clocks are ahead of UTC at the latest snapshot, summer time included; `zone` is its "
        "abbreviation, as CET or +0530. A moment plus this, written as if in UTC, is local time.",
    ),
    MetricSpec(
        "source_info",
        "info",
        (*_POINT, "source", "kind"),
        "Which sources feed a contact point, for joins. Always 1; changes with configuration and as contact points are found.",
    ),
    MetricSpec(
        "info",
        "info",
        (*_POINT, "team", "timezone", "title"),
        "Static facts about a contact point, for joins. Always 1; changes with the configuration only.",
    ),
    MetricSpec(
        "report_week_assessed",
        "gauge",
        (*_POINT, "signal", "week_start"),
        "Verdicts of one calendar week in the contact point's zone: exact whole numbers of the store at the latest snapshot, "
        "for the last 13 weeks and the running one; absent where nothing was assessed.",
    ),
    MetricSpec(
        "report_week_signals",
        "gauge",
        (*_POINT, "signal", "week_start"),
        "Negative contacts of one calendar week, from the store at the latest snapshot; absent where nothing was assessed.",
    ),
)

#: Families about sources.
SOURCE_METRICS: Final = (
    MetricSpec(
        "source_up", "gauge", _SOURCE, "1 when the last attempt to read the source worked, 0 when not; absent before the first."
    ),
    MetricSpec(
        "source_last_success_timestamp_seconds",
        "gauge",
        _SOURCE,
        "End of the last good poll, Unix time; absent before the first.",
    ),
    MetricSpec(
        "source_watermark_timestamp_seconds",
        "gauge",
        _SOURCE,
        "The source has been seen completely up to here, Unix time; absence is never judged past it.",
    ),
    MetricSpec(
        "source_last_outbound_timestamp_seconds",
        "gauge",
        _SOURCE,
        "Newest answer of ours seen in the source, Unix time; a mailbox that shows none for days hides the replies.",
    ),
    MetricSpec(
        "source_poll_interval_seconds",
        "gauge",
        _SOURCE,
        "Configured pause between two polls. Changes with the configuration only.",
    ),
    MetricSpec("source_poll_duration_seconds", "gauge", _SOURCE, "How long the last poll took."),
    MetricSpec(
        "source_clock_offset_seconds",
        "gauge",
        _SOURCE,
        "Clock of the source minus ours at the last poll, where the source tells.",
    ),
    MetricSpec(
        "source_polls_total", "counter", _SOURCE, "Attempts to read the source, for live sources connections. Kept in the store."
    ),
    MetricSpec("source_events_total", "counter", _SOURCE, "Events taken from the source. Kept in the store."),
    MetricSpec(
        "source_poll_failures_total",
        "counter",
        (*_SOURCE, "reason"),
        "Attempts to read the source that failed, by reason. Kept in the store.",
    ),
    MetricSpec(
        "source_records_rejected_total",
        "counter",
        (*_SOURCE, "reason"),
        "Records of the source that could not be used, by reason. Kept in the store.",
    ),
    MetricSpec(
        "source_shared_customers_total",
        "counter",
        _SOURCE,
        "Contacts of numbers or addresses that stand for many people: they are not taken for returns. Kept in the store.",
    ),
    MetricSpec(
        "source_verdicts_differ_total",
        "counter",
        _SOURCE,
        "Waits that are late by the source's own clocks and in time by ours, or the other way round. Kept in the store.",
    ),
    MetricSpec(
        "source_records_unmapped_total",
        "counter",
        _SOURCE,
        'Records that belong to no contact point and fell to contact_point="other". Kept in the store.',
    ),
    MetricSpec(
        "source_gap_seconds_total",
        "counter",
        _SOURCE,
        "Length of the spans of which the source could tell nothing any more. Kept in the store.",
        "experimental",
    ),
)

#: Families about the daemon itself.
DAEMON_METRICS: Final = (
    MetricSpec(
        "detection_delay_seconds",
        "histogram",
        (),
        "From the moment a limit passed to the moment it was counted. Kept in the store.",
    ),
    MetricSpec("build_info", "info", ("version", "python_version"), "Which build this is. Always 1."),
    MetricSpec(
        "config_last_reload_successful", "gauge", (), "1 when the configuration was accepted the last time it was read, else 0."
    ),
    MetricSpec(
        "config_last_reload_success_timestamp_seconds",
        "gauge",
        (),
        "When the configuration in force was read, Unix time.",
    ),
    MetricSpec("store_up", "gauge", (), "1 while the store takes writes, 0 while something waits that it refused."),
    MetricSpec(
        "store_size_bytes", "gauge", (), "Size of the store on disk at the latest snapshot; absent where that has no meaning."
    ),
    MetricSpec(
        "notifications_total",
        "counter",
        ("receiver", "outcome"),
        "Messages of `notify`, by what became of them: sent, or failed and tried again; missed counts alerts that came and went "
        "before they could be told. Kept in the store.",
    ),
    MetricSpec(
        "report_due_timestamp_seconds",
        "gauge",
        (),
        "Since when the latest weekly report is to be out, Unix time. Absent where nobody gets it or its week has no record.",
    ),
    MetricSpec(
        "report_mails",
        "gauge",
        ("state",),
        "Recipients of that report by how their mail stands: waiting, claimed (about to be sent), sent, perhaps (nobody knows), "
        "refused, later (tried again). All replicas say the same: it lies in the store.",
    ),
    MetricSpec(
        "report_last_sent_timestamp_seconds",
        "gauge",
        (),
        "When a mail server last took a weekly report, whoever sent it, Unix time.",
    ),
    MetricSpec(
        "store_write_failures_total",
        "counter",
        (),
        "Writes that the store did not take. Kept there: not shown before it takes writes.",
    ),
)

METRICS: Final = (*POINT_METRICS, *SOURCE_METRICS, *DAEMON_METRICS)
SPEC: Final = {spec.name: spec for spec in METRICS}
