"""What the other tests rest on: the server's clock, its accounts, its ends and its saved states."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.live.helpdesk.mail import customer_mail
from tests.servers.helpdesk import HttpClient
from tests.servers.request_tracker import REAL_SERVER, RequestTracker

pytestmark = [*REAL_SERVER, pytest.mark.waits(8)]

MOMENT = datetime(2026, 11, 4, 9, 30, 15, tzinfo=UTC)


@pytest.fixture
def server(request_tracker: RequestTracker) -> RequestTracker:
    request_tracker.wind_back()
    request_tracker.clock.stand_at(MOMENT)
    return request_tracker


def tickets(client: HttpClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/tickets?query={quote('id > 0')}&fields=Created,Subject,Status")["items"]
    return found


def ask(server: RequestTracker) -> None:
    server.deliver(customer_mail("carol", "support", "Where is my order?", server.clock.now()), "Support")


def test_what_happens_has_exactly_the_time_at_which_the_clock_stands(server: RequestTracker) -> None:
    ask(server)
    server.clock.advance(timedelta(hours=2))
    server.client("alice").post("/ticket/1/correspond", {"Content": "On its way.", "ContentType": "text/plain"})
    rows = server.client("monitor").get("/ticket/1/history?fields=Type,Created,Creator")["items"]
    words = [(row["Type"], row["Created"], row["Creator"]["id"]) for row in rows if row["Type"] in ("Create", "Correspond")]
    assert words == [
        ("Create", "2026-11-04T09:30:15Z", "carol@customer.example"),
        ("Correspond", "2026-11-04T11:30:15Z", "alice"),
    ]


def test_the_reader_sees_notes_and_may_change_nothing(server: RequestTracker) -> None:
    ask(server)
    server.client("alice").post("/ticket/1/comment", {"Content": "Between us.", "ContentType": "text/plain"})
    reader = server.client("monitor")
    assert "Comment" in {row["Type"] for row in reader.get("/ticket/1/history?fields=Type")["items"]}
    assert "denied" in reader.ask("PUT", "/ticket/1", {"Status": "resolved"}).body.decode().lower()
    assert reader.ask("POST", "/ticket/1/comment", {"Content": "x", "ContentType": "text/plain"}).status >= 400
    assert [ticket["Status"] for ticket in tickets(reader)] == ["new"]


def test_without_a_token_nothing_is_answered(server: RequestTracker) -> None:
    assert HttpClient(server.url, {"Authorization": "token 1-1-0"}).ask("GET", "/REST/2.0/tickets?query=id>0").status == 401


def test_a_stopped_server_refuses_and_knows_everything_when_it_is_back(server: RequestTracker) -> None:
    ask(server)
    server.stop()
    with pytest.raises(OSError, match="refused"):
        server.client().ask("GET", "/rt")
    server.start()
    assert [ticket["Subject"] for ticket in tickets(server.client())] == ["Where is my order?"]


def test_a_killed_server_keeps_what_it_has_answered(server: RequestTracker) -> None:
    ask(server)
    server.kill()
    server.start()
    assert len(tickets(server.client())) == 1


def test_a_saved_state_comes_back(server: RequestTracker) -> None:
    ask(server)
    server.stop()
    server.save("one ticket")
    server.start()
    ask(server)
    assert len(tickets(server.client())) == 2
    server.wind_back("one ticket")
    assert len(tickets(server.client())) == 1
    server.wind_back()
    assert tickets(server.client()) == []
