"""A real Request Tracker 5 of Debian's packages, on SQLite, for tests."""

from collections.abc import Iterator

import pytest

from tests.servers.request_tracker.server import RequestTracker as RequestTracker

#: Marks what needs the server; side by side with other tests, one worker runs all of it on one server.
REAL_SERVER = [pytest.mark.live, pytest.mark.xdist_group("request_tracker")]


@pytest.fixture(scope="session")
def request_tracker() -> Iterator[RequestTracker]:
    """One server for all tests of a session, started when the first of them asks. Who needs it empty calls `wind_back`."""
    with RequestTracker() as server:
        yield server
