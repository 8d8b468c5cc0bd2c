"""A real Redmine 5 of Debian's packages, on SQLite, for tests."""

from collections.abc import Iterator

import pytest

from tests.servers.redmine.server import Redmine as Redmine

#: Marks what needs the server; side by side with other tests, one worker runs all of it on one server.
REAL_SERVER = [pytest.mark.live, pytest.mark.xdist_group("redmine")]


@pytest.fixture(scope="session")
def redmine() -> Iterator[Redmine]:
    """One server for all tests of a session, started when the first of them asks. Who needs it empty calls `wind_back`."""
    with Redmine() as server:
        yield server
