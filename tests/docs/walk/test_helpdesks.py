"""docs/connect-helpdesk.md and the page of each system followed with the real helpdesk: a ticket that nobody answered counts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.walk.markdown import Block
from tests.docs.walk.plan import Exempt, Way
from tests.docs.walk.walker import PAGE_SECONDS, TOP, Walk
from tests.docs.walk.ways import alike, lines_with
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.players.redmine import RedminePlayer
from tests.live.helpdesk.players.request_tracker import RequestTrackerPlayer
from tests.live.helpdesk.players.znuny import ZnunyPlayer
from tests.live.helpdesk.systems import EACH_SYSTEM
from tests.servers import request_tracker as rt
from tests.servers.helpdesk import Helpdesk
from tests.servers.redmine import Redmine
from tests.servers.request_tracker import RequestTracker
from tests.servers.znuny import Znuny

pytestmark = pytest.mark.timeout(PAGE_SECONDS)
#: Late by any calendar, and within the first read of 30 days.
ASKED_AT = datetime.now(UTC) - timedelta(days=20)
_SOURCE = "CONTACT_MONITOR__SOURCES__DESK__"


class Desk(NamedTuple):
    """How a reader has his own system: who plays its people, its secret, and what he writes in place of the page's names."""

    player: Callable[..., Player]
    secret: Callable[..., str]
    own: Mapping[str, str]


DESKS: Mapping[type[Helpdesk], Desk] = {
    RequestTracker: Desk(RequestTrackerPlayer, lambda server: server.token, {"queue: General": "queue: Support"}),
    Redmine: Desk(RedminePlayer, lambda server: server.key, {}),
    Znuny: Desk(
        ZnunyPlayer,
        lambda server: server.password(),
        {"Service Desk::First Level": "Support", "Europe/London": "UTC"},
    ),
}


def with_a_question(helpdesk: Helpdesk) -> Desk:
    """The helpdesk is empty but for one ticket, of which a customer's mail has been the last word for long."""
    desk = DESKS[type(helpdesk)]
    helpdesk.wind_back()
    helpdesk.clock.run_from(ASKED_AT)
    desk.player(helpdesk).opened("question", "zoe", "Where is it?")
    helpdesk.clock.run_from(datetime.now(UTC))
    return desk


def reader(tmp_path: Path, helpdesk: Helpdesk, desk: Desk) -> Walk:
    assert isinstance(helpdesk, (RequestTracker, Redmine, Znuny))
    own = {"CHANGE-ME": desk.secret(helpdesk), **desk.own}
    return Walk(tmp_path, replaced=own, environment={_SOURCE + "URL": helpdesk.url})


def shows_the_question(walk: Walk, block: Block) -> None:
    said = walk.type(block.text)
    assert len(lines_with(said, "service-desk", "late_reply")) == 1, said


class TestInFiveMinutes:
    pytestmark = rt.REAL_SERVER

    def test_the_page_leads_to_the_ticket_that_nobody_answered(self, tmp_path: Path, request_tracker: RequestTracker):
        desk = with_a_question(request_tracker)
        with reader(tmp_path, request_tracker, desk) as walk:
            walk.follow("docs/connect-helpdesk.md", {"contact-monitor signals": shows_the_question})


def is_what_the_tests_import(walk: Walk, block: Block) -> None:
    imported = (TOP / "tests" / "servers" / "znuny" / "monitor.yml").read_text()
    assert block.text == imported[imported.index("---") :]


WAYS: Mapping[str, Mapping[str, Way]] = {
    "request_tracker": {"desk: ok:": alike},
    "redmine": {"desk: ok:": alike},
    "znuny": {
        "desk: ok:": alike,
        "RouteOperationMapping": Exempt("imported by hand in its web pages, by the tests as it starts", is_what_the_tests_import),
    },
}


@pytest.mark.parametrize("system", EACH_SYSTEM)
def test_the_page_of_a_system_leads_to_a_source_that_is_well(tmp_path: Path, system: str, request: pytest.FixtureRequest):
    helpdesk = request.getfixturevalue(system)
    desk = with_a_question(helpdesk)
    with reader(tmp_path, helpdesk, desk) as walk:
        walk.follow(f"docs/connectors/{system}.md", WAYS[system])
