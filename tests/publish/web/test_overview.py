"""Contact points and sources in words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.publish.web.overview import blind_because, point_line, rounded_duration, source_line, unknown_since, week_of
from tests.publish.snapshots import NOW, ago, point, snapshot, source, waits


@pytest.mark.parametrize(("lags", "since"), [((600, 1), 600), ((600, 700), 700), ((600, None), None), ((1, None), None)])
def test_unknown_since_the_earliest_moment_up_to_which_a_blind_source_was_seen(lags: tuple[int | None, ...], since: int | None):
    sources = {name: None if lag is None else ago(lag) for name, lag in zip(("pbx", "log"), lags, strict=True)}
    state = point("line", running=None, sources=tuple(sources))
    current = snapshot(state, sources=tuple(replace(source(name), watermark=seen) for name, seen in sources.items()))
    assert unknown_since(state, current) == (None if since is None else ago(since))
    assert unknown_since(replace(state, running={}), current) is None


def test_why_a_contact_point_is_blind():
    state = point("line", running=None, sources=("pbx", "log"))
    current = snapshot(state, sources=(source(), replace(source("log"), watermark=ago(600))))
    assert blind_because(state, current) == "source log has told nothing newer for 10 min"
    down = replace(source(up=False), since=ago(1310), trouble="login refused")
    assert blind_because(point("line", running=None), snapshot(sources=(down,))) == (
        "source pbx has been down for 21 min 50 s: login refused"
    )
    assert blind_because(point("line", running=None), snapshot(sources=(source(up=None),))) == "source pbx has not been read yet"
    assert blind_because(point("line", running=None, sources=()), snapshot()) == "no source feeds it"


class TestSources:
    @pytest.mark.parametrize(
        ("seconds", "said"), [(None, "never"), (-3, "now"), (0, "now"), (0.9, "now"), (1, "1 s ago"), (1320, "22 min ago")]
    )
    def test_when_it_was_last_read_and_up_to_when_it_is_complete(self, seconds: float | None, said: str):
        moment = None if seconds is None else ago(seconds)
        read = source_line(replace(source(), last_success=moment), NOW)
        complete = source_line(replace(source(), watermark=moment), NOW)
        assert (read.last_success, complete.complete_up_to) == (said, said)

    @pytest.mark.parametrize(("up", "said"), [(True, "up for 1 h"), (False, "down for 1 h"), (None, "not read yet")])
    def test_its_state_and_since_when(self, up: bool | None, said: str):
        assert source_line(replace(source(), up=up), NOW).state == said

    @pytest.mark.parametrize(("trouble", "said"), [("login refused", "login refused"), (None, "")])
    def test_its_trouble(self, trouble: str | None, said: str):
        assert source_line(replace(source(up=False), trouble=trouble), NOW).trouble == said

    def test_one_that_has_just_begun_does_not_say_since_when(self):
        assert source_line(replace(source(), since=None), NOW).state == "up"


class TestWeek:
    # Sunday 23:30 in London is Monday 08:30 in Tokyo; in both zones the week begins on Monday.
    SUNDAY_NIGHT = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)

    @pytest.mark.parametrize(("timezone", "expected"), [("Europe/London", (9, 1)), ("Asia/Tokyo", (5, 2))])
    def test_the_running_week_is_that_of_the_contact_points_own_zone(self, timezone: str, expected: tuple[int, int]):
        weeks = {("line", "long_wait", "2026-10-26"): (9, 1), ("line", "long_wait", "2026-11-02"): (5, 2)}
        state = point("line", timezone=timezone)
        assert week_of(state, replace(snapshot(state, weeks=weeks), at=self.SUNDAY_NIGHT)) == {"long_wait": expected}

    def test_only_signals_of_the_channel(self):
        state = point("help", "phone")
        assert week_of(state, snapshot(state, weeks={("help", "late_reply", "2026-11-02"): (4, 1)})) == {}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0.9, "0 s"),
        (59.99, "59 s"),
        (60, "1 min"),
        (95, "1 min 35 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (3630, "1 h"),
        (7384, "2 h 3 min"),
        (86399, "23 h 59 min"),
        (86400, "1 d"),
        (190_000, "2 d 4 h"),
    ],
)
def test_durations_as_people_say_them(seconds: float, said: str):
    assert rounded_duration(seconds) == said


def test_a_limit_that_has_passed_is_not_the_next_one():
    state = point("line", running={"queue": replace(waits(1, 1, 30), next_due=ago(10))})
    assert point_line(state, snapshot(state)).waits[0].next_limit == ""
    state = point("line", running={"queue": replace(waits(1, 1, 30), next_due=NOW)})
    assert point_line(state, snapshot(state)).waits[0].next_limit == ""
