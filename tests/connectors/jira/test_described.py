"""What is sent and answered is what Atlassian's description says: two stories, `check`, and an issue that is long."""

from typing import Any

import pytest
from openapi_core.exceptions import OpenAPIError

from monitor.testing import FakeClock
from tests.connectors.jira.described import DESCRIPTION, NOT_DESCRIBED, Described
from tests.connectors.jira.desk import NOW, desk_at
from tests.connectors.jira.shapes import ALICE
from tests.connectors.jira.simulator import Simulator
from tests.connectors.jira.test_stories import KEYS, STORIES, told
from tests.connectors.mishaps import Answer
from tests.connectors.simulated import in_process

pytestmark = [
    pytest.mark.skipif(not DESCRIPTION.is_file(), reason="no description of Jira beside the checkout (../shared/specs)"),
    pytest.mark.filterwarnings("ignore:Unsupported scheme type"),  # OAuth
]


@pytest.fixture(scope="module")
def described() -> Described:
    return Described()


@pytest.mark.parametrize("story", STORIES)
async def test_the_stories(described: Described, story: str):
    simulator, _, clock = await told(story)
    simulator.check = described
    with in_process(simulator) as url:
        desk = desk_at(url, simulator, clock, **KEYS)
        await desk.poll()
        await clock.advance(120)
        await desk.poll()
        await desk.findings()
    assert simulator.refused == 0
    assert described.seen > NOT_DESCRIBED


async def test_lists_of_one_issue_page_by_page_and_an_issue_that_is_gone(described: Described):
    clock = FakeClock(NOW)
    simulator = Simulator(clock, check=described)
    limits = simulator.limits
    limits.bulk, limits.rows, limits.comments, limits.per_page = False, 2, 0, 1
    for number in (1, 2):
        simulator.open(number)
        for priority in ("2", "1", "2"):
            simulator.set(number, ALICE, priority=priority)
            simulator.say(number, ALICE)
    await clock.advance(600)
    simulator.meanwhile = [("/search/jql", lambda: simulator.delete(1))]
    with in_process(simulator) as url:
        await desk_at(url, simulator, clock).poll()
    paths = {"/rest/api/3/issue/{issueIdOrKey}/changelog", "/rest/api/3/issue/{issueIdOrKey}/comment"}
    assert paths <= described.seen


GOOD = {"jql": "project in (1)", "fields": ["status"], "maxResults": 5}


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", "/rest/api/3/search/jql", GOOD | {"startAt": 5}),
        ("POST", "/rest/api/3/search/jql", GOOD | {"fields": "status"}),
        ("GET", "/rest/api/3/project/search?typeKey=service_desk&limit=5", None),
    ],
)
def test_a_request_that_is_not_as_described_is_refused(described: Described, method: str, target: str, body: Any):
    simulator = Simulator(FakeClock(NOW), check=described)
    with pytest.raises((OpenAPIError, AssertionError)):
        simulator.answer(method, target, simulator.headers(), b"" if body is None else repr(body).replace("'", '"').encode())


def test_an_answer_that_is_not_as_described_is_refused(described: Described):
    body = b'{"issues": [], "total": 0}'  # as the search before this one had
    with pytest.raises(OpenAPIError):
        described("POST", "/rest/api/3/search/jql", {}, b'{"jql": "project in (1)"}', Answer(200, {}, body))
