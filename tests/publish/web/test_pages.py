"""What holds for every page, in a real browser: accessible, nothing asked of outside, nothing run that is not ours, no errors."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestClient, TestServer

from monitor.publish.web.server import make_app
from tests.publish.web.chromium import Tab
from tests.publish.web.page_table import HOSTILE, PAGES, PLAIN, ShownPage
from tests.servers.requirement import cache_directory, wanting

pytestmark = pytest.mark.xdist_group("chromium")  # one browser for all

#: The rules of axe-core that are run: WCAG 2.0 to 2.2, A and AA, and what is good practice beside them.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: What could run, load or send something, and does not depend on how pages look.
ACTIVE = "document.querySelectorAll('script, img, iframe, object, embed, base, form, meta, link, style').length"
TEXT = "document.documentElement.textContent"
HANDLERS = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(name => name.startsWith('on'))"

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core."""
    file = cache_directory() / "axe" / "axe.min.js"
    return file.read_text() if file.exists() else wanting("axe-core (run tests/servers/axe/fetch.sh)")


@asynccontextmanager
async def shown(page: ShownPage, name: str, tab: Tab) -> AsyncIterator[TestClient]:
    """The page in the tab, where everything is called `name`."""
    async with TestClient(TestServer(make_app(page.services(name)))) as client:
        async with client.get(page.path(name), headers={"Accept": "text/html"}) as answer:
            assert answer.status == page.status
        await tab.visit(str(client.make_url(page.path(name))))
        yield client
        await tab.visit("about:blank")  # asks for nothing more where nobody answers any more


def unexpected(tab: Tab, page: ShownPage) -> list[str]:
    """What the console shows in red; that a page was refused is no news where it should be."""
    return [trouble for trouble in tab.troubles if page.status == 200 or f"status of {page.status}" not in trouble]


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_axe_finds_nothing(page: ShownPage, width: int, scheme: str, axe: str, tab: Tab):
    await tab.show_as(width, scheme)
    async with shown(page, PLAIN, tab):
        await tab.evaluate(f"{axe}; 0")
        run = f"axe.run(document, {{runOnly: {json.dumps(RULES)}, resultTypes: ['violations']}})"
        found = await tab.evaluate(
            f"{run}.then(all => ({{ran: all.passes.length, violations: all.violations.map(v => "
            "[v.id, v.help, v.nodes.slice(0, 5).map(n => n.html.slice(0, 200) + ' ' + n.failureSummary)])}))"
        )
    assert found["violations"] == []
    assert found["ran"] > 10


@every_page
async def test_it_asks_nobody_but_the_daemon_and_complains_of_nothing(page: ShownPage, tab: Tab):
    async with shown(page, PLAIN, tab) as client:
        origin = str(client.make_url("/"))
        assert len(tab.asked) > 1  # a sheet, too
        assert [asked for asked in tab.asked if not asked.startswith(origin)] == []
    assert unexpected(tab, page) == []


@every_page
@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_text(page: ShownPage, name: str, tab: Tab):
    async with shown(page, PLAIN, tab):
        active, named = await tab.evaluate(ACTIVE), PLAIN in await tab.evaluate(TEXT)
    async with shown(page, name, tab):
        assert await tab.evaluate(ACTIVE) == active
        assert await tab.evaluate(HANDLERS) == []
        assert (name in await tab.evaluate(TEXT)) is named
    assert unexpected(tab, page) == []
