"""The connector on a real Znuny."""

from typing import Any

import pytest

from monitor.connectors import znuny as connector_module
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.judged import by_contact, differences, read_whole
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE, NOW
from tests.servers.helpdesk import AGENTS, BOT, DOMAIN, READER
from tests.servers.znuny import REAL_SERVER, Znuny

pytestmark = [*REAL_SERVER, pytest.mark.waits(40)]


def keys(server: Znuny) -> dict[str, Any]:
    """Of a source that reads it, as the stories have it."""
    return {
        "type": "znuny", "url": server.url, "username": READER, "password": server.password(), "timeout": "60s",
        "backfill": "120d", "promise_fields": ["DueBy", "PromisedBy"], "robots": [f"{BOT}@{DOMAIN}"],
        "staff": [f"{each}@{DOMAIN}" for each in AGENTS], "escalation": {"queues": [ESCALATION_QUEUE]},
        "complaints": [{"queue": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}], "requests_per_minute": 60_000,
    }  # fmt: skip


def connector(server: Znuny, clock: FakeClock, state: FakeState, **more: Any) -> HelpdeskConnector:
    settings = connector_module.Settings.model_validate(keys(server) | more)
    return connector_module.connect(settings, make_context(clock=clock, state=state))


@pytest.mark.timeout(900)  # a whole story on a busy machine
@pytest.mark.parametrize("system", ["znuny"])
@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_is_what_happened(played: Player, znuny: Znuny, story: str):
    state = FakeState()
    batches = await read_whole(connector(znuny, FakeClock(NOW), state), state)
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    assert batches[-1].untold is None or batches[-1].untold.why == ()
    different = differences(STORIES[story], "znuny", played.numbers, by_contact(batches))
    assert not different, "\n".join(different)
