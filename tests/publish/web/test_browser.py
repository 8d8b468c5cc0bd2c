"""The pages in a real browser: they are drawn, fit, can be read and walked through by keyboard, and run nothing foreign."""

import pytest
from aiohttp.test_utils import TestClient

from tests.publish.snapshots import point, snapshot, source, waits
from tests.publish.web.answers import CONTACT, evidence, other, signal_row
from tests.publish.web.chromium import Tab
from tests.publish.web.fakes import FakeServices

pytestmark = pytest.mark.xdist_group("chromium")  # one browser for all

BOARD = "/?refresh=off"
POINT = "/contact-points/support-line"
EVIDENCE = f"/contacts/{CONTACT}"
SOURCES = "/sources"

#: Contrast of every piece of text against what lies behind it (WCAG 2.2, section 1.4.3), worst first.
CONTRASTS = """
(() => {
  const rgb = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 && n[3] === 0 ? null : n.slice(0, 3) };
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  for (let node; node = walker.nextNode();) {
    if (!node.data.trim()) continue;
    const both = [rgb(getComputedStyle(node.parentElement).color), ground(node.parentElement)];
    const [a, b] = both.map(light).sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), node.data.trim()]);
  }
  return found.sort((x, y) => x[0] - y[0]);
})()
"""


@pytest.fixture
def services() -> FakeServices:
    """A contact centre with evidence; the longest name a source may give has no place to break."""
    rows = [signal_row(), signal_row(signal="abandoned", waited_seconds=None, limit_seconds=None, native_id="x" * 200)]
    others = [
        other(signals=["late_reply"], stands="waiting", waits=["reply", "promise"], relations=["unanswered", "kept_promise"]),
        other("1" * 16, channel="phone", contact_point="x" * 100, begun="2026-11-02T10:00:00Z", stands="not_reached"),
    ]
    return FakeServices(rows=rows, contacts={CONTACT: evidence(native_id="x" * 200, others=others)})


def address(client: TestClient, path: str = BOARD) -> str:
    return str(client.make_url(path))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 800, 1400])
@pytest.mark.parametrize("path", [BOARD, POINT, EVIDENCE, "/contact-points/info-mail", SOURCES, "/signals"])
async def test_it_fits_the_window_and_every_text_can_be_read(client: TestClient, tab: Tab, path: str, width: int, scheme: str):
    await tab.show_as(width, scheme)
    await tab.visit(address(client, path))
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width
    worst, text = (await tab.evaluate(CONTRASTS))[0]
    assert worst >= 4.5, text
    assert tab.troubles == []


async def test_dark_is_dark(client: TestClient, tab: Tab):
    grounds = []
    for scheme in ("light", "dark"):
        await tab.show_as(800, scheme)
        await tab.visit(address(client))
        grounds.append(await tab.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert grounds[0] != grounds[1]


async def test_the_keyboard_reaches_everything_in_order(client: TestClient, tab: Tab):
    await tab.visit(address(client))
    reached = []
    for _ in range(9):
        await tab.press_tab()
        reached.append(await tab.evaluate("document.activeElement.textContent"))
    assert reached == [
        "Skip to content",
        "Board",
        "Signals",
        "Weeks",
        "Sources",
        "refresh again",
        "What to do",
        "Support line",
        "Service desk",
    ]
    assert await tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            POINT,
            [
                "Skip to content",
                "Board",
                "Signals",
                "Weeks",
                "Sources",
                "pause",
                "Board",
                "5",
                "14",
                "3",
                "filter, more, and as CSV",
                "1762075670.15",
            ],
        ),
        (
            EVIDENCE,
            [
                "Skip to content",
                "Board",
                "Signals",
                "Weeks",
                "Sources",
                "pause",
                "Board",
                "Support line",
                "e-mail contact fedcba9876543210",
                "Info mailbox",
                "phone contact 1111111111111111",
                "All of these at Support line",
                "This contact as JSON",
            ],
        ),
    ],
)
async def test_the_keyboard_goes_from_the_figure_to_its_evidence(client: TestClient, tab: Tab, path: str, expected: list[str]):
    await tab.visit(address(client, path))
    reached = []
    for _ in expected:
        await tab.press_tab()
        reached.append(await tab.evaluate("document.activeElement.textContent"))
    assert reached == expected
    assert await tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


async def test_from_the_board_to_the_evidence_of_an_odd_name(client: TestClient, services: FakeServices, tab: Tab):
    name = "//ä b/c#d%20?<i>"
    services.current = snapshot(point(name, title="Odd"))
    for page, link in ((BOARD, "#rows a.name"), (None, "#signals ~ table a")):
        if page is not None:
            await tab.visit(address(client, page))
        target = await tab.evaluate(f"document.querySelector('{link}').href")
        await tab.visit(target)
    assert CONTACT in await tab.evaluate("document.querySelector('.meta').textContent")
    assert services.asked[-1].contact_points == {name}


async def test_nothing_is_run_and_hostile_names_stay_text(client: TestClient, services: FakeServices, tab: Tab):
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    services.current = snapshot(
        point(hostile, title=hostile, running={"queue": waits(1, 1, 99)}), sources=(source(hostile, hostile, False),)
    )
    await tab.visit(address(client))
    assert await tab.evaluate("document.querySelectorAll('script, img').length") == 0
    assert await tab.evaluate("document.querySelector('#cards a.name').textContent") == hostile
    assert tab.troubles == []
