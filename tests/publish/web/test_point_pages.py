"""The page of a contact point: who waits, today, the budget, the weeks before, the hours; figures worked out by hand."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiohttp.test_utils import TestClient

from monitor.domain.snapshot import Running, WhoWaits
from monitor.publish.report.values import Heat, HeatCell, PointWeek, SignalWeek, TrendWeek, WaitWeek, WeekReport
from monitor.publish.web.overview import point_line
from monitor.publish.web.point_pages import WeekLine, contact_point_page, week_lines
from monitor.publish.web.services import SignalsPage
from tests.publish.charts.drawn import shapes, texts
from tests.publish.report.sample import BILLING, REPORT
from tests.publish.snapshots import NOW, contact_centre, point, snapshot
from tests.publish.web.fakes import FakeServices
from tests.publish.web.test_details import page
from tests.publish.web.test_signal_pages import waiting

THIS, LAST = date(2026, 11, 2), date(2026, 10, 26)
LINE = "/contact-points/support-line"


def report(monday: date, week: PointWeek) -> WeekReport:
    return replace(REPORT, monday=monday, contact_points=(replace(week, contact_point="support-line"),))


def trend(*shares: int) -> tuple[TrendWeek, ...]:
    return tuple(TrendWeek(f"2026-W{31 + n}", 100, 100 - share) for n, share in enumerate(shares))


@pytest.fixture
def known(services: FakeServices) -> None:
    """Thirteen weeks of 90 and 84 % in turn; this week nine of ten on Monday at nine, and half of all waits up to 17 s."""
    weeks = (SignalWeek("long_wait", 100, 10, 0.9, met=True, trend=trend(*[90, 84] * 6, 90)),)
    heat = Heat("long_wait", (HeatCell(0, 9, 40, 4, 0.04),), ((0, 10),))
    waits = (
        WaitWeek("queue", 61, 17.0, 161.0, 200.0, 300.0),
        WaitWeek("callback", 8, 4320.0, 90_061.0, 1.0, 1.0, opening_hours=True),
    )
    services.reports = {
        LAST: report(LAST, replace(BILLING, signals=weeks)),
        THIS: report(THIS, replace(BILLING, heat=heat, waits=waits)),
    }


class TestNow:
    async def test_who_waits_is_one_click_away(self, client: TestClient, services: FakeServices):
        found = WhoWaits(14, [waiting("a", 95), waiting("c", 12)])
        services.who_waits["support-line", "phone"] = {"queue": found}
        text = await page(client, LINE)
        assert "Who is in the queue: 2 of 14" in text
        assert f'<li class="over"><a href="/contacts/{"a" * 16}">1 min 35 s</a>' in text
        assert f'<a href="/contacts/{"c" * 16}">12 s</a> <span class="of">limit in 8 s</span>' in text

    def test_the_longest_is_measured_as_its_limit_is(self):
        # written on Friday at 09:20, opening hours 09:00 to 17:30: on Monday at 09:30 that is 8 h 40 min of them
        friday = NOW.replace(hour=9, minute=20) - timedelta(days=3)
        state = point("desk", "email", {"reply": Running(1, 1, friday, 31_200.0, None)})
        opening = replace(state, info=replace(state.info, opening_hours_waits=frozenset({"reply"})))
        lines = [point_line(each, snapshot(each)).waits[0].longest for each in (opening, state)]
        assert lines == ["8 h 40 min of opening hours", "3 d"]

    async def test_nobody(self, client: TestClient):
        assert "Nobody waits." in await page(client, "/contact-points/reception")

    async def test_where_nobody_can_tell_nobody_is_named(self, client: TestClient, services: FakeServices):
        services.who_waits["info-mail", "email"] = {}
        text = await page(client, "/contact-points/info-mail")
        assert "Nobody can tell who waits" in text
        assert "Nobody waits." not in text


class TestWeek:
    def line(self, assessed: int, bad: int, objective: float = 0.9) -> WeekLine:
        state = point("line", objectives={"long_wait": objective})
        weeks = {("line", "long_wait", "2026-11-02"): (assessed, bad)} if assessed else {}
        current = replace(snapshot(state, weeks=weeks), today={("line", "phone", "long_wait"): (41, 4)})
        return week_lines(state, current)[0]

    @pytest.mark.parametrize(
        ("assessed", "bad", "objective", "budget"),
        [
            (61, 3, 0.9, "3 left"),  # a tenth of 61 is 6.1
            (61, 6, 0.9, "0 left"),
            (61, 14, 0.9, "8 too many"),
            (20, 1, 0.95, "0 left"),
            (500, 1, 1.0, "1 too many"),
            (0, 0, 0.9, ""),
        ],
    )
    def test_the_budget_is_how_many_more_may_go_wrong(self, assessed: int, bad: int, objective: float, budget: str):
        assert self.line(assessed, bad, objective).budget == budget

    def test_today(self):
        # 37 of 41 are 90.24 per cent.
        line = self.line(61, 3)
        assert (line.today, line.today_of) == ("90.2 %", 41)

    def test_the_letter_of_the_formula_stands_with_a_service_level(self):
        assert self.line(61, 3).formula == "SL-D"

    @pytest.mark.usefixtures("known")
    async def test_thirteen_weeks_against_the_objective(self, client: TestClient):
        text = await page(client, LINE)
        assert "13 weeks, per cent kept: 90, 84 (below), 90, 84 (below)" in text
        assert "<caption>Week by week: waited too long in the queue</caption>" in text
        assert '<th scope="row">2026-W43</th><td>100</td><td>10</td><td>90</td>' in text

    @pytest.mark.usefixtures("known")
    async def test_median_and_ninetieth_percentile(self, client: TestClient):
        text = await page(client, LINE)
        assert '<td role="cell" data-label="Half, up to" class="figure">17 s</td>' in text
        assert '<td role="cell" data-label="Nine in ten, up to" class="figure">2 min 41 s</td>' in text
        # 90,061 s of opening hours are no day.
        assert "25 h 1 min</td>" in text
        assert '<span class="sub">in opening hours</span>' in text

    @pytest.mark.usefixtures("known")
    async def test_the_hours_of_the_week_drawn_and_as_a_table(self, client: TestClient, services: FakeServices):
        text = await page(client, LINE)
        assert "<td>4 of 40</td><td>not seen</td>" not in text  # the hour after it is beyond the last with anybody
        assert "<td>4 of 40</td>" in text
        states = {"support-line": services.current.points["support-line"]}
        shown = contact_point_page(states, SignalsPage([]), services.current, None, services.reports)
        heat = shown["sections"][0].heat
        assert texts(heat) == ["9", "Mon", "Tue", "Wed", "Thu", "Fri", "4"]
        assert "in the week from 2 November" in (shapes(heat, "svg")[0].get("aria-label") or "")

    async def test_a_report_that_takes_long_keeps_nobody_waiting(
        self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
    ):
        async def week(monday: date) -> WeekReport:
            await asyncio.Event().wait()
            raise AssertionError

        monkeypatch.setattr("monitor.publish.web.stored._SOON_SECONDS", 0.01)
        services.week = week  # type: ignore[method-assign]
        text = await page(client, LINE)
        assert "are being worked out: load the page again" in text
        assert '<strong>14</strong></a> <span class="of">of 61</span>' in text

    @pytest.mark.usefixtures("known")
    async def test_what_is_known_is_not_being_worked_out(self, client: TestClient):
        assert "are being worked out" not in await page(client, LINE)

    async def test_the_week_is_that_of_the_contact_points_clocks(self, client: TestClient, services: FakeServices):
        """At 23:00 UTC on Sunday it is Monday in Berlin."""
        sunday = NOW.replace(day=8, hour=23)
        berlin = point("line", timezone="Europe/Berlin")
        asked: list[date] = []
        services.current = replace(snapshot(berlin), at=sunday)

        async def week(monday: date) -> WeekReport:
            asked.append(monday)
            return REPORT

        services.week = week  # type: ignore[method-assign]
        await page(client, "/contact-points/line")
        assert asked == [date(2026, 11, 2), date(2026, 11, 9)]


async def test_hostile_names_in_the_figures_are_text(client: TestClient, services: FakeServices):
    hostile = "<script>alert(1)</script>"
    services.current = snapshot(point(hostile, title=hostile))
    weeks = (SignalWeek("long_wait", 100, 10, 0.9, met=True, trend=(TrendWeek(hostile, 1, 0),)),)
    services.reports = {
        LAST: replace(REPORT, monday=LAST, contact_points=(replace(BILLING, contact_point=hostile, signals=weeks),))
    }
    text = await page(client, "/contact-points/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert "<script>" not in text


def test_today_of_other_contact_points_is_not_theirs() -> None:
    centre = replace(contact_centre(), today={("sales-line", "phone", "long_wait"): (10, 1)})
    [line] = [each for each in week_lines(centre.points["support-line"], centre) if each.name == "long wait"]
    assert (line.today, line.today_of) == ("", 0)
