"""The real application on a port of the system's choosing."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from monitor.publish.web.server import make_app
from tests.publish.web.fakes import FakeServices


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
async def client(services: FakeServices) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(make_app(services))) as client:
        yield client
