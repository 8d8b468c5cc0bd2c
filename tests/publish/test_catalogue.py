"""The catalogue agrees with the contract and with itself."""

from collections import Counter

from monitor.publish.catalogue import METRICS, POINT_METRICS, SOURCE_METRICS

#: Contract section 5, read off by hand.
CONTRACT = [
    "contacts_total",
    "outcomes_total",
    "assessed_total",
    "signals_total",
    "signals_retracted_total",
    "wait_seconds",
    "rings",
    "waiting",
    "overdue",
    "oldest_wait_start_timestamp_seconds",
    "oldest_wait_business_seconds",
    "next_due_timestamp_seconds",
    "open",
    "objective_ratio",
    "limit_seconds",
    "info",
    "abandons_recovered_total",
    "report_week_assessed",
    "report_week_signals",
    "source_up",
    "source_last_success_timestamp_seconds",
    "source_watermark_timestamp_seconds",
    "source_last_outbound_timestamp_seconds",
    "source_poll_interval_seconds",
    "source_poll_duration_seconds",
    "source_clock_offset_seconds",
    "source_polls_total",
    "source_events_total",
    "source_poll_failures_total",
    "source_records_rejected_total",
    "source_records_unmapped_total",
    "detection_delay_seconds",
    "build_info",
    "config_last_reload_successful",
    "config_last_reload_success_timestamp_seconds",
    "store_size_bytes",
    "store_write_failures_total",
]


def test_every_metric_of_the_contract_is_there_once_and_a_few_were_added():
    assert Counter(spec.name for spec in METRICS) == Counter(
        [
            *CONTRACT,
            "source_gap_seconds_total",
            "source_verdicts_differ_total",
            "source_info",
            "opening_day_seconds",
            "agents",
            "utc_offset_seconds",
            "due_soon",
            "history_assessed_total",
            "history_signals_total",
            "store_up",
            "notifications_total",
            "report_due_timestamp_seconds",
            "report_mails",
            "report_last_sent_timestamp_seconds",
            "newest_broken_promise_business_seconds",
            "promises_made_total",
            "source_shared_customers_total",
            "promises_kept_late_total",
        ]
    )


def test_help_texts_say_something_and_no_two_say_the_same():
    texts = [spec.help for spec in METRICS]
    assert len(set(texts)) == len(texts)
    assert all(len(text) > 15 and text.endswith(".") for text in texts)


def test_only_counters_end_in_total_and_nothing_ends_like_a_part_of_a_histogram():
    for spec in METRICS:
        assert spec.name.endswith("_total") == (spec.type == "counter"), spec.name
        assert not spec.name.endswith(("_count", "_sum", "_bucket", "_created")), spec.name


def test_units_are_base_units():
    for spec in METRICS:
        assert not any(word in spec.name for word in ("percent", "minutes", "hours", "milli", "average")), spec.name


def test_contact_points_and_sources_carry_their_own_labels_first():
    assert all(spec.labels[:2] == ("channel", "contact_point") for spec in POINT_METRICS)
    assert all(spec.labels[:2] == ("source", "kind") for spec in SOURCE_METRICS)


def test_no_label_could_hold_a_person():
    allowed = {
        "channel", "contact_point", "signal", "wait", "direction", "outcome", "in_target", "source", "kind", "reason",
        "team", "timezone", "title", "week_start", "state", "zone", "version", "python_version",
        "receiver",
    }  # fmt: skip
    assert {label for spec in METRICS for label in spec.labels} == allowed
