"""What the first page says."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.domain.snapshot import Snapshot
from monitor.publish.web.overview import overview, point_line, rounded_duration, source_line, unknown_since, week_of
from monitor.publish.web.responses import Pages
from tests.publish.snapshots import NOW, ago, contact_centre, point, snapshot, source, waits
from tests.publish.web.signs import state


def page(current: Snapshot, *, refresh: bool = True) -> str:
    return Pages().render("overview.html", {**overview(current), "refresh": refresh}).decode()


def row(current: Snapshot, name: str) -> str:
    """The table row of one contact point, its line ends as blanks."""
    text = page(current)
    start = text.index(f'<tr role="row" id="{name}"')
    return " ".join(text[start : text.index("</tr>", start)].split())


class TestRows:
    def test_a_busy_line(self):
        support = row(contact_centre(), "support-line")
        assert '<a class="title" href="/contact-points/support-line">Support line</a>' in support
        assert "phone · open · Customer service" in support
        assert "<strong>4</strong> in the queue" in support
        assert "2 over the limit" in support
        assert "longest 1 min 35 s · next limit in 8 s" in support
        assert "<strong>1</strong> on hold" in support
        assert '<strong>14</strong> <span class="of">of 61</span> waited too long in the queue' in support

    def test_over_the_limit_is_said_in_words_and_by_a_sign(self):
        badge = state("breached", "over the limit")
        assert badge in row(contact_centre(), "support-line")
        assert badge not in row(contact_centre(), "sales-line")

    def test_waiting_within_the_limit(self):
        assert state("waiting", "waiting") in row(contact_centre(), "sales-line")

    def test_where_nobody_waits(self):
        assert "nobody waits" in row(contact_centre(), "reception")

    def test_who_could_answer(self):
        current = snapshot(
            point("line", agents={"ready": 3, "busy": 0, "paused": 1, "away": 0}),
            point("empty", agents={"ready": 0, "busy": 0, "paused": 0, "away": 0}),
            point("untold"),
        )
        assert "agents: 3 ready, 1 paused" in row(current, "line")
        assert "agents: nobody logged in" in row(current, "empty")
        assert "agents" not in row(current, "untold")

    def test_closed(self):
        assert "<b>closed</b>" in row(contact_centre(), "web-chat")

    def test_signals_of_the_week_with_the_most_first(self):
        support = row(contact_centre(), "support-line")
        assert support.index("waited too long") < support.index("rang too often") < support.index("gave up")

    def test_names_keep_their_order_so_that_the_eye_finds_them_again(self):
        text = page(contact_centre())
        names = ["info-mail", "reception", "sales-line", "service-desk", "support-line", "web-chat"]
        places = [text.index(f'<tr role="row" id="{name}"') for name in names]
        assert places == sorted(places)

    def test_the_summary_leads_to_what_is_over_the_limit(self):
        text = page(contact_centre())
        assert "2 of 6 over the limit" in text
        assert '<a href="#support-line">Support line</a>' in text
        assert "<title>(2) Contact points – contact-monitor</title>" in text

    def test_the_name_of_the_configuration_stands_beside_a_title_that_does_not_tell_it(self):
        assert "info-mail</span>" in row(contact_centre(), "info-mail")
        assert "support-line</span>" not in row(contact_centre(), "support-line")


def test_what_is_due_soon_is_said_where_a_warning_is_wanted():
    warned, not_wanted = (page(snapshot(point("mail", "email", {"reply": waits(4, 1, 95, 8, soon)}))) for soon in (2, None))
    assert "longest 1 min 35 s · 2 due soon · next limit in 8 s" in warned
    assert "due soon" not in not_wanted


class TestBlindness:
    def test_a_blind_contact_point_says_unknown_and_why(self):
        info = row(contact_centre(), "info-mail")
        assert state("unknown", "unknown") in info
        assert "source mail has been down for 21 min 50 s: login refused: check password_file" in info
        assert "nobody waits" not in info

    def test_and_the_summary_does_not_call_all_well(self):
        text = page(snapshot(point("line", running=None), point("other"), sources=(source(up=False),)))
        assert "nobody waits beyond a limit as far as is known" in text
        assert "1 unknown" in text

    def test_a_source_that_was_never_read(self):
        text = page(replace(snapshot(point("line", running=None), sources=(source(up=None),)), ready=False))
        assert "source pbx has not been read yet" in text
        assert "<strong>Starting.</strong> Not read yet: pbx." in text

    def test_a_source_that_has_fallen_silent(self):
        silent = replace(source(), watermark=ago(455))
        text = page(snapshot(point("line", running=None), sources=(silent,)))
        assert "source pbx has told nothing newer for 7 min 35 s" in row(
            snapshot(point("line", running=None), sources=(silent,)), "line"
        )
        assert state("unknown", "has told nothing newer for 7 min 35 s") in text

    def test_a_source_that_was_never_seen_completely(self):
        text = page(snapshot(point("line", running=None), sources=(replace(source(), watermark=None),)))
        assert "source pbx has not been seen completely yet" in text

    def test_only_the_blind_ones_of_several_sources_are_named(self):
        state = point("line", running=None, sources=("pbx", "log"))
        text = row(snapshot(state, sources=(source(), replace(source("log"), watermark=ago(600)))), "line")
        assert "source log has told nothing newer for 10 min" in text
        assert "source pbx" not in text

    @pytest.mark.parametrize(("lags", "since"), [((600, 1), 600), ((600, 700), 700), ((600, None), None), ((1, None), None)])
    def test_unknown_since_the_earliest_moment_up_to_which_a_blind_source_was_seen(
        self, lags: tuple[int | None, ...], since: int | None
    ):
        sources = {name: None if lag is None else ago(lag) for name, lag in zip(("pbx", "log"), lags, strict=True)}
        state = point("line", running=None, sources=tuple(sources))
        current = snapshot(state, sources=tuple(replace(source(name), watermark=seen) for name, seen in sources.items()))
        assert unknown_since(state, current) == (None if since is None else ago(since))
        assert unknown_since(replace(state, running={}), current) is None

    def test_a_contact_point_that_no_source_feeds(self):
        assert "no source feeds it" in page(snapshot(point("line", running=None, sources=())))

    def test_the_source_itself(self):
        text = page(contact_centre())
        assert "down for 21 min 50 s" in text
        assert "up for 1 h" in text


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


class TestNothingYet:
    def test_no_contact_point(self):
        assert "<strong>No contact point yet:</strong> queues, numbers and mailboxes appear here" in page(snapshot())

    def test_no_source_either(self):
        text = page(replace(snapshot(), sources={}))
        assert "there is no source to read" in text
        assert "Sources</h2>" not in text

    def test_a_refused_configuration(self):
        assert "The configuration was refused." in page(replace(snapshot(), config_ok=False))
        assert "refused" not in page(snapshot())


class TestHostileNames:
    HOSTILE = '"><script>alert(1)</script>'

    def test_everything_is_escaped(self):
        state = point(self.HOSTILE, title=self.HOSTILE, team=self.HOSTILE, running=None, sources=(self.HOSTILE,))
        down = replace(source(self.HOSTILE, self.HOSTILE, False), trouble=self.HOSTILE)
        text = page(snapshot(state, sources=(down,)))
        assert "<script>" not in text
        assert "alert(1)" in text

    def test_half_a_character_does_not_cost_the_page(self):
        assert "a?b" in page(snapshot(point("a\ud800b")))


class TestRefresh:
    def test_by_itself_every_ten_seconds_or_not(self):
        """By a script that keeps the focus; by the browser itself where scripts are off."""
        text = page(snapshot())
        assert re.search('<script defer src="/static/refresh.js\\?[0-9a-f]{12}" data-seconds="10"></script>', text)
        assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in text
        assert '<a href="?refresh=off">pause</a>' in text
        paused = page(snapshot(), refresh=False)
        assert '<a href="?">refresh again</a>' in paused
        assert "<script" not in paused
        assert "http-equiv" not in paused

    def test_no_other_script_and_no_inline_style(self):
        text = page(contact_centre())
        assert text.count("<script") == 1
        assert "style=" not in text
        assert "<style" not in text


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
    assert point_line(state, "line", snapshot(state)).waits[0].next_limit == ""
    state = point("line", running={"queue": replace(waits(1, 1, 30), next_due=NOW)})
    assert point_line(state, "line", snapshot(state)).waits[0].next_limit == ""
