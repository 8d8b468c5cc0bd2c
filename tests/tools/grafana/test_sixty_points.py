"""The boards of the control room and of the managers over sixty contact points and thirteen weeks, counted by hand."""

import asyncio
import math
from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.prometheus import Prometheus
from tests.tools.grafana.committed import UIDS, boards, drawn, everything, filled_in
from tests.tools.grafana.sixty_points import MIDNIGHT, MOMENT, exposition

pytestmark = [pytest.mark.live, pytest.mark.waits(8)]

NOW, WEEKLY = "contactpoint-now", "contactpoint-weekly"
FIGURES = "On the line now, letters, and today"
TABLE = "Contact points, most urgent first"
MISSED = "Last full week: what missed its objective, worst first"
POINTS = "Thirteen weeks, worst first: points above or below the objective"
CHOSEN = everything() | {"__range": f"{(MOMENT - MIDNIGHT).seconds}s"}

#: In one picture.
MOST_LINES = 12

Row = tuple[dict[str, str], float]


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    started = Prometheus(history=exposition())
    asyncio.run(started.__aenter__())
    yield started
    asyncio.run(started.__aexit__(None, None, None))


async def ask(prometheus: Prometheus, board: str, title: str, ref: str, later: float = 0, **chosen: str) -> list[Row]:
    """What a query of a panel brings at the moment of the story, or some seconds later."""
    (panel,) = (each for each in drawn(boards()[board]) if each["title"] == title)
    (expr,) = (target["expr"] for target in panel["targets"] if target["refId"] == ref)
    return await prometheus.query_at(filled_in(expr, CHOSEN | chosen), MOMENT.timestamp() + later)


async def by_point(prometheus: Prometheus, ref: str, **chosen: str) -> dict[str, float]:
    return {told["contact_point"]: value for told, value in await ask(prometheus, NOW, TABLE, ref, **chosen)}


async def test_people_past_their_limit_come_first_then_letters_then_what_is_near(prometheus: Prometheus) -> None:
    standing = await ask(prometheus, NOW, TABLE, "A")
    assert len(standing) == 60
    first = sorted(standing, key=lambda row: -row[1])[:9]
    assert [told["title"] for told, _ in first] == [
        "Billing line",  # 1570 s of 20 s: 78 times the limit
        "Moving house line",  # on hold 300 s of 120 s; its queue is in time
        "Textphone relay",  # 40 s of 20 s
        "Info mail",  # 20 opening hours of 4
        "Returns mail",  # a promise past its moment has no limit of a length: once
        "Support line",  # 16 s of 20 s are four fifths
        "Branch north",  # its source is silent
        "Sales line",  # 15 s of 20 s are less
        "Service desk",  # 70 min of 4 h
    ]
    tiers = {told["title"]: value // 100_000 for told, value in standing}
    assert (tiers["Billing line"], tiers["Info mail"], tiers["Support line"], tiers["Branch north"]) == (6, 5, 4, 3)
    # Closed: five letters over their limit need nobody before the morning.
    assert (tiers["Sales line"], tiers["Night line"], tiers["Press office"]) == (2, 1, 1)


async def test_the_figures_of_a_line_are_those_of_its_most_urgent_wait(prometheus: Prometheus) -> None:
    over = {told["contact_point"]: (told.get("wait"), value) for told, value in await ask(prometheus, NOW, TABLE, "B")}
    assert over["billing-line"] == ("queue", 7)
    assert over["moving-line"] == ("hold", 1)
    assert over["info-mail"] == ("reply", 4)
    assert over["returns-mail"] == ("promise", 1)
    assert over["phone-01"] == (None, 0)
    assert "north-line" not in over
    waiting = await by_point(prometheus, "C")
    assert (waiting["billing-line"], waiting["moving-line"], waiting["support-line"], waiting["phone-01"]) == (9, 1, 3, 0)
    longest = {told["contact_point"]: told["longest"] for told, _ in await ask(prometheus, NOW, TABLE, "D")}
    assert longest["billing-line"] == "26 min"
    assert longest["info-mail"] == "14 days"
    assert longest["support-line"] == "16 s"
    assert longest["calm-desk"] == "70 min"
    assert "phone-01" not in longest
    limits, next_due = await by_point(prometheus, "E"), await by_point(prometheus, "F")
    assert (limits["billing-line"], limits["moving-line"], limits["info-mail"]) == (20, 120, 14400)
    assert (next_due["billing-line"], next_due["info-mail"]) == (4, 1320)


async def test_today_is_held_against_the_objective_of_the_first_signal(prometheus: Prometheus) -> None:
    kept, wanted, off = [await by_point(prometheus, ref) for ref in "GHI"]
    # 65 of 100 waited too long; 2 of 10: exactly the objective, neither above nor below.
    assert (kept["billing-line"], wanted["billing-line"], off["billing-line"]) == (pytest.approx(0.35), 0.8, -45)
    assert (kept["sales-line"], off["sales-line"]) == (pytest.approx(0.8), 0)
    assert (kept["calm-desk"], wanted["calm-desk"], off["calm-desk"]) == (1, 0.9, 10)
    # 42 waited too long and 3 gave up.
    assert (await by_point(prometheus, "J"))["billing-line"] == 45
    assert await by_point(prometheus, "K") == {"billing-line": 2, "support-line": 0}


async def test_history_that_is_read_now_is_nothing_of_the_last_hour(prometheus: Prometheus) -> None:
    """4,000 callers of other days who gave up, read within the last 20 minutes."""
    history = "contactpoint_history_signals_total{contact_point='sales-line',signal='abandoned'}"
    assert [value for _, value in await prometheus.query_at(history, MOMENT.timestamp())] == [4000]
    assert (await by_point(prometheus, "J"))["sales-line"] == 0
    lately = await ask(prometheus, "contactpoint-detail", "Went wrong in the hour before", "A", contact_point="sales-line")
    assert lately == []


async def test_five_figures_tell_the_whole(prometheus: Prometheus) -> None:
    async def figure(ref: str) -> float:
        ((_, value),) = await ask(prometheus, NOW, FIGURES, ref)
        return value

    # Over: 7 in the billing queue (two of them hear it ring as well), 1 on hold, 1 of the textphone.
    assert await figure("A") == 9
    assert await figure("B") == 1570
    # 9 billing, 1 on hold and 3 in the queue of the moving line, 1 textphone, 3 support, 2 sales.
    assert await figure("C") == 19
    # 4 of info mail, 5 of the closed press office.
    assert await figure("D") == 9
    # Judged by first signals: 100 + 10 + 58 x 40 = 2430; wrong 65 + 2.
    assert await figure("E") == pytest.approx(1 - 67 / 2430)
    assert await ask(prometheus, NOW, FIGURES, "F") == []


async def test_a_team_alone(prometheus: Prometheus) -> None:
    assert set(await by_point(prometheus, "C", team="Billing")) == {"billing-line"}
    ((_, over),) = await ask(prometheus, NOW, FIGURES, "A", team="Billing")
    assert over == 7
    ((_, missed),) = await ask(prometheus, WEEKLY, "Last full week", "A", team="Billing")
    assert missed == 1


async def test_what_is_blind_is_unknown_and_its_source_is_named(prometheus: Prometheus) -> None:
    ((_, read),) = await ask(prometheus, NOW, "Are all systems read?", "A")
    trouble = await ask(prometheus, NOW, "Are all systems read?", "B")
    assert read == 1
    assert [(told["source"], value) for told, value in trouble] == [("pbx-north", 2)]
    assert "north-line" not in await by_point(prometheus, "C")


async def test_nothing_stays_on_the_wall_once_the_monitor_has_stopped(prometheus: Prometheus) -> None:
    """Ten minutes after the last scrape: counters over the day are still there, and none of them is shown."""
    for board in (NOW, WEEKLY):
        for panel in drawn(boards()[board]):
            for target in panel["targets"]:
                expr = filled_in(target["expr"], CHOSEN)
                assert await prometheus.query_at(expr, MOMENT.timestamp() + 600) == [], (panel["title"], target["refId"])


@pytest.mark.parametrize("uid", UIDS)
async def test_no_picture_draws_more_lines_than_can_be_told_apart(prometheus: Prometheus, uid: str) -> None:
    """Detail begins with one contact point; the others with all sixty."""
    board = boards()[uid]
    (chosen,) = [each for each in board["templating"]["list"] if each["name"] == "contact_point"] or [{"includeAll": True}]
    values = CHOSEN if chosen["includeAll"] else CHOSEN | {"contact_point": "billing-line"}
    for panel in (each for each in drawn(board) if each["type"] in ("timeseries", "barchart", "state-timeline")):
        lines = 0
        for target in panel["targets"] if not panel.get("transformations") or target_is_range(panel) else ():
            lines += len(await prometheus.query_at(filled_in(target["expr"], values), MOMENT.timestamp()))
        assert lines <= MOST_LINES, (panel["title"], lines)


def target_is_range(panel: dict[str, Any]) -> bool:
    """Tables of weeks are drawn as one line a query."""
    return all(target["range"] for target in panel["targets"])


async def test_last_week_by_contacts_beyond_what_the_objective_allows(prometheus: Prometheus) -> None:
    async def figures(ref: str) -> dict[str, float]:
        return {told["contact_point"]: value for told, value in await ask(prometheus, WEEKLY, MISSED, ref)}

    # 61 of 200 where 40 may; one of one where a fifth may: it stands below, not on top.
    assert await figures("A") == {"billing-line": 21, "textphone": 1}
    assert (await figures("B"))["billing-line"] == 61
    assert (await figures("C"))["billing-line"] == 200
    assert await figures("D") == {"billing-line": pytest.approx(0.695), "textphone": 0}
    assert await figures("F") == {"billing-line": -10.5, "textphone": -80}
    # The week before 46 of 200 went wrong; the textphone had nobody.
    assert await figures("G") == {"billing-line": -7.5}
    told = {told["contact_point"]: told["title"] for told, _ in await ask(prometheus, WEEKLY, MISSED, "A")}
    assert told == {"billing-line": "Billing line", "textphone": "Textphone relay"}


async def test_a_week_in_which_all_was_kept_says_so(prometheus: Prometheus) -> None:
    kept, half = "every objective was kept", "no budget is half used"
    assert await said_of_weeks(prometheus, "calm-desk") == (kept, half)


async def said_of_weeks(prometheus: Prometheus, point: str) -> tuple[str, str]:
    """The sentence in place of lines about the last full week, and that about the running one."""
    found = []
    for title in (MISSED, "This week so far: least left first"):
        ((told, value),) = await ask(prometheus, WEEKLY, title, "A", contact_point=point)
        assert told.keys() == {"signal"}
        assert math.isnan(value)
        found.append(told["signal"])
    return found[0], found[1]


async def test_a_week_without_lines_says_why(prometheus: Prometheus) -> None:
    half = "no budget is half used"
    assert await said_of_weeks(prometheus, "night-line") == ("no full week yet", half)
    assert await said_of_weeks(prometheus, "north-line") == ("a source had a gap", "nothing was judged yet")
    assert await said_of_weeks(prometheus, "returns-mail") == ("nothing was judged", half)
    for ref in "ABCD":  # nothing judged: neither a zero nor a fault
        ((_, value),) = await ask(prometheus, WEEKLY, "Last full week", ref, contact_point="returns-mail")
        assert value == -1
    ((_, before),) = await ask(prometheus, WEEKLY, "Last full week", "E", contact_point="returns-mail")
    assert before == 0


async def test_the_headline_of_the_week(prometheus: Prometheus) -> None:
    async def figure(ref: str) -> float:
        ((_, value),) = await ask(prometheus, WEEKLY, "Last full week", ref)
        return value

    # 23 telephones with 5 signals, 23 mailboxes with 3, 11 desks with 3 (two telephones and a mailbox had nobody); two
    # objectives missed, one the week before.
    assert [await figure(ref) for ref in "ABCE"] == [2, 23 * 5 + 23 * 3 + 11 * 3, 22, 1]


async def test_weeks_have_short_names_and_the_running_one_says_so(prometheus: Prometheus) -> None:
    missed = await ask(prometheus, WEEKLY, "Objectives missed, week by week", "A")
    by_week = {told["week_start"]: (told["week"], value) for told, value in missed}
    assert len(by_week) == 14
    assert by_week["2026-11-23"] == ("so far", 2)
    assert by_week["2026-11-16"] == ("16 Nov", 2)
    assert by_week["2026-11-09"] == ("9 Nov", 1)
    assert by_week["2026-08-24"] == ("24 Aug", 0)


async def test_a_line_a_contact_point_the_worst_of_the_newest_week_first(prometheus: Prometheus) -> None:
    told = await ask(prometheus, WEEKLY, POINTS, "A")
    newest = [(labels["point"], value) for labels, value in told if labels["week"] == "16 Nov"]
    assert newest[:2] == [("Textphone relay · phone", -80), ("Billing line · phone", -10.5)]
    assert len(newest) == 57
    assert [value for _, value in newest] == sorted(value for _, value in newest)
    assert "2026-11-23" not in {labels["week_start"] for labels, _ in told}


async def test_what_is_left_of_the_running_week(prometheus: Prometheus) -> None:
    left = await ask(prometheus, WEEKLY, "This week so far: least left first", "A")
    # 40 of 100 where 20 may; one of one where none may.
    assert {told["title"]: value for told, value in left} == {"Billing line": -20, "Textphone relay": -1}
    burnt = await ask(prometheus, WEEKLY, "Budget of the week: burn-down where less than half is left", "A")
    # Twice what may go wrong has gone wrong: overspent by all of it.
    # The calm ones have used one of the two long holds that they may have: half is left, which is not less than half.
    left_over = {told["title"]: value for told, value in burnt}
    assert left_over == {"Billing line": pytest.approx(-1), "Textphone relay": -1}


async def test_how_near_a_line_is_to_an_alert(prometheus: Prometheus) -> None:
    """14 of 14 waited too long in 20 minutes: at least 14 / (14 + 1.64 x 1.64) of all, where two fifths page."""
    near = await ask(prometheus, WEEKLY, "How near the line was to an alert", "A")
    assert {told["title"]: value for told, value in near} == {"Billing line": pytest.approx(14 / 16.6896 / 0.4)}
