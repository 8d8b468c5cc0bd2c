"""The recordings of helpdesks: no secrets, nobody's data, and nothing asked that could change anything."""

import json
import re

import pytest

from tests.connectors.recorded_answers import HELPDESKS, RECORDINGS, recorded

NAMES = [(system, path.stem) for system in HELPDESKS for path in sorted((RECORDINGS / system).glob("*.json"))]


@pytest.mark.parametrize(("system", "name"), NAMES)
def test_only_reading_was_asked(system: str, name: str) -> None:
    answer = recorded(system, name)
    assert answer.method == "GET" or (system, answer.path) == ("znuny", "/Ticket/Search")


@pytest.mark.parametrize("system", HELPDESKS)
def test_no_secret_and_nobody_real_is_recorded(system: str) -> None:
    everything = "".join(path.read_text() for path in (RECORDINGS / system).glob("*.json"))
    domains = set(re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)*)", everything))
    assert domains <= {"customer.example", "desk.example", "localhost"}  # Znuny's own addresses
    assert not re.search(r"pass-of-|Password|token \d|127\.0\.0\.1", everything)
    keys = re.findall(r'"api_key": ("[^"]*")', everything)
    assert all(json.loads(key) == "not-recorded" for key in keys)


def test_a_recorded_answer_is_what_the_server_said() -> None:
    refused = recorded("request_tracker", "error_401")
    assert (refused.status, refused.json()) == (401, {"message": "Unauthorized"})
    nothing = recorded("redmine", "error_404")
    assert (nothing.status, nothing.body) == (404, b"")
    denied = recorded("znuny", "error_access_denied")
    assert (denied.status, denied.json()["Error"]["ErrorCode"]) == (200, "TicketGet.AccessDenied")
