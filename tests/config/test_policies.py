"""Which policy, calendar and limit holds at a contact point, and which bounds its histogram has."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.config.cross_check import keys_of
from monitor.config.loading import build
from monitor.config.models import SignalSettings
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.domain.channels import SIGNALS_OF
from monitor.domain.event import Channel
from monitor.domain.policy import DEFAULTS, Limit, Policy
from monitor.engine.directory import PointConfig
from monitor.errors import ConfigError, did_you_mean

CALENDARS = {
    "office": {"hours": {"mon-fri": "09:00-17:00"}, "timezone": "Europe/London"},
    "shop": {"hours": {"sat": "10:00-14:00"}, "timezone": "Europe/Berlin"},
    "anywhere": {"hours": {"daily": "08:00-20:00"}},
}


def resolver(**raw: Any) -> PolicyResolver:
    settings = build({"calendars": CALENDARS, "timezone": "Europe/Paris", **raw})
    return PolicyResolver(settings, calendars(settings))


def policy(channel: Channel = "phone", **signals: Any) -> Policy:
    return resolver(policies={"p": signals}).policy("p", None, channel)


class TestTheCalendar:
    def of(self, point: dict[str, str], channel: Channel = "email") -> Policy:
        policies = {"mail": {"calendar": "office"}, "free": {}, "default": {"calendar": "anywhere"}}
        made = resolver(policies=policies, contact_points={"a": point})
        return made.make(PointConfig("a", None, None, None, "", ""), channel)

    @pytest.mark.parametrize(
        ("point", "name", "zone"),
        [
            ({"policy": "mail"}, "office", "Europe/London"),
            ({"policy": "mail", "calendar": "shop"}, "shop", "Europe/Berlin"),
            ({"policy": "free", "calendar": "shop"}, "shop", "Europe/Berlin"),
            ({}, "anywhere", "Europe/Paris"),
        ],
    )
    def test_the_contact_points_own_goes_before_its_policys(self, point: dict[str, str], name: str, zone: str):
        found = self.of(point)
        assert found.calendar is not None
        assert (found.calendar.name, found.timezone) == (name, ZoneInfo(zone))
        assert found.rules["late_reply"].calendar is found.calendar

    def test_none_is_around_the_clock_in_the_zone_of_the_file(self):
        found = self.of({"policy": "free"})
        assert (found.calendar, found.timezone) == (None, ZoneInfo("Europe/Paris"))
        assert {rule.calendar for rule in found.rules.values()} == {None}

    def test_a_date_with_hours_of_its_own_goes_before_its_weekday_and_its_holiday(self):
        """Thursday 24 December 2026 is short, Christmas is worked for an hour though it stands among the closed days, too."""
        office = {
            "hours": {"mon-fri": "09:00-17:00"},
            "dates": {"2026-12-24": "09:00-12:00", "2026-12-25": ["10:00-10:30", "11:00-11:30"]},
            "holidays": {"country": "GB", "subdivision": "ENG", "also": ["2026-12-25"]},
        }
        [made] = calendars(build({"timezone": "Europe/London", "calendars": {"office": office}})).values()
        begin, noon, end = (datetime(2026, 12, day, hour, tzinfo=UTC) for day, hour in ((24, 0), (24, 12), (26, 0)))
        assert made.seconds_between(begin, noon) == 3 * 3600
        assert made.seconds_between(noon, end) == 3600

    def test_phone_waits_run_around_the_clock_unless_the_signal_says_otherwise(self):
        signals = {"calendar": "office", "long_hold": {"clock": "calendar"}, "missed_callback": {"clock": "always"}}
        rules = policy(**signals).rules
        named = {signal: rule.calendar.name for signal, rule in rules.items() if rule.calendar is not None}
        assert named == {"long_hold": "office"}
        assert policy(calendar="office").rules["missed_callback"].calendar is not None

    def test_a_contact_point_that_is_not_configured_follows_the_default(self):
        made = resolver(policies={"default": {"long_hold": {"after": "1m"}}})
        assert made.make(PointConfig("found", "pbx", None, None, "", ""), "phone").rules["long_hold"].limit == Limit(60.0)


class TestTheLimit:
    @pytest.mark.parametrize(
        ("channel", "signal", "given", "limit"),
        [
            ("phone", "slow_answer", {"rings": 3}, Limit(rings=3)),
            ("phone", "slow_answer", {"clock": "always"}, Limit(rings=5)),
            ("phone", "long_wait", {"after": "45s"}, Limit(45.0)),
            ("phone", "long_wait", {"objective": "70%"}, Limit(20.0)),
            ("email", "late_reply", {"after": "2bd"}, Limit(opening_days=2)),
            ("email", "slipped_promise", {"grace": "10m"}, Limit(600.0)),
            ("email", "slipped_promise", {"grace": "0s"}, Limit(0.0)),
            ("email", "complaint_overdue", {"warn": "2d"}, Limit(172800.0)),
            ("email", "complaint_overdue", {"objective": "99%"}, Limit(604800.0)),
            ("phone", "abandoned", {"ignore_under": "10s"}, None),
        ],
    )
    def test_each_signal_has_the_key_that_sets_it(
        self, channel: Channel, signal: str, given: dict[str, Any], limit: Limit | None
    ):
        assert policy(channel, **{signal: given}).rules[signal].limit == limit

    @pytest.mark.parametrize(
        ("channel", "signal", "given", "seconds"),
        [
            ("email", "late_reply", {}, None),  # off unless it is wanted
            ("email", "late_reply", {"warn_before": "3h59m59s"}, 14_399.0),
            ("ticket", "late_resolution", {"after": "1bd", "warn_before": "2h"}, 7200.0),
            ("phone", "missed_callback", {"warn_before": "30m"}, 1800.0),
            ("email", "slipped_promise", {"warn_before": "1d"}, 86_400.0),  # a promise has a moment, whatever its grace
        ],
    )
    def test_how_long_before_it_falls_a_warning_is_wanted(
        self, channel: Channel, signal: str, given: dict[str, str], seconds: float | None
    ):
        assert policy(channel, **{signal: given}).rules[signal].warn_before == seconds

    @pytest.mark.parametrize(("given", "times"), [({}, 2), ({"times": 0}, 0), ({"times": 5}, 5)])
    def test_how_often_is_still_good(self, given: dict[str, int], times: int):
        assert policy("ticket", passed_around=given).rules["passed_around"].times == times

    @pytest.mark.parametrize(
        ("given", "seconds"), [({}, 5.0), ({"ignore_under": "0s"}, 0.0), ({"ignore_under": "8s"}, 8.0), (False, 5.0)]
    )
    def test_what_is_a_short_abandon(self, given: Any, seconds: float):
        assert policy(abandoned=given).ignore_under_seconds == seconds

    @pytest.mark.parametrize(
        ("given", "clock_from"), [({}, "queue"), ({"clock_from": "queue"}, "queue"), ({"clock_from": "call"}, "call")]
    )
    def test_where_the_clock_of_a_queue_begins(self, given: dict[str, str], clock_from: str):
        assert policy(long_wait=given).rules["long_wait"].clock_from == clock_from

    @pytest.mark.parametrize(("given", "objective"), [({}, 0.98), ({"objective": "50%"}, 0.5)])
    def test_the_objective(self, given: dict[str, str], objective: float):
        assert policy(long_hold=given).rules["long_hold"].objective == objective

    def test_a_signal_that_is_switched_off_has_no_rule(self):
        expected = set(SIGNALS_OF["phone"])
        assert not any(DEFAULTS[signal].off for signal in expected)
        assert policy().rules.keys() == expected
        assert policy(long_hold=False).rules.keys() == expected - {"long_hold"}

    @pytest.mark.parametrize(("given", "objective"), [({}, 0.95), ({"objective": "99%"}, 0.99), (True, 0.95), ("on", 0.95)])
    def test_one_that_is_off_by_default_is_on_where_a_policy_names_it(self, given: Any, objective: float):
        assert not {"refusal", "canned_reply", "asked_again"} & policy("email").rules.keys()
        assert policy("email", refusal=given).rules["refusal"].objective == objective
        assert "asked_again" not in policy("email", refusal=given).rules
        assert "refusal" not in policy("phone", refusal=given).rules

    @pytest.mark.parametrize("given", [False, "off", "no"])
    def test_one_that_is_off_by_default_can_be_written_as_off(self, given: Any):
        assert policy("email", refusal=given) == policy("email")

    def test_one_that_is_on_by_default_can_be_written_as_on(self):
        assert policy(long_hold=True) == policy(long_hold={}) == policy()

    def test_every_key_of_a_signal_is_taken_by_one_at_least(self):
        assert set().union(*map(keys_of, DEFAULTS)) == set(SignalSettings.model_fields)

    def test_the_ring_follows_the_country(self):
        """Great Britain rings every three seconds, Germany every five."""
        assert (resolver(country="GB").policy("x", None, "phone").ring_period, policy_in("DE").ring_period) == (3.0, 5.0)


def policy_in(country: str) -> Policy:
    return resolver(country=country).policy("default", None, "phone")


class TestBounds:
    def test_they_hold_every_limit_that_is_configured(self):
        usual = resolver().bounds()
        policies = {
            "default": {"long_hold": {"after": "77s"}},
            "vip": {"long_hold": {"after": "33s"}, "slow_answer": {"rings": 7}},
        }
        bounds = resolver(policies=policies).bounds()
        assert {33.0, 77.0} <= set(bounds["hold"])
        assert not {33.0, 77.0} & set(usual["hold"])
        assert 18.0 in bounds["ring"]  # the seventh ring begins after six of three seconds
        assert all(list(each) == sorted(set(each)) for each in bounds.values())

    def test_the_default_policy_counts_though_nobody_wrote_it(self):
        """In Spain the fifth ring begins after four periods of 4.5 s, which is none of the usual bounds."""
        assert 18.0 in resolver(country="ES", policies={"vip": {"slow_answer": False}}).bounds()["ring"]

    def test_a_signal_that_is_switched_off_adds_none(self):
        assert resolver(policies={"vip": {"long_hold": False}}).bounds() == resolver().bounds()


def test_the_directory_has_what_is_configured():
    settings = build({
        "sources": {"mail": {"type": "imap", "host": "x", "username": "info@example.org", "password": "x", "discover": False}},
        "contact_points": {"info": {"source": "mail", "address": "Info@Example.org", "title": "Post", "team": "A"}},
    })  # fmt: skip
    directory = make_directory(settings, PolicyResolver(settings, calendars(settings)))
    [(point, channel, _)] = directory.points()
    assert (point.name, point.title, point.team, channel) == ("info", "Post", "A", "email")
    assert directory.resolve("mail", "address:info@example.org", "email") == "info"
    assert directory.resolve("mail", "address:sales@example.org", "email") == "other"


def test_two_calendars_that_cannot_be_are_both_told():
    settings = build({"calendars": CALENDARS})
    broken = settings.model_copy(
        update={
            "calendars": {name: each.model_copy(update={"hours": {"mon": name}}) for name, each in settings.calendars.items()}
        }
    )
    with pytest.raises(ConfigError) as refused:
        calendars(broken)
    assert [problem.partition(".hours")[0] for problem in refused.value.problems] == [f"calendars.{name}" for name in CALENDARS]


def test_a_holiday_is_closed_and_one_that_is_worked_is_open():
    office = {"hours": {"daily": "09:00-17:00"}, "timezone": "UTC"}
    days = {"country": "GB", "subdivision": "ENG", "also": ["2026-12-23"], "except": ["2026-12-28"]}
    settings = build({"calendars": {"office": {**office, "holidays": days}}})
    found = calendars(settings)["office"]
    worked = {day: found.is_open(datetime(2026, 12, day, 12, tzinfo=UTC)) for day in (22, 23, 25, 28)}
    assert worked == {22: True, 23: False, 25: False, 28: True}


class TestDidYouMean:
    """Half of the letters in common is near enough to be named, less is not."""

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("abxy", "; did you mean abcd?"),  # 2 of 4 letters: 0.5
            ("axyz", "; known are abcd"),  # 1 of 4: 0.25
            ("abxyz", "; known are abcd"),  # 2 of 4 and 5 letters: 0.44
            ("ABCX", "; did you mean abcd?"),
        ],
    )
    def test_how_near_is_near(self, name: str, said: str):
        assert did_you_mean(name, ["abcd"]) == said

    def test_nothing_known_is_nothing_said(self):
        assert did_you_mean("x", []) == ""
