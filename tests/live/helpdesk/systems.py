"""Every real helpdesk as a parameter of a test, with the marks that its server needs."""

import pytest

from tests.servers import redmine, request_tracker, znuny

EACH_SYSTEM = [
    pytest.param("request_tracker", marks=request_tracker.REAL_SERVER),
    pytest.param("redmine", marks=redmine.REAL_SERVER),
    pytest.param("znuny", marks=znuny.REAL_SERVER),
]
