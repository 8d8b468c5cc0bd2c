"""The cached page is, byte for byte, what prometheus-client itself writes; whatever came before, whatever things are called."""

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitor.domain.snapshot import PointState, Running, Snapshot, SourceState
from monitor.publish.exposition import Exposition
from monitor.publish.metrics import families
from tests.publish.pages import OPENMETRICS, as_text, check_same_as_the_client, own_part
from tests.publish.snapshots import contact_centre, point, snapshot, source, waits
from tests.servers.requirement import require


def as_the_client_writes(current: Snapshot) -> bytes:
    return as_text(*families(current))


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    ['"', "\\", "\n", "a\\n", 'x"} 1', "# HELP x", "\r", "\x85", "\u2028", "<script>", "line", "pbx"]
)
running = st.none() | st.dictionaries(
    st.sampled_from(["ring", "queue", "hold"]),
    st.builds(waits, st.integers(1, 9), st.integers(0, 9), st.floats(0, 1e7)),
    max_size=2,
)


@st.composite
def snapshots(draw: st.DrawFn, pool: list[str]) -> Snapshot:
    """Some of a small pool of contact points, each as it may be at some moment."""
    points: list[PointState] = [
        point(name, "phone", draw(running), title=draw(st.sampled_from(pool)), is_open=draw(st.booleans()))
        for name in draw(st.lists(st.sampled_from(pool), unique=True))
    ]
    totals = {}
    for state in points:
        here = ("phone", state.info.name)
        totals[("contacts_total", (*here, "inbound"))] = draw(st.integers(0, 3)) + 0.0
        totals[("wait_seconds_bucket", (*here, "queue", draw(st.sampled_from(["5.0", "17.0", "+Inf"]))))] = 1.0
        totals[("rings_sum", here)] = draw(st.sampled_from([0.0, 2.5, 1e16]))
    weeks = {(state.info.name, "long_wait", "2026-11-02"): (draw(st.integers(0, 2)), 0) for state in points}
    sources: list[SourceState] = [source(name, up=draw(st.sampled_from([True, False, None]))) for name in pool[:1]]
    return snapshot(*points, sources=tuple(sources), totals=totals, weeks=weeks)


class TestSameAsTheClient:
    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_after_any_history_of_snapshots(self, data: st.DataObject):
        pool = data.draw(st.lists(names, min_size=1, max_size=4, unique=True))
        page = Exposition()
        for current in data.draw(st.lists(snapshots(pool), min_size=1, max_size=4)):
            check_same_as_the_client(page, current)

    def test_of_a_whole_contact_centre(self):
        assert own_part(Exposition().render(contact_centre())[0]) == as_the_client_writes(contact_centre())

    def test_when_the_bounds_of_buckets_change(self):
        page, totals = Exposition(), {("wait_seconds_bucket", ("phone", "line", "queue", "20.0")): 3.0}
        before = snapshot(point("line"), totals=totals)
        after = replace(before, wait_bounds={"queue": (7.0, 20.0)})
        page.render(before)
        assert own_part(page.render(after)[0]) == as_the_client_writes(after) != as_the_client_writes(before)

    def test_weeks_stand_in_order_however_they_came(self):
        came = [
            ("slow_answer", "2026-10-26"),
            ("long_wait", "2026-11-02"),
            ("slow_answer", "2026-10-19"),
            ("long_wait", "2026-10-26"),
        ]
        current = snapshot(point("line"), weeks={("line", signal, week): (2, 1) for signal, week in came})
        lines = Exposition().render(current, names=["contactpoint_report_week_signals"])[0].decode().splitlines()[2:]
        assert [tuple(line.split('"')[5:8:2]) for line in lines] == [
            ("long_wait", "2026-10-26"),
            ("long_wait", "2026-11-02"),
            ("slow_answer", "2026-10-19"),
            ("slow_answer", "2026-10-26"),
        ]

    def test_when_only_a_live_figure_changes(self):
        page = Exposition()
        for age in (1.0, 2.0, 2.0, 3.0):
            current = snapshot(point("line", running={"queue": Running(1, 0, None, age, None)}), point("other"))
            assert own_part(page.render(current)[0]) == as_the_client_writes(current)

    def test_half_a_character_in_a_name_costs_neither_the_page_nor_the_others(self):
        page = Exposition().render(snapshot(point("a\ud800b"), point("line")))[0]
        assert b'contactpoint_open{channel="phone",contact_point="a?b"} 1.0\n' in page
        assert b'contactpoint_open{channel="phone",contact_point="line"} 1.0\n' in page


class TestNegotiation:
    @pytest.mark.parametrize(
        ("accept", "content_type"),
        [
            (None, "text/plain; version=0.0.4; charset=utf-8"),
            ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
            ("text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8"),
            ("text/plain;version=1.0.0;escaping=allow-utf-8", "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"),
            (OPENMETRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"),
            ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"),
            ("application/openmetrics-text; version=many", "text/plain; version=0.0.4; charset=utf-8"),
            ("\x00;;;,=,", "text/plain; version=0.0.4; charset=utf-8"),
        ],
    )
    def test_content_types(self, accept: str | None, content_type: str):
        assert Exposition().render(snapshot(point("line")), accept)[1] == content_type

    def test_openmetrics_ends_with_eof_and_its_own_parser_reads_it(self):
        page = Exposition().render(contact_centre(), OPENMETRICS)[0].decode()
        assert page.endswith("# EOF\n")
        assert page.count("# EOF") == 1
        read = {family.name: family for family in parse_openmetrics(page)}
        assert read["contactpoint_wait_seconds"].unit == "seconds"
        assert read["contactpoint"].type == "info"

    def test_text_has_the_process_beside_our_own(self):
        read = {family.name for family in parse_text(Exposition().render(contact_centre())[0].decode())}
        assert {"process_cpu_seconds", "python_info", "contactpoint_signals"} <= read


class TestNamesFilter:
    def rendered(self, *wanted: str) -> list[str]:
        totals = {("wait_seconds_sum", ("phone", "line", "queue")): 4.0}
        return Exposition().render(snapshot(point("line"), totals=totals), None, list(wanted))[0].decode().splitlines()

    def test_one_gauge(self):
        help_line, type_line, sample = self.rendered("contactpoint_open")
        assert help_line.startswith("# HELP contactpoint_open ")
        assert type_line == "# TYPE contactpoint_open gauge"
        assert sample == 'contactpoint_open{channel="phone",contact_point="line"} 1.0'

    def test_one_of_the_three_parts_of_a_histogram(self):
        lines = self.rendered("contactpoint_wait_seconds_sum")
        samples = [line for line in lines if not line.startswith("#")]
        assert len(samples) == 5  # the waits of a phone line
        assert 'contactpoint_wait_seconds_sum{channel="phone",contact_point="line",wait="queue"} 4.0' in samples

    def test_a_whole_histogram_by_its_own_name(self):
        lines = self.rendered("contactpoint_detection_delay_seconds")
        assert len([line for line in lines if not line.startswith("#")]) == 14 + 1 + 2

    def test_a_part_of_a_histogram_without_labels(self):
        assert self.rendered("contactpoint_detection_delay_seconds_count")[2:] == [
            "contactpoint_detection_delay_seconds_count 0.0"
        ]

    def test_a_metric_of_the_process(self):
        assert any(line.startswith("process_open_fds ") for line in self.rendered("process_open_fds"))

    def test_an_unknown_name_gives_an_empty_page(self):
        assert self.rendered("nothing_of_this_name", "") == []


@pytest.mark.parametrize("hostile", ["line", 'quote " backslash \\ newline \n end'])
def test_promtool_finds_nothing_to_complain_about(hostile: str):
    promtool = require("promtool")
    page = Exposition().render(replace(contact_centre(), points={hostile: point(hostile, running={"queue": waits(1)})}))[0]
    # The client's own process_… and python_… families are not ours to lint.
    checked = subprocess.run([promtool, "check", "metrics"], input=own_part(page), capture_output=True, timeout=60)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_a_source_that_became_of_another_kind_is_shown_as_such():
    page = Exposition()
    page.render(snapshot(point("line"), sources=(source("pbx", "asterisk"),)))
    changed = snapshot(point("line"), sources=(source("pbx", "freeswitch"),))
    assert own_part(page.render(changed)[0]) == as_the_client_writes(changed)
