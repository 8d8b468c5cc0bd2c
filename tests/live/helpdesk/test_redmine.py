"""The connector on a real Redmine."""

from typing import Any

import pytest

from monitor.connectors import redmine as connector_module
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.judged import by_contact, differences, read_whole
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE, NOW
from tests.servers.helpdesk import BOT
from tests.servers.redmine import REAL_SERVER, Redmine

pytestmark = [*REAL_SERVER, pytest.mark.waits(40), pytest.mark.parametrize("system", ["redmine"])]


def connector(server: Redmine, clock: FakeClock, state: FakeState, **keys: Any) -> HelpdeskConnector:
    settings = {
        "type": "redmine", "url": server.url, "key": server.key, "timeout": "60s", "backfill": "90d",
        "promise_fields": ["due_date", "Promised by"], "robots": [BOT], "requests_per_minute": 60_000,
        "escalation": {"queues": [ESCALATION_QUEUE]}, "complaints": [{"project": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
    }  # fmt: skip
    return connector_module.connect(
        connector_module.Settings.model_validate(settings | keys), make_context(clock=clock, state=state)
    )


@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_is_what_happened(played: Player, redmine: Redmine, story: str):
    state = FakeState()
    batches = await read_whole(connector(redmine, FakeClock(NOW), state), state)
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    assert batches[-1].untold is None or batches[-1].untold.why == ()
    different = differences(STORIES[story], "redmine", played.numbers, by_contact(batches))
    assert not different, "\n".join(different)
