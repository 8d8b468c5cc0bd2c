"""From the board to the contact point, its list and the evidence in a real browser: by pointer and keyboard, filter, CSV."""

from dataclasses import replace
from datetime import date

import pytest
from aiohttp.test_utils import TestClient

from monitor.domain.snapshot import WhoWaits
from tests.publish.report.sample import BILLING, REPORT
from tests.publish.web.answers import CONTACT, evidence, signal_row
from tests.publish.web.chromium import Tab
from tests.publish.web.fakes import FakeServices
from tests.publish.web.test_signal_pages import waiting

pytestmark = pytest.mark.xdist_group("chromium")  # one browser for all

POINT = "/contact-points/support-line"
HOSTILE = '"><img src=x onerror=alert(1)>' + "x" * 120


@pytest.fixture
def services() -> FakeServices:
    """A contact centre with reports of two weeks, somebody who waits, and a caller's evidence."""
    rows = [signal_row(native_id=f"c{number}") for number in range(150)]
    week = replace(BILLING, contact_point="support-line")
    reports = {
        monday: replace(REPORT, monday=monday, contact_points=(week,)) for monday in (date(2026, 10, 26), date(2026, 11, 2))
    }
    who = {("support-line", "phone"): {"queue": WhoWaits(2, [waiting("a", 95), waiting("c", 12)])}}
    return FakeServices(rows=rows, contacts={CONTACT: evidence()}, reports=reports, who_waits=who)


def address(client: TestClient, path: str) -> str:
    return str(client.make_url(path))


async def follow(tab: Tab, selector: str) -> None:
    """Opens the page that a link leads to."""
    await tab.visit(await tab.evaluate(f"document.querySelector({selector!r}).href"))


async def test_from_the_contact_point_by_the_number_to_the_evidence(client: TestClient, tab: Tab):
    await tab.visit(address(client, f"{POINT}?refresh=off"))
    await follow(tab, "td[data-label=Negative] a")
    assert await tab.evaluate("document.querySelector('#f-point').value") == "support-line"
    assert await tab.evaluate("document.querySelectorAll('table:last-of-type tbody tr').length") > 1
    await follow(tab, "td[data-label=Contact] a")
    assert "waited in the queue for 1 min 35 s" in await tab.evaluate("document.querySelector('h1').textContent")
    assert tab.troubles == []


async def test_the_filter_is_a_form_that_needs_no_script(client: TestClient, services: FakeServices, tab: Tab):
    await tab.visit(address(client, "/signals"))
    assert await tab.evaluate("document.scripts.length") == 0
    await tab.evaluate("document.querySelector('#f-signal').value = 'long_wait'")
    sent = await tab.evaluate("new URLSearchParams(new FormData(document.querySelector('form'))).toString()")
    await tab.visit(address(client, f"/signals?{sent}"))
    assert services.asked[-1].signal == "long_wait"
    assert await tab.evaluate("document.querySelector('#f-signal').value") == "long_wait"


async def test_the_keyboard_walks_through_the_filter(client: TestClient, tab: Tab):
    await tab.visit(address(client, "/signals"))
    reached = []
    for _ in range(11):
        await tab.press_tab()
        reached.append(await tab.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert reached[5:] == ["f-point", "f-team", "f-signal", "f-since", "f-until", "Show"]


async def test_the_same_filter_as_csv(client: TestClient, services: FakeServices, tab: Tab):
    await tab.visit(address(client, "/signals?signal=long_wait&since=24h"))
    link = await tab.evaluate("document.querySelector('a[download]').href")
    answer = await client.get(link.removeprefix(str(client.make_url("/")).rstrip("/")))
    assert (await answer.text()).count("\n") == 151
    assert services.asked[-1].signal == "long_wait"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", [POINT, "/signals?signal=long_wait", f"/contacts/{CONTACT}"])
async def test_with_all_its_figures_it_fits_and_has_no_console_error(
    client: TestClient, services: FakeServices, tab: Tab, path: str, width: int, scheme: str
):
    services.rows = [signal_row(native_id=HOSTILE), signal_row(native_id=HOSTILE, contact_point=HOSTILE)]
    await tab.show_as(width, scheme)
    await tab.visit(address(client, path))
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width
    assert await tab.evaluate("document.querySelectorAll('main img').length") == 0
    assert tab.troubles == []


async def test_pictures_take_the_colours_of_the_page(client: TestClient, tab: Tab):
    """Their own attributes are for paper and mail."""
    found = []
    for scheme in ("light", "dark"):
        await tab.show_as(1280, scheme)
        await tab.visit(address(client, f"/contacts/{CONTACT}"))
        found.append(await tab.evaluate("getComputedStyle(document.querySelector('.timeline rect.f-soft')).fill"))
    assert found[0] == "rgb(84, 91, 100)"  # #545b64
    assert found[0] != found[1]


async def test_words_of_the_time_line_stay_inside_it(client: TestClient, tab: Tab):
    for width in (320, 390, 1280):
        await tab.show_as(width, "light")
        await tab.visit(address(client, f"/contacts/{CONTACT}"))
        outside = await tab.evaluate(
            """(() => { const room = document.querySelector('.timeline').getBoundingClientRect();
            return [...document.querySelectorAll('.timeline > svg text')].filter(each => {
              const box = each.getBoundingClientRect(); return box.left < room.left || box.right > room.right;
            }).map(each => each.textContent) })()"""
        )
        assert outside == []
