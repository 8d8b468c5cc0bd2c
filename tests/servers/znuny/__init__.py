"""A real Znuny 6.5 of Debian's package, on PostgreSQL, for tests."""

from collections.abc import Iterator

import pytest

from tests.servers.postgresql import Postgresql
from tests.servers.znuny.server import Znuny as Znuny
from tests.servers.znuny.server import ZnunyService as ZnunyService

#: Marks what needs the server; side by side with other tests, one worker runs all of it on one server.
REAL_SERVER = [pytest.mark.live, pytest.mark.xdist_group("znuny")]


@pytest.fixture(scope="session")
def znuny(postgresql: Postgresql) -> Iterator[Znuny]:
    """One server for all tests of a session, started when the first of them asks. Who needs it empty calls `wind_back`."""
    with Znuny(postgresql) as server:
        yield server
