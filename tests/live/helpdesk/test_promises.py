"""What agents promise on each real helpdesk is found, with its due moment. It is Wednesday, 18 November 2026, 12:00."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.domain.gist import Promised
from monitor.testing import FakeClock
from monitor.testing.context import FakeState
from tests.live.helpdesk import test_redmine, test_request_tracker, test_znuny
from tests.live.helpdesk.judged import by_contact, concluded, read_whole
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.story import NOW, System
from tests.live.helpdesk.systems import EACH_SYSTEM
from tests.servers.request_tracker import REAL_SERVER, RequestTracker

pytestmark = [pytest.mark.waits(40), pytest.mark.timeout(300)]
CONNECTORS: dict[System, Callable[..., HelpdeskConnector]] = {
    "request_tracker": test_request_tracker.connector, "redmine": test_redmine.connector, "znuny": test_znuny.connector,
}  # fmt: skip
THURSDAY_AT_11 = datetime(2026, 11, 19, 11, tzinfo=UTC)
REPLY = """Dear Carol,

I'll call you back tomorrow by 11.

Best regards
Alice

On Wed Nov 18 11:00:00 2026, carol wrote:
> Will you? I will write to you on Friday.
"""


def promises(told: dict[str, list[Any]]) -> dict[str, list[Promised]]:
    """By ticket, what the texts of its events promise."""
    return {number: [each for event in events if event.gist for each in event.gist.promises] for number, events in told.items()}


@pytest.mark.parametrize("system", EACH_SYSTEM)
async def test_a_call_that_an_agent_promises_is_due_and_not_kept_by_writing(player: Player, system: System):
    player.helpdesk.clock.stand_at(NOW)
    player.opened("a", "carol", "Where is it?")
    player.helpdesk.clock.advance(timedelta(minutes=1))
    player.answered("a", "alice", REPLY)
    player.helpdesk.clock.advance(timedelta(minutes=1))
    player.noted("a", "alice", "Promised him a refund by Friday.")
    number = player.numbers["a"]
    clock, state = FakeClock(NOW), FakeState()
    player.helpdesk.clock.advance(timedelta(minutes=1))
    await clock.advance(180)
    reader = CONNECTORS[system](player.helpdesk, clock, state)
    told = by_contact(await read_whole(reader, state))
    assert promises(told) == {number: [Promised("call", THURSDAY_AT_11, "we will: call")]}
    waits, signals = concluded(told[number], THURSDAY_AT_11 + timedelta(seconds=1))
    assert [(kind, until, state) for kind, _, until, state in waits if kind == "promise"] == [("promise", None, "breached")]
    assert (THURSDAY_AT_11, "slipped_promise") in signals
    player.answered("a", "alice", "Still on it.")
    player.helpdesk.clock.advance(timedelta(minutes=1))
    await clock.advance(60)
    again = by_contact(await read_whole(CONNECTORS[system](player.helpdesk, clock, state), state))
    assert promises(again) == promises(told)
    assert [event for event in again[number] if event in told[number]] == told[number]


@pytest.fixture
def server(request_tracker: RequestTracker) -> RequestTracker:
    request_tracker.wind_back()
    request_tracker.clock.stand_at(NOW)
    return request_tracker


class TestRequestTracker:
    pytestmark = REAL_SERVER

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ({"Content": f"<p>{REPLY.split(chr(10))[2]}</p>", "ContentType": "text/html"}, True),
            (
                {
                    "Content": "<p>Here.</p><div class='gmail_quote'>On Wed Nov 18 09:00:00 2026, bob wrote:<br />"
                    "<blockquote class='gmail_quote' type='cite'>I'll call you back tomorrow by 11.</blockquote></div>",
                    "ContentType": "text/html",
                },
                False,
            ),
            (
                {
                    "Content": "Größe? I'll call you back tomorrow by 11.", "ContentType": "text/plain",
                    "Attachments": [
                        {"FileName": "log.txt", "FileType": "text/plain", "FileContent": b64encode(b"I will write.").decode()}
                    ],
                },
                True,
            ),
        ],
        ids=["page", "quote in a page", "with a file"],
    )  # fmt: skip
    async def test_pages_and_files(self, server: RequestTracker, words: dict[str, Any], expected: bool):
        test_request_tracker.ask(server)
        server.client("alice").post("/ticket/1/correspond", words)
        clock, state = FakeClock(NOW), FakeState()
        await test_request_tracker.server_and_we_wait(server, clock, timedelta(seconds=60))
        told = by_contact(await read_whole(test_request_tracker.connector(server, clock, state), state))
        assert [event.kind for event in told["1"]][-1] == "replied"
        assert [(each.deed, each.due) for each in promises(told)["1"]] == ([("call", THURSDAY_AT_11)] if expected else [])
