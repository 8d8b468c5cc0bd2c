"""The connector on a real Request Tracker."""

from typing import Any

import pytest

from monitor.connectors import request_tracker as connector_module
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.judged import by_contact, differences, read_whole
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE, NOW
from tests.servers.helpdesk import BOT
from tests.servers.request_tracker import REAL_SERVER, RequestTracker

pytestmark = [*REAL_SERVER, pytest.mark.waits(40)]


def connector(server: RequestTracker, clock: FakeClock, state: FakeState, **keys: Any) -> HelpdeskConnector:
    settings = {
        "type": "request_tracker", "url": server.url, "token": server.token, "timeout": "60s", "backfill": "90d",
        "promise_fields": ["Due", "Promised by"], "robots": [BOT], "requests_per_minute": 60_000,
        "escalation": {"queues": [ESCALATION_QUEUE]}, "complaints": [{"queue": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
    }  # fmt: skip
    return connector_module.connect(
        connector_module.Settings.model_validate(settings | keys), make_context(clock=clock, state=state)
    )


@pytest.mark.parametrize("system", ["request_tracker"])
@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_is_what_happened(played: Player, request_tracker: RequestTracker, story: str):
    state = FakeState()
    batches = await read_whole(connector(request_tracker, FakeClock(NOW), state), state)
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    assert batches[-1].untold is None or batches[-1].untold.why == ()
    different = differences(STORIES[story], "request_tracker", played.numbers, by_contact(batches))
    assert not different, "\n".join(different)
