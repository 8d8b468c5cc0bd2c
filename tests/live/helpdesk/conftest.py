"""Players on real helpdesks: on an empty one, or where a story has been played."""

from collections.abc import Mapping, Sequence

import pytest

from tests.live.helpdesk import first_story, second_story
from tests.live.helpdesk.player import Player, play
from tests.live.helpdesk.players.redmine import RedminePlayer
from tests.live.helpdesk.players.request_tracker import RequestTrackerPlayer
from tests.live.helpdesk.players.znuny import ZnunyPlayer
from tests.live.helpdesk.story import System, Ticket

STORIES: Mapping[str, Sequence[Ticket]] = {"first": first_story.TICKETS, "second": second_story.TICKETS}
PLAYERS = {"request_tracker": RequestTrackerPlayer, "redmine": RedminePlayer, "znuny": ZnunyPlayer}
_played: dict[tuple[str, str], Player] = {}


@pytest.fixture
def player(request: pytest.FixtureRequest, system: System) -> Player:
    """On an empty helpdesk of the test's `system`."""
    helpdesk = request.getfixturevalue(system)
    helpdesk.wind_back()
    return PLAYERS[system](helpdesk)


@pytest.fixture
def played(request: pytest.FixtureRequest, system: System, story: str) -> Player:
    """On a helpdesk of the test's `system` where the test's `story` has been played: it is NOW, and time stands."""
    helpdesk = request.getfixturevalue(system)
    if (system, story) not in _played:
        helpdesk.wind_back()
        player = PLAYERS[system](helpdesk)
        play(player, STORIES[story])
        helpdesk.stop()
        helpdesk.save(story)
        helpdesk.start()
        _played[system, story] = player
    else:
        helpdesk.wind_back(story)
    return _played[system, story]
