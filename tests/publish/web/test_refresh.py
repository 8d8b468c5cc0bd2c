"""A page that refreshes itself, in a real browser: what is different changes, and nobody is pushed from where they are."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from tests.publish.snapshots import NOW, point, snapshot, waits
from tests.publish.web.answers import CONTACT, evidence, signal_row
from tests.publish.web.chromium import Tab
from tests.publish.web.fakes import FakeServices

pytestmark = pytest.mark.xdist_group("chromium")  # one browser for all

POINT, EVIDENCE = "/contact-points/support-line", f"/contacts/{CONTACT}"
LATER = NOW + timedelta(seconds=7)
SHOWN = "document.querySelector('header time').textContent"
FOCUSED = "document.activeElement.textContent"


@pytest.fixture
def services() -> FakeServices:
    return FakeServices(rows=[signal_row(native_id=f"call {n}") for n in range(40)], contacts={CONTACT: evidence()})


async def visit(tab: Tab, client: TestClient, path: str) -> None:
    await tab.visit(str(client.make_url(path)))
    await tab.evaluate("window.same = true")  # gone once the page is loaded anew


async def refreshed(tab: Tab, condition: str) -> None:
    """Asks for a refresh, as who comes back to a tab does, and waits until it shows."""
    await tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    async with asyncio.timeout(20):
        while not await tab.evaluate(condition):
            pass  # the browser was asked meanwhile
    assert await tab.evaluate("window.same")


async def tab_to(tab: Tab, text: str) -> None:
    for _ in range(60):
        await tab.press_tab()
        if await tab.evaluate(FOCUSED) == text:
            return
    raise AssertionError(f"the keyboard reaches no {text!r}")


@pytest.mark.parametrize(("path", "link"), [(POINT, "call 20"), ("/sources", "Sales line")])
async def test_focus_and_scroll_stay_where_they_are(client: TestClient, services: FakeServices, tab: Tab, path: str, link: str):
    await tab.show_as(390, "light", height=600)
    await visit(tab, client, path)
    await tab_to(tab, link)
    before = await tab.evaluate("scrollY")
    assert before > 0
    services.current = replace(services.current, at=LATER)
    await refreshed(tab, f"{SHOWN}.includes('09:30:07')")
    assert await tab.evaluate(FOCUSED) == link
    assert await tab.evaluate("scrollY") == before
    assert tab.troubles == []


async def test_the_focus_goes_along_with_a_row_that_moves(client: TestClient, services: FakeServices, tab: Tab):
    """A new signal stands first: who was about to open the third contact still opens that one."""
    ids = [f"{number:016x}" for number in range(6)]
    services.rows = [signal_row(contact=each, native_id=f"call {each[-1]}") for each in ids[1:]]
    await visit(tab, client, POINT)
    await tab_to(tab, "call 3")
    services.rows = [signal_row(contact=each, native_id=f"call {each[-1]}") for each in ids]
    await refreshed(tab, "document.querySelector('.listed td a').textContent === 'call 0'")
    assert await tab.evaluate("[document.activeElement.textContent, document.activeElement.getAttribute('href')]") == [
        "call 3", f"/contacts/{ids[3]}",
    ]  # fmt: skip
    assert await tab.evaluate("[...document.querySelectorAll('.listed td a')].map(each => each.textContent)") == [
        f"call {number}" for number in range(6)
    ]


async def test_a_contact_goes_on_and_a_selection_stays(client: TestClient, services: FakeServices, tab: Tab):
    await visit(tab, client, EVIDENCE)
    await tab.evaluate("getSelection().selectAllChildren(document.querySelector('.meta .id'))")
    signals = [{"signal": "missed_callback", "at": "2026-11-02T13:28:35.500001Z", "related": None}]
    services.contacts = {CONTACT: evidence(signals=signals)}
    await refreshed(tab, "document.querySelector('main').textContent.includes('not called back')")
    assert await tab.evaluate("getSelection().toString()") == CONTACT


async def test_everything_changes_that_is_different(client: TestClient, services: FakeServices, tab: Tab):
    """Afterwards it is what it would be had it been loaded now."""
    await visit(tab, client, POINT)
    services.current = replace(snapshot(point("support-line", title="New name", running={"queue": waits(3, 3, 60)})), at=LATER)
    await refreshed(tab, f"{SHOWN}.includes('09:30:07')")
    now = await tab.evaluate("[document.title, document.body.innerHTML]")
    assert now[0] == "New name – contact-monitor"
    await visit(tab, client, POINT)
    assert await tab.evaluate("[document.title, document.body.innerHTML]") == now


async def test_what_is_gone_says_so(client: TestClient, services: FakeServices, tab: Tab):
    await visit(tab, client, EVIDENCE)
    services.contacts = {}
    await refreshed(tab, "document.querySelector('main').textContent.includes('no such contact')")


async def test_a_monitor_that_does_not_answer_is_no_calm_page(client: TestClient, tab: Tab):
    await visit(tab, client, POINT)
    shown = "getComputedStyle(document.querySelector('.stale-only')).display"
    assert await tab.evaluate(shown) == "none"
    await client.server.close()
    await refreshed(tab, f"{shown} === 'block'")
    assert "does not answer" in await tab.evaluate("document.querySelector('.stale-only').textContent")


async def test_hostile_names_stay_text_when_they_come_with_a_refresh(client: TestClient, services: FakeServices, tab: Tab):
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    await visit(tab, client, POINT)
    services.current = replace(snapshot(point("support-line", title=hostile, running={"queue": waits(1, 1, 99)})), at=LATER)
    await refreshed(tab, f"{SHOWN}.includes('09:30:07')")
    assert await tab.evaluate("document.querySelector('h1').textContent") == hostile
    assert await tab.evaluate("document.querySelectorAll('body script, img').length") == 0
    assert tab.troubles == []
