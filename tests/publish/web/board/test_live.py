"""The board in a real browser: it follows what happens, counts, keeps its order under the hand, and says when it is not live."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from monitor.publish.web.board.lines import line_id
from monitor.publish.web.board.spans import NBSP
from tests.publish.web.board.scenes import Scene
from tests.publish.web.board.test_spans import SPANS
from tests.publish.web.board.test_stream import show
from tests.publish.web.chromium import Tab
from tests.publish.web.fakes import FakeServices

pytestmark = pytest.mark.xdist_group("chromium")  # one browser for all

LIVE = "document.querySelector('#liveness').textContent"
CARD = "document.querySelector('#cards h2')?.textContent"
ROWS = "[...document.querySelectorAll('#rows tr')].map(row => row.querySelector('.name').textContent)"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture
def services() -> FakeServices:
    return calm().services()


def calm() -> Scene:
    return Scene().add("line", waits={"queue": [3]}, today=(10, 0)).add("other").add("third").add("desk", "email")


def address(client: TestClient, path: str = "/") -> str:
    return str(client.make_url(path))


async def until(tab: Tab, condition: str, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await tab.evaluate(condition):
            pass  # the browser was asked meanwhile


async def visit(tab: Tab, client: TestClient, path: str = "/") -> None:
    await tab.visit(address(client, path))
    await until(tab, f"{LIVE} === 'live'")
    await tab.evaluate("window.same = true")  # gone once the page is loaded anew


async def test_a_call_comes_onto_the_board_with_its_news(client: TestClient, services: FakeServices, tab: Tab):
    await visit(tab, client)
    show(services, calm().add("new", waits={"queue": [192, 3]}, title="Billing line"))
    await until(tab, f"{CARD} === 'Billing line'")
    assert await tab.evaluate("document.title") == "(1) Billing line over the limit – contact-monitor"
    assert await tab.evaluate("document.querySelector('h1').textContent") == (
        f"Billing line: 1 caller has waited too long, the longest 3{NBSP}min{NBSP}12{NBSP}s"
    )
    assert await tab.evaluate("document.querySelector('#said').textContent") == "Billing line: 1 caller has waited too long"
    assert await tab.evaluate("window.same")
    assert tab.troubles == []


async def test_what_lasts_is_counted(client: TestClient, services: FakeServices, tab: Tab):
    show(services, calm().add("new", waits={"queue": [57]}))
    await visit(tab, client)
    await until(tab, "document.querySelector('#cards dd [data-since]').textContent === '1:00'")
    assert await tab.evaluate("document.querySelector('.figures [data-style=times]').textContent") == "3 times the limit"
    assert "1:00" in await tab.evaluate("document.querySelector('.ages .ages').textContent")


async def test_the_script_writes_spans_as_the_server_does(client: TestClient, tab: Tab):
    await visit(tab, client)
    spans = [(seconds, style) for seconds, style, _ in SPANS if style != "opening"]
    written = await tab.evaluate(f"{json.dumps(spans)}.map(([seconds, style]) => span(seconds, style))")
    assert [each.replace(NBSP, " ") for each in written] == [said for _, style, said in SPANS if style != "opening"]


async def test_a_new_order_waits_while_the_focus_is_in_the_list(client: TestClient, services: FakeServices, tab: Tab):
    await visit(tab, client)
    await tab.evaluate("document.querySelectorAll('#rows .name')[1].focus()")
    show(services, Scene().add("line").add("other").add("third", waits={"queue": [18]}).add("desk", "email"))
    await until(tab, "!document.querySelector('#reorder').hidden")
    assert "1 moved up" in await tab.evaluate("document.querySelector('#reorder').textContent")
    assert await tab.evaluate(ROWS) == ["line", "other", "third", "desk"]
    assert "is-row-risk" in await tab.evaluate(f"document.getElementById('{line_id('third')}').className")
    assert await tab.evaluate("document.activeElement.textContent") == "other"
    await tab.evaluate("document.querySelector('#sort').click()")
    assert await tab.evaluate(ROWS) == ["third", "line", "other", "desk"]
    assert await tab.evaluate("document.activeElement.textContent") == "other"
    assert await tab.evaluate("document.querySelector('#reorder').hidden")


async def test_without_a_hand_in_the_list_the_order_follows(client: TestClient, services: FakeServices, tab: Tab):
    await visit(tab, client)
    show(services, Scene().add("line").add("new").add("third", waits={"queue": [18]}).add("desk", "email", HOURS))
    await until(tab, f"{ROWS}.join() === 'third,line,new,desk'")


HOURS = {"reply": [600.0]}


async def test_a_page_left_open_over_midnight_says_the_new_day(client: TestClient, services: FakeServices, tab: Tab):
    # Berlin's clocks go back at 01:00 UTC on 25 October 2026; the page stays open over that and over the next midnight
    berlin = Scene().add("line", timezone="Europe/Berlin")
    head = "['date', 'zone'].map(id => document.getElementById(id).textContent).join()"
    show(services, berlin)
    services.current = replace(services.current, at=datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC))
    await visit(tab, client)
    assert await tab.evaluate(head) == "Sun 25 Oct 2026,CEST"
    for at, said in (((25, 1), "Sun 25 Oct 2026,CET"), ((25, 23), "Mon 26 Oct 2026,CET")):
        show(services, berlin)
        services.current = replace(services.current, at=datetime(2026, 10, *at, 0, 10, tzinfo=UTC))
        await until(tab, f"{head} === '{said}'")


async def test_a_lost_stream_says_since_when_and_nothing_is_counted_on(client: TestClient, services: FakeServices, tab: Tab):
    now = datetime.now(UTC)
    services.current = replace(services.current, at=now)
    await visit(tab, client)
    await client.server.close()
    await until(tab, f"{LIVE}.includes('not live since')")
    assert await tab.evaluate("document.querySelector('#liveness').className") == "is-unsure"
    frozen = await tab.evaluate("document.querySelector('#rows [data-since]').textContent")
    ticked = await tab.evaluate("ticks")
    await until(tab, f"ticks > {ticked + 5}")
    assert await tab.evaluate("document.querySelector('#rows [data-since]').textContent") == frozen


async def test_the_end_is_what_a_fresh_page_says(client: TestClient, services: FakeServices, tab: Tab):
    """Whatever came over the stream: rows that went and came, cards, notices."""
    await visit(tab, client)
    for scene in (
        Scene().add("a", waits={"queue": [30]}).add("b", waits=None, sources=()).add("c", is_open=False),
        Scene().add("c", waits={"queue": [17]}).add("line").add("d", "email", {"reply": [20_000]}, newest_breach=9000.0),
    ):
        show(services, scene)
        await until(tab, f"{ROWS}.join() === {json.dumps(','.join(line.title for line in scene.board().rows))}")  # type: ignore[union-attr]
    await tab.evaluate("source.close()")
    shown = await tab.evaluate(TEXT)
    await tab.visit(address(client))
    assert await tab.evaluate(TEXT) == shown


#: What the parts say, but for what has grown meanwhile.
TEXT = """['head', 'cards', 'limits', 'rows'].map(id => document.getElementById(id).textContent
  .replace(/[0-9]+:[0-9]+|[0-9]+.(s|min)|\\s+/g, ' ').replace(/ +/g, ' ').trim())"""


async def test_hostile_names_stay_text_when_they_come_over_the_stream(client: TestClient, services: FakeServices, tab: Tab):
    await visit(tab, client)
    show(services, calm().add(HOSTILE, waits={"queue": [99]}, title=HOSTILE, team=HOSTILE))
    await until(tab, f"{CARD} === {json.dumps(HOSTILE)}")
    assert await tab.evaluate("document.querySelectorAll('body script, img').length") == 0
    assert tab.troubles == []


async def test_no_other_host_is_asked(client: TestClient, tab: Tab):
    await visit(tab, client)
    asked: list[str] = await tab.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert asked
    assert {each.split("/")[2] for each in asked} == {f"{client.host}:{client.port}"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 800, 1280])
async def test_every_state_fits_the_window(client: TestClient, services: FakeServices, tab: Tab, width: int, scheme: str):
    scene = Scene().add("x" * 120, waits={"queue": [99, 3]}, team="y" * 90, today=(9, 9), agents={"ready": 0, "busy": 3})
    scene.add("second", waits={"hold": [400]}).add("risk", waits={"queue": [17]}).add("z" * 120, waits=None, sources=())
    scene.add("late", "email", {"reply": [200_000.0]}, newest_breach=9000.0).add("shut", is_open=False).add("calm")
    show(services, scene)
    await tab.show_as(width, scheme)
    await visit(tab, client)
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.troubles == []


async def test_it_is_complete_without_scripts(client: TestClient, services: FakeServices, tab: Tab):
    show(services, calm().add("new", waits={"queue": [192]}))
    await tab.call("Emulation.setScriptExecutionDisabled", value=True)
    await tab.visit(address(client))
    text: Any = await (await client.get("/")).text()
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in text
    assert "3:12" in text
