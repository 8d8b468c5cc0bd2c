"""The wall: nothing to click, what is urgent stays, what is calm turns, and no figure touches another."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from monitor.publish.web.board.page import Board, Wanted, board
from monitor.publish.web.board.service import look
from monitor.publish.web.board.wall import TURN_SECONDS, Wall
from monitor.publish.web.responses import Pages
from tests.publish.snapshots import NOW, ago, source
from tests.publish.web.board.scenes import Scene
from tests.publish.web.board.test_stream import show
from tests.publish.web.chromium import Tab
from tests.publish.web.fakes import FakeServices

WALL = Wanted(wall=True)


def wall_of(scene: Scene, seconds: float = 0) -> Wall:
    services = scene.services()
    moved = replace(services.current, at=services.current.at + timedelta(seconds=seconds))
    shown = _board(replace(services, current=moved))
    assert shown.wall is not None
    return shown.wall


def _board(services: FakeServices) -> Board:
    return board(*look(services, WALL), WALL)


def words(scene: Scene) -> str:
    text = Pages().render("wall.html", {"board": scene.board(WALL), "refresh": True}).decode()
    return " ".join(re.sub(r"<[^>]*>", " ", text.replace("\u00a0", " ")).split())


def failing(count: int) -> Scene:
    """With the longest figures that a day of letters has: 54 over, 86 h 05."""
    scene = Scene()
    for number in range(count):
        waits = {"reply": [86 * 3600 + 300.0, *[20_000.0] * (53 - number)]}
        scene.add(f"Repairs dispatch centre {number}", "email", waits, newest_breach=60.0, today=(61, 4))
    return scene


@pytest.mark.parametrize(("count", "shown", "more"), [(1, 1, 0), (2, 2, 0), (4, 4, 0), (5, 3, 2), (7, 3, 4)])
def test_up_to_four_that_fail_stand_side_by_side_of_more_three(count: int, shown: int, more: int):
    wall = wall_of(failing(count))
    assert (len(wall.failing), len(wall.more)) == (shown, more)
    if more:
        assert f"+ {more} more" in words(failing(count))


def test_nothing_can_be_clicked():
    text = Pages().render("wall.html", {"board": failing(7).board(WALL), "refresh": True}).decode()
    assert "<a " not in text
    assert "<button" not in text
    assert '<html lang="en" class="dark">' in text


def test_blind_says_since_when_and_closed_is_quiet():
    down = replace(source("north", up=False), watermark=ago(1260))
    scene = Scene(source(), down).add("Branch", waits=None, sources=("north",)).add("Returns", "email", is_open=False)
    said = words(scene)
    assert "Branch unknown since 09:09" in said
    assert "Returns closed" in said
    assert "1 of 2 sources seen" in said


def test_what_does_not_fit_turns_by_team_and_what_is_urgent_stays():
    scene = Scene().add("shown", waits={"queue": [30]}).add("risk", waits={"queue": [17]})
    scene.add("late", "email", {"reply": [200_000.0]}, newest_breach=9000.0)
    for number in range(14):
        scene.add(f"line {number}", team="Sales" if number < 12 else "Front")
    shown, turns = set[str](), set[str]()
    for turn in range(3):
        wall = wall_of(scene, turn * TURN_SECONDS)
        assert [line.title for line in wall.failing] == ["shown"]
        assert [line.title for line in wall.risks] == ["risk"]
        rows = [row for half in wall.halves for row in half]
        assert len(rows) <= 10
        assert rows[0].title == "late"  # type: ignore[union-attr]
        shown |= {row.title for row in rows}  # type: ignore[union-attr]
        turns.add(wall.turn)
    assert turns == {"Sales, 1 of 3", "Sales, 2 of 3", "Front, 3 of 3"}
    assert shown == {"late", *[f"line {number}" for number in range(14)]}


@pytest.mark.parametrize(
    ("count", "at_risk", "rows", "halves"),
    # Five rows fit into one half below both, seven where none is at risk, eight where none fails, ten where neither is.
    [
        (1, 1, 4, [4, 0]),
        (1, 1, 5, [3, 2]),
        (1, 0, 5, [5, 0]),
        (1, 0, 6, [3, 3]),
        (0, 1, 6, [6, 0]),
        (0, 0, 8, [8, 0]),
        (0, 0, 9, [5, 4]),
    ],
)
def test_few_rows_have_the_whole_width(count: int, at_risk: int, rows: int, halves: list[int]):
    scene = few(count, at_risk, 0)
    for number in range(rows):
        scene.add(f"line {number}")
    assert [len(half) for half in wall_of(scene).halves] == halves


def test_what_fits_does_not_turn_and_the_calm_get_the_room():
    scene = Scene()
    for number in range(20):
        scene.add(f"line {number}")
    wall = wall_of(scene)
    assert (wall.turn, [len(half) for half in wall.halves]) == ("", [10, 10])


def test_urgent_rows_that_find_no_room_are_counted():
    scene = failing(1)
    for number in range(15):
        scene.add(f"risk {number}", waits={"queue": [17]})
    wall = wall_of(scene)
    assert (len(wall.risks), sum(map(len, wall.halves)), wall.unseen) == (2, 10, 3)
    assert "+ 3 more that need somebody" in words(scene)


def test_nothing_connected():
    assert "No contact point yet" in words(Scene())


#: Figures, and labels, that touch one of their kind, and figures that are wider than their place. A line's box is higher than its
#: digits: a sixth at either edge is empty.
COLLISIONS = """
(() => {
  const box = e => { const range = document.createRange(); range.selectNodeContents(e); return range.getBoundingClientRect() };
  const apart = (x, y) => x.left >= y.right || y.left >= x.right || x.top + x.height / 6 >= y.bottom - y.height / 6
    || y.top + y.height / 6 >= x.bottom - x.height / 6;
  const found = [];
  for (const kind of ['dd', 'dt', 'td']) {
    const all = [...document.querySelectorAll(kind)].filter(e => e.offsetParent).map(e => [e, box(e)]);
    all.forEach(([a, x], i) => {
      if (kind !== 'dt' && (x.right > innerWidth || a.scrollWidth > a.clientWidth + 1)) found.push(['wide', a.textContent]);
      all.slice(i + 1).forEach(([b, y]) => apart(x, y) || found.push([a.textContent, b.textContent]));
    });
  }
  return found;
})()
"""
SMALLEST = "Math.min(...[...document.querySelectorAll('dd, td')].map(e => parseFloat(getComputedStyle(e).fontSize)))"

#: The sizes of figures, the lower end of the lowest block or row, and blocks in which something has no room.
SIZES = "[...document.querySelectorAll('WHERE dd, WHERE td')].map(e => parseFloat(getComputedStyle(e).fontSize))"
LOWEST = "Math.max(...[...document.querySelectorAll('.w-fail, .w-risk, tr')].map(e => e.getBoundingClientRect().bottom))"
CUT_OFF = """
[...document.querySelectorAll('.wall, .w-fail, .w-risk, .w-rest')]
  .filter(e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1).map(e => e.className)
"""


def few(count: int, at_risk: int, rows: int) -> Scene:
    """`count` that fail, `at_risk`, and of the others the first `rows` of: late since yesterday, unknown, fine, closed."""
    scene = failing(count)
    for number in range(at_risk):
        scene.add(f"Support line {number}", waits={"queue": [17]}, today=(10, 0))
    late = {"reply": [99.9 * 3600, *[30_000.0] * 53]}
    if rows > 0:
        scene.add("Service desk", "ticket", late, newest_breach=9000.0, today=(9, 4))
    if rows > 1:
        scene.add("Branch", waits=None)
    if rows > 2:
        scene.add("Front counter", waits={"queue": [3]}, today=(100, 0))
    if rows > 3:
        scene.add("Returns", "email", is_open=False, turns_at=NOW + timedelta(hours=3))
    return scene


@pytest.mark.xdist_group("chromium")
class TestInABrowser:
    @pytest.fixture
    def services(self) -> FakeServices:
        return failing(1).services()

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
    async def test_no_figure_touches_another(self, client: TestClient, services: FakeServices, tab: Tab, count: int):
        scene = failing(count).add("Support line", waits={"queue": [17]}, today=(10, 0))
        scene.add("Orders", "email", {"reply": [14_000.0]}, today=(10, 0)).add("calm", waits={"queue": [3]}, today=(1, 0))
        scene.add("Service desk", "ticket", {"reply": [99.9 * 3600, *[30_000.0] * 53]}, newest_breach=9000.0, today=(9, 0))
        show(services, scene)
        await tab.call("Emulation.setDeviceMetricsOverride", width=1920, height=1080, deviceScaleFactor=1, mobile=False)
        await tab.visit(str(client.make_url("/?wall=1&refresh=off")))
        assert await tab.evaluate(COLLISIONS) == []
        assert await tab.evaluate(SMALLEST) >= 72
        assert await tab.evaluate("document.documentElement.scrollHeight") <= 1080
        assert tab.troubles == []

    @pytest.mark.parametrize("rows", range(5))
    @pytest.mark.parametrize("count", range(5))
    async def test_few_rows_fill_the_screen_and_size_follows_urgency(
        self, client: TestClient, services: FakeServices, tab: Tab, count: int, rows: int
    ):
        at_risk = (count + rows) % 3
        show(services, few(count, at_risk, rows))
        await tab.call("Emulation.setDeviceMetricsOverride", width=1920, height=1080, deviceScaleFactor=1, mobile=False)
        await tab.visit(str(client.make_url("/?wall=1&refresh=off")))
        assert await tab.evaluate(COLLISIONS) == []
        assert await tab.evaluate(CUT_OFF) == []
        if not count + at_risk + rows:
            assert await tab.evaluate("parseFloat(getComputedStyle(document.querySelector('.w-alone')).fontSize)") >= 72
            return
        assert await tab.evaluate(SMALLEST) >= 72
        fails, risks, calm = [await tab.evaluate(SIZES.replace("WHERE", where)) for where in (".w-fail", ".w-risk", ".w-half")]
        for urgent, less in ((fails, risks), (fails, calm), (risks, calm)):
            assert not urgent or not less or max(urgent) > max(less)
        # A single row is not blown up without end: it stands in the middle.
        reached = 800 if (count, at_risk, rows) == (0, 0, 1) else 1000
        assert await tab.evaluate(LOWEST) >= reached

    async def test_it_follows_and_says_when_it_is_not_live(self, client: TestClient, services: FakeServices, tab: Tab):
        await tab.visit(str(client.make_url("/?wall=1")))
        await _until(tab, "alive")
        show(services, failing(2))
        await _until(tab, f"document.querySelectorAll('.w-fail').length === {json.dumps(2)}")
        await client.server.close()
        await _until(tab, "document.querySelector('#liveness').textContent.includes('not live since')")
        assert await tab.evaluate("getComputedStyle(document.querySelector('.w-strip')).display") == "none"


async def _until(tab: Tab, condition: str) -> None:
    async with asyncio.timeout(20):
        while not await tab.evaluate(condition):
            pass  # the browser was asked meanwhile
