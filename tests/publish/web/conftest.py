"""The real application on a port of the system's choosing, and a browser to look at it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from monitor.publish.web.server import make_app
from tests.publish.web.chromium import Tab, chromium, new_tab
from tests.publish.web.fakes import FakeServices
from tests.servers.requirement import require


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
async def client(services: FakeServices) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(make_app(services))) as client:
        yield client


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    profile: Path = tmp_path_factory.mktemp("chromium")
    with chromium(require("chromium"), profile) as port:
        yield port


@pytest.fixture
async def tab(browser: int) -> AsyncIterator[Tab]:
    async with new_tab(browser) as tab:
        yield tab
