"""What the other tests rest on: a server's clock, its accounts, its ends and its saved states."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.live.helpdesk.player import Message, Player
from tests.live.helpdesk.systems import EACH_SYSTEM
from tests.servers.helpdesk import HttpClient
from tests.servers.redmine import REAL_SERVER as REAL_REDMINE
from tests.servers.redmine import Redmine
from tests.servers.request_tracker import REAL_SERVER as REAL_REQUEST_TRACKER
from tests.servers.request_tracker import RequestTracker
from tests.servers.znuny import REAL_SERVER as REAL_ZNUNY
from tests.servers.znuny import Znuny

pytestmark = pytest.mark.waits(10)
each_system = pytest.mark.parametrize("system", EACH_SYSTEM)

MOMENT = datetime(2026, 11, 4, 9, 30, 15, tzinfo=UTC)


@pytest.fixture
def standing(player: Player) -> Player:
    """Time stands, and one ticket has come."""
    player.helpdesk.clock.stand_at(MOMENT)
    player.opened("t", "carol", "Where is my order?")
    return player


@each_system
def test_what_happens_has_exactly_the_time_at_which_the_clock_stands(standing: Player) -> None:
    standing.helpdesk.clock.advance(timedelta(hours=2))
    standing.noted("t", "alice", "Between us.")
    standing.helpdesk.clock.advance(timedelta(days=40))
    standing.answered("t", "bob", "On its way.")
    assert standing.messages("t") == [
        Message(MOMENT, "carol", public=True),
        Message(MOMENT + timedelta(hours=2), "alice", public=False),
        Message(MOMENT + timedelta(days=40, hours=2), "bob", public=True),
    ]


@each_system
def test_a_clock_that_runs_goes_on_from_its_moment(standing: Player) -> None:
    standing.helpdesk.clock.run_from(MOMENT + timedelta(hours=1))
    standing.answered("t", "alice", "On its way.")
    [_, answer] = standing.messages("t")
    assert MOMENT + timedelta(hours=1) <= answer.at <= standing.helpdesk.clock.now() < MOMENT + timedelta(hours=2)


@each_system
def test_a_stopped_server_refuses_and_knows_everything_when_it_is_back(standing: Player) -> None:
    standing.helpdesk.stop()
    with pytest.raises(OSError, match="refused"):
        standing.messages("t")
    standing.helpdesk.start()
    assert len(standing.messages("t")) == 1


@each_system
def test_a_killed_server_keeps_what_it_has_answered(standing: Player) -> None:
    standing.answered("t", "alice", "On its way.")
    standing.helpdesk.kill()
    standing.helpdesk.start()
    assert len(standing.messages("t")) == 2


@each_system
def test_a_saved_state_comes_back(standing: Player) -> None:
    standing.helpdesk.stop()
    standing.helpdesk.save("one message")
    standing.helpdesk.start()
    standing.answered("t", "alice", "On its way.")
    assert len(standing.messages("t")) == 2
    standing.helpdesk.wind_back("one message")
    assert len(standing.messages("t")) == 1
    standing.asked("t", "carol", "Hello?")
    assert len(standing.messages("t")) == 2


@pytest.mark.parametrize("system", [pytest.param("request_tracker", marks=REAL_REQUEST_TRACKER)])
def test_the_reader_of_request_tracker_may_change_nothing(standing: Player, request_tracker: RequestTracker) -> None:
    reader, ticket = request_tracker.client("monitor"), f"/ticket/{standing.numbers['t']}"
    assert b"Denied" in reader.ask("PUT", ticket, {"Status": "resolved"}).body  # with status 200
    for how in ("comment", "correspond"):
        assert reader.ask("POST", f"{ticket}/{how}", {"Content": "x", "ContentType": "text/plain"}).status >= 400
    assert reader.get(ticket)["Status"] == "new"
    assert len(standing.messages("t")) == 1
    stranger = HttpClient(request_tracker.url, {"Authorization": "token 1-1-0"})
    assert stranger.ask("GET", f"/REST/2.0{ticket}").status == 401


@pytest.mark.parametrize("system", [pytest.param("redmine", marks=REAL_REDMINE)])
def test_the_reader_of_redmine_may_change_nothing(standing: Player, redmine: Redmine) -> None:
    reader, issue = redmine.client("monitor"), f"/issues/{standing.numbers['t']}.json"
    assert reader.ask("PUT", issue, {"issue": {"notes": "x", "status_id": 5}}).status == 403
    assert reader.ask("POST", "/issues.json", {"issue": {"project_id": "support", "subject": "x"}}).status == 422
    assert reader.ask("DELETE", issue).status == 403
    assert reader.get(issue)["issue"]["status"]["name"] == "New"
    assert reader.get("/issues.json?status_id=*")["total_count"] == 1
    assert len(standing.messages("t")) == 1
    assert HttpClient(redmine.url, {"X-Redmine-API-Key": "0" * 40}).ask("GET", issue).status == 401


@pytest.mark.parametrize("system", [pytest.param("znuny", marks=REAL_ZNUNY)])
def test_the_reader_of_znuny_may_change_nothing(standing: Player, znuny: Znuny) -> None:
    ticket = znuny.service().call("POST", "/Ticket/Search", {})["TicketID"][0]
    reader = {"UserLogin": "monitor", "Password": znuny.password()}
    change = reader | {"Ticket": {"State": "closed successful"}}
    assert HttpClient(znuny.url, {}).ask("PATCH", f"/Ticket/{ticket}", change).status >= 400  # its service has no such thing
    other = HttpClient(znuny.url.replace("monitor", "desk"), {}).ask("PATCH", f"/Ticket/{ticket}", change)
    assert other.json()["Error"]["ErrorCode"] == "TicketUpdate.AccessDenied"
    assert znuny.service().call("GET", f"/Ticket/{ticket}")["Ticket"][0]["State"] == "new"
    assert len(standing.messages("t")) == 1
    stranger = HttpClient(znuny.url, {}).ask("POST", "/Ticket/Search", reader | {"Password": "wrong"})
    assert stranger.json()["Error"]["ErrorCode"] == "TicketSearch.AuthFail"
