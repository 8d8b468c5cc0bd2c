"""Which series a snapshot gives, and with which values; read back with prometheus-client's own parser."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.domain.channels import WAITS_OF
from monitor.domain.event import Channel
from monitor.domain.snapshot import Snapshot
from monitor.publish.exposition import Exposition
from monitor.publish.metrics import Distribution, distribution, families
from tests.publish.pages import as_text, check_same_as_the_client
from tests.publish.snapshots import NOW, ago, point, snapshot, source, waits


def exported(current: Snapshot) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """(name without prefix, labels) -> value; no series twice. Whatever a test looks at, our own text of it is the client's."""
    check_same_as_the_client(Exposition(), current)
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in text_string_to_metric_families(as_text(*families(current)).decode()):
        for sample in family.samples:
            key = sample.name.removeprefix("contactpoint_"), frozenset(sample.labels.items())
            assert key not in found
            found[key] = sample.value
    return found


def value(current: Snapshot, name: str, **labels: str) -> float | None:
    """The value of one series; None where there is none."""
    return exported(current).get((name, frozenset(labels.items())))


def line(**labels: str) -> dict[str, str]:
    return {"channel": "phone", "contact_point": "line", **labels}


def names(current: Snapshot, **labels: str) -> set[str]:
    """Names of all series that carry these labels."""
    return {name for name, have in exported(current) if frozenset(labels.items()) <= have}


class TestZeroInitialisation:
    def test_a_new_phone_line_shows_every_counter_with_zero(self):
        fresh = exported(snapshot(point("line")))
        counted = {
            key: number for key, number in fresh.items() if key[0].endswith("_total") and ("contact_point", "line") in key[1]
        }
        # 2 directions; 5 outcomes in or out of target; 11 phone signals: assessed, negative, retracted, both again as history;
        # promises made and kept late, abandons recovered
        assert len(counted) == 2 + 5 * 2 + 11 * 5 + 3
        assert set(counted.values()) == {0.0}

    def test_every_wait_of_the_channel_has_an_empty_histogram(self):
        current = snapshot(point("line"))
        for wait in ("ring", "queue", "hold", "callback", "promise"):
            assert value(current, "wait_seconds_count", **line(wait=wait)) == 0
            assert value(current, "wait_seconds_bucket", **line(wait=wait, le="+Inf")) == 0
            assert value(current, "wait_seconds_sum", **line(wait=wait)) == 0
        assert value(current, "rings_bucket", **line(le="5.0")) == 0
        assert value(current, "wait_seconds_count", **line(wait="reply")) is None

    def test_only_phones_ring(self):
        assert value(snapshot(point("mail", "email")), "rings_count", channel="email", contact_point="mail") is None

    def test_signals_switched_off_are_absent(self):
        current = snapshot(point("line", objectives={"long_wait": 0.8}))
        assert value(current, "signals_total", **line(signal="long_wait")) == 0
        assert value(current, "signals_total", **line(signal="long_hold")) is None
        assert value(current, "assessed_total", **line(signal="repeat_contact")) is None
        assert value(current, "objective_ratio", **line(signal="repeat_contact")) is None

    def test_a_source_never_tried_has_its_counters_by_every_reason_and_no_gauges_but_the_interval(self):
        current = snapshot(sources=(source(up=None),))
        pbx = {"source": "pbx", "kind": "asterisk"}
        assert value(current, "source_poll_failures_total", **pbx, reason="auth") == 0
        assert value(current, "source_records_rejected_total", **pbx, reason="unreadable") == 0
        assert value(current, "source_gap_seconds_total", **pbx) == 0
        gauges = {name for name in names(current, source="pbx") if not name.endswith("_total")}
        assert gauges == {"source_poll_interval_seconds"}

    def test_the_daemon_has_its_own_with_zero(self):
        current = snapshot()
        assert value(current, "store_write_failures_total") == 0
        assert value(current, "detection_delay_seconds_bucket", le="0.005") == 0
        assert value(current, "detection_delay_seconds_bucket", le="3600.0") == 0


class TestFactsForJoins:
    def test_a_contact_point_names_the_sources_that_feed_it(self):
        current = snapshot(point("line", sources=("pbx", "log")), sources=(source("pbx"), source("log", "queue_log")))
        assert value(current, "source_info", **line(source="pbx", kind="asterisk")) == 1
        assert value(current, "source_info", **line(source="log", kind="queue_log")) == 1

    def test_a_source_that_left_the_configuration_is_not_named(self):
        current = snapshot(point("line", sources=("gone", "pbx")), sources=(source("pbx"),))
        assert value(current, "source_info", **line(source="pbx", kind="asterisk")) == 1
        assert names(current, source="gone") == set()

    def test_an_opening_day_lasts_a_day_where_nothing_ever_closes(self):
        assert value(snapshot(point("line")), "opening_day_seconds", **line()) == 86400

    def test_local_time_is_the_moment_plus_the_offset(self):
        current = snapshot(point("line"), point("desk", timezone="Asia/Colombo"))
        assert value(current, "utc_offset_seconds", **line(zone="GMT")) == 0
        assert value(current, "utc_offset_seconds", channel="phone", contact_point="desk", zone="+0530") == 19800


class TestTotals:
    def test_counters_come_from_the_totals(self):
        totals = {
            ("contacts_total", ("phone", "line", "inbound")): 7.0,
            ("outcomes_total", ("phone", "line", "answered", "false")): 2.0,
            ("assessed_total", ("phone", "line", "long_wait")): 6.0,
            ("signals_total", ("phone", "line", "long_wait")): 3.0,
            ("signals_retracted_total", ("phone", "line", "long_wait")): 1.0,
            ("history_assessed_total", ("phone", "line", "long_wait")): 2.0,
            ("history_signals_total", ("phone", "line", "long_wait")): 1.0,
            ("source_polls_total", ("pbx", "asterisk")): 11.0,
            ("source_poll_failures_total", ("pbx", "asterisk", "timeout")): 4.0,
            ("store_write_failures_total", ()): 5.0,
        }
        current = snapshot(point("line"), totals=totals)
        assert value(current, "contacts_total", **line(direction="inbound")) == 7
        assert value(current, "contacts_total", **line(direction="outbound")) == 0
        assert value(current, "outcomes_total", **line(outcome="answered", in_target="false")) == 2
        assert value(current, "assessed_total", **line(signal="long_wait")) == 6
        assert value(current, "signals_total", **line(signal="long_wait")) == 3
        assert value(current, "signals_retracted_total", **line(signal="long_wait")) == 1
        assert value(current, "history_assessed_total", **line(signal="long_wait")) == 2
        assert value(current, "history_signals_total", **line(signal="long_wait")) == 1
        assert value(current, "history_signals_total", **line(signal="abandoned")) == 0
        assert value(current, "source_polls_total", source="pbx", kind="asterisk") == 11
        assert value(current, "source_poll_failures_total", source="pbx", kind="asterisk", reason="timeout") == 4
        assert value(current, "store_write_failures_total") == 5

    def test_a_contact_point_that_left_the_configuration_is_gone(self):
        totals = {("contacts_total", ("phone", "old", "inbound")): 7.0, ("source_polls_total", ("gone", "imap")): 7.0}
        current = snapshot(point("line"), totals=totals)
        assert names(current, contact_point="old") == set()
        assert names(current, source="gone") == set()

    def test_a_signal_switched_off_keeps_what_it_counted(self):
        totals = {("signals_total", ("phone", "line", "long_hold")): 3.0}
        current = snapshot(point("line", objectives={"long_wait": 0.8}), totals=totals)
        assert value(current, "signals_total", **line(signal="long_hold")) == 3

    def test_whole_numbers_from_the_store_count_like_others(self):
        assert value(snapshot(totals={("store_write_failures_total", ()): 5}), "store_write_failures_total") == 5

    def test_one_name_may_serve_two_channels(self):
        call, ticket = point("help", "phone"), point("help", "ticket")
        totals = {("contacts_total", ("phone", "help", "inbound")): 2.0, ("contacts_total", ("ticket", "help", "inbound")): 3.0}
        weeks = {("help", "late_reply", "2026-11-02"): (4, 1)}
        current = replace(snapshot(call, totals=totals, weeks=weeks), points={"help": call, "help/ticket": ticket})
        assert value(current, "contacts_total", channel="phone", contact_point="help", direction="inbound") == 2
        assert value(current, "contacts_total", channel="ticket", contact_point="help", direction="inbound") == 3
        assert names(current, week_start="2026-11-02", channel="phone") == set()
        assert names(current, week_start="2026-11-02", channel="ticket") == {"report_week_assessed", "report_week_signals"}


class TestHistograms:
    def test_kept_counts_become_cumulative(self):
        totals = {
            ("wait_seconds_bucket", ("phone", "line", "queue", "20.0")): 3.0,
            ("wait_seconds_bucket", ("phone", "line", "queue", "5.0")): 1.0,
            ("wait_seconds_bucket", ("phone", "line", "queue", "+Inf")): 2.0,
            ("wait_seconds_sum", ("phone", "line", "queue")): 1500.5,
        }
        current = snapshot(point("line"), totals=totals)
        expected = {"5.0": 1, "10.0": 1, "15.0": 1, "20.0": 4, "600.0": 4, "+Inf": 6}
        for le, count in expected.items():
            assert value(current, "wait_seconds_bucket", **line(wait="queue", le=le)) == count, le
        assert value(current, "wait_seconds_count", **line(wait="queue")) == 6
        assert value(current, "wait_seconds_sum", **line(wait="queue")) == 1500.5

    def test_a_bucket_no_longer_configured_is_counted_in_the_next_higher_one(self):
        totals = {("wait_seconds_bucket", ("phone", "line", "queue", "25.0")): 3.0}
        current = snapshot(point("line"), totals=totals)
        assert value(current, "wait_seconds_bucket", **line(wait="queue", le="20.0")) == 0
        assert value(current, "wait_seconds_bucket", **line(wait="queue", le="25.0")) is None
        assert value(current, "wait_seconds_bucket", **line(wait="queue", le="30.0")) == 3
        assert value(current, "wait_seconds_count", **line(wait="queue")) == 3

    def test_a_bucket_above_all_bounds_is_counted_at_infinity(self):
        assert distribution({"99.0": 2}, 198.0, (5.0, 10.0)) == Distribution((("5.0", 0), ("10.0", 0), ("+Inf", 2)), 198.0)

    def test_a_limit_added_to_the_bounds_is_an_edge(self):
        current = replace(snapshot(point("line")), wait_bounds={"queue": (5, 20, 25)})
        assert value(current, "wait_seconds_bucket", **line(wait="queue", le="25.0")) == 0
        assert value(current, "wait_seconds_bucket", **line(wait="queue", le="30.0")) is None
        assert value(current, "wait_seconds_bucket", **line(wait="hold", le="120.0")) == 0

    def test_both_spellings_of_a_bound_of_a_million_seconds_are_one(self):
        # The Python client prints 1209600 as 1.2096e+06; repr gives 1209600.0.
        for le in ("1209600.0", "1.2096e+06"):
            kept = distribution({le: 1}, 9.0, (86400.0, 1209600.0))
            assert kept.buckets == (("86400.0", 0), ("1.2096e+06", 1), ("+Inf", 1))

    def test_rings_and_detection_delay(self):
        totals = {
            ("rings_bucket", ("phone", "line", "4.0")): 2.0,
            ("rings_sum", ("phone", "line")): 7.5,
            ("detection_delay_seconds_bucket", ("0.1",)): 3.0,
            ("detection_delay_seconds_sum", ()): 0.2,
        }
        current = snapshot(point("line"), totals=totals)
        assert value(current, "rings_bucket", **line(le="3.0")) == 0
        assert value(current, "rings_bucket", **line(le="4.0")) == 2
        assert value(current, "rings_sum", **line()) == 7.5
        assert value(current, "detection_delay_seconds_bucket", le="0.05") == 0
        assert value(current, "detection_delay_seconds_bucket", le="0.1") == 3
        assert value(current, "detection_delay_seconds_count") == 3


class TestLiveState:
    LIVE = frozenset(
        {
            "waiting",
            "overdue",
            "oldest_wait_start_timestamp_seconds",
            "oldest_wait_business_seconds",
            "next_due_timestamp_seconds",
            "newest_broken_promise_business_seconds",
        }
    )

    def test_waiting_customers(self):
        current = snapshot(point("line", running={"queue": waits(3, 1, oldest=25, due=10)}))
        assert value(current, "waiting", **line(wait="queue")) == 3
        assert value(current, "overdue", **line(wait="queue")) == 1
        assert value(current, "oldest_wait_start_timestamp_seconds", **line(wait="queue")) == NOW.timestamp() - 25
        assert value(current, "oldest_wait_business_seconds", **line(wait="queue")) == 25
        assert value(current, "next_due_timestamp_seconds", **line(wait="queue")) == NOW.timestamp() + 10

    def test_what_is_due_soon_where_a_warning_is_wanted(self):
        current = snapshot(
            point("mail", "email", {"reply": waits(5, 1, soon=2), "promise": waits(0, soon=0), "follow_up": waits(1)})
        )
        shown = {wait: value(current, "due_soon", channel="email", contact_point="mail", wait=wait) for wait in WAITS_OF["email"]}
        assert shown == {"reply": 2, "promise": 0, "follow_up": None, "complaint": None}

    def test_how_long_ago_the_newest_of_the_broken_promises_was_broken(self):
        broken = replace(waits(2, 1), broken_business_seconds=5400.0)
        current = snapshot(point("line", running={"promise": broken}), point("other", running={"promise": waits(2)}))
        assert value(current, "newest_broken_promise_business_seconds", **line()) == 5400
        assert value(current, "newest_broken_promise_business_seconds", channel="phone", contact_point="other") is None

    def test_where_nobody_waits_counts_are_zero_and_moments_absent(self):
        nobody = snapshot(point("line"))
        counts = {"waiting", "overdue", "oldest_wait_business_seconds"}
        assert names(nobody, **line(wait="queue")) & self.LIVE == counts
        assert {value(nobody, name, **line(wait="queue")) for name in counts} == {0}

    def test_a_blind_contact_point_has_no_live_series_but_keeps_its_counters(self):
        blind = snapshot(point("line", running=None))
        assert not names(blind, **line()) & self.LIVE
        assert value(blind, "contacts_total", **line(direction="inbound")) == 0
        assert value(blind, "open", **line()) == 1

    def test_who_could_answer_where_a_source_tells(self):
        current = snapshot(point("line", agents={"ready": 3, "busy": 2, "paused": 1, "away": 0}), point("other"))
        shown = {state: value(current, "agents", **line(state=state)) for state in ("ready", "busy", "paused", "away")}
        assert shown == {"ready": 3, "busy": 2, "paused": 1, "away": 0}
        assert "contactpoint_agents" not in names(current, contact_point="other")

    def test_a_blind_point_leaves_the_others_alone(self):
        both = snapshot(point("line", running=None), point("other"))
        assert names(both, contact_point="other") >= {"waiting", "overdue"}

    @pytest.mark.parametrize(("is_open", "expected"), [(True, 1), (False, 0)])
    def test_opening_hours(self, is_open: bool, expected: int):
        assert value(snapshot(point("line", is_open=is_open)), "open", **line()) == expected


class TestConfigurationAndWeeks:
    def test_objectives_limits_and_facts(self):
        current = snapshot(
            point(
                "line", objectives={"long_wait": 0.8, "abandoned": 0.95}, limits={"long_wait": 20.0}, title="The line", team="A"
            )
        )
        assert value(current, "objective_ratio", **line(signal="long_wait")) == 0.8
        assert value(current, "limit_seconds", **line(signal="long_wait")) == 20
        assert value(current, "limit_seconds", **line(signal="abandoned")) is None
        assert value(current, "info", **line(team="A", timezone="Europe/London", title="The line")) == 1

    def test_weeks_in_which_nothing_was_assessed_are_absent(self):
        weeks = {
            ("line", "long_wait", "2026-11-02"): (61, 14),
            ("line", "long_wait", "2026-10-26"): (0, 0),
            ("line", "long_wait", "2026-10-19"): (1, 0),
        }
        current = snapshot(point("line"), weeks=weeks)
        assert value(current, "report_week_assessed", **line(signal="long_wait", week_start="2026-11-02")) == 61
        assert value(current, "report_week_signals", **line(signal="long_wait", week_start="2026-11-02")) == 14
        assert names(current, week_start="2026-10-26") == set()
        assert value(current, "report_week_assessed", **line(signal="long_wait", week_start="2026-10-19")) == 1
        assert value(current, "report_week_signals", **line(signal="long_wait", week_start="2026-10-19")) == 0

    def test_the_daemon(self):
        current = replace(snapshot(), config_ok=False, store_size_bytes=None)
        assert value(current, "config_last_reload_successful") == 0
        assert value(current, "config_last_reload_success_timestamp_seconds") == ago(7200).timestamp()
        assert value(current, "store_size_bytes") is None
        assert value(snapshot(), "store_size_bytes") == 4096

    def test_sources(self):
        state = replace(source(), last_outbound=ago(60), poll_duration_seconds=0.25, clock_offset_seconds=-1.5)
        current, pbx = snapshot(sources=(state,)), {"source": "pbx", "kind": "asterisk"}
        expected = {
            "source_up": 1.0,
            "source_last_success_timestamp_seconds": ago(1).timestamp(),
            "source_watermark_timestamp_seconds": ago(2).timestamp(),
            "source_last_outbound_timestamp_seconds": ago(60).timestamp(),
            "source_poll_interval_seconds": 15.0,
            "source_poll_duration_seconds": 0.25,
            "source_clock_offset_seconds": -1.5,
        }
        assert {name: value(current, name, **pbx) for name in expected} == expected
        assert value(snapshot(sources=(source(up=False),)), "source_up", **pbx) == 0


def test_no_created_series_and_no_series_twice():
    assert not any(name.endswith("_created") for name, _ in exported(snapshot(point("line"), point("mail", "email"))))


def test_a_site_of_thirty_contact_points_stays_within_its_budget():
    channels: tuple[Channel, ...] = ("phone", "email", "ticket")
    points = [point(f"{channel}-{n}", channel) for n in range(10) for channel in channels]
    # 4,683 with both history counters (an imported history must not page) and the signals that span contacts
    assert len(exported(snapshot(*points, sources=tuple(source(f"s{n}") for n in range(6))))) < 4_750
