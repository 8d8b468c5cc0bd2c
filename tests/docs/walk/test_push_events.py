"""docs/push-events.md followed: from its configuration and its token to a counted visitor, settled contacts and a file."""

import json
from pathlib import Path

import pytest

from monitor.engine.evaluation import contact_id
from tests.docs.walk.markdown import Block
from tests.docs.walk.walker import PAGE_SECONDS, TOP, Walk, is_printed, type_it
from tests.docs.walk.ways import after, lines_with, variant
from tests.servers.requirement import require

PAGE = "docs/push-events.md"
#: A mail that waits for a reply, as what the page settles; and another contact, whose id is settled over HTTP.
ASKED = {"contact_point": "shop", "channel": "email", "kind": "received", "at": "2026-11-02T11:00:00Z"}
OTHER = contact_id("desk", "other", "")


def events_of(page: str) -> list[dict[str, str]]:
    """The visitor of the page, line by line."""
    return [json.loads(line) for line in page.splitlines() if line.startswith('{"id"')]


class Python:
    """The sender of the page, and what it is used for afterwards."""

    def __init__(self) -> None:
        self._names: dict[str, object] = {}

    def defined(self, walk: Walk, block: Block) -> None:
        exec(block.text, self._names)
        told = self.push(walk, *events_of((TOP / PAGE).read_text()))
        assert told == {"accepted": 3, "repeated": 3, "rejected": 0, "errors": []}

    def push(self, walk: Walk, *events: dict[str, str]) -> object:
        push = self._names["push"]
        assert callable(push)
        token = (walk.directory() / "desk-token").read_text().strip()
        return push(f"http://{walk.address}", token, list(events))

    def asked(self, walk: Walk) -> None:
        """Two questions have come, one of them as a mail that the page names."""
        self.push(walk, {"contact": "question@example.net", **ASKED}, {"contact": "other", **ASKED})

    def settles(self, walk: Walk, block: Block) -> None:
        """The line with which somebody who knows settles a mail; twice, and it is known."""
        self.asked(walk)
        for known in (0, 1):
            told = self.push(walk, json.loads(block.text))
            assert told == {"accepted": 1, "repeated": known, "rejected": 0, "errors": []}
        self.push(walk, {"contact": "question@example.net", **ASKED, "at": "2026-11-02T12:00:00Z"})

    def notes(self, walk: Walk, block: Block) -> None:
        """A note of a call; the page has no calendar, so that Friday lasts to its last second."""
        for known in (0, 1):
            told = self.push(walk, json.loads(block.text))
            assert told == {"accepted": 1, "repeated": known, "rejected": 0, "errors": []}
        assert "promises to call by 2026-11-06T23:59:59Z" in walk.type("contact-monitor explain c7 --config contact-monitor.yaml")

    def is_taken(self, walk: Walk, block: Block) -> None:
        """It is no event, so that none is counted."""
        assert self.push(walk, json.loads(block.text)) == {"accepted": 0, "repeated": 0, "rejected": 0, "errors": []}


def settled(walk: Walk, block: Block) -> None:
    said = walk.type(block.text)
    assert '"settled": ["reply"]' in said, said
    assert '"by": "Ann"' in said, said


def counted_and_listed(walk: Walk, block: Block) -> None:
    """The visitor's wait of 45 s is a long wait, once, in the list and in the metrics."""
    said = walk.type(block.text)
    assert len(lines_with(said, "front-counter", "long_wait")) == 1, said
    metrics = walk.type("curl -s http://127.0.0.1:9760/metrics")
    counter = 'contactpoint_signals_total{channel="counter",contact_point="front-counter",signal="long_wait"} 1.0'
    assert counter in metrics.splitlines()


def with_a_file_of_visits(walk: Walk) -> None:
    """The visitor of the page, an hour later and under another name, in a file."""
    events = [event | {"contact": "v2", "id": f"v2-{number}"} for number, event in enumerate(events_of((TOP / PAGE).read_text()))]
    (walk.directory() / "visits.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))


@pytest.mark.timeout(PAGE_SECONDS)
def test_the_page_leads_to_a_visitor_who_is_counted_once(tmp_path: Path):
    require("curl")
    require("openssl")
    python = Python()
    ways = {
        '{"accepted": 3': is_printed,
        "contact-monitor signals": counted_and_listed,
        "def push": python.defined,
        '{"contact": "c7"': python.notes,
        '{"contact": "<question': python.settles,
        "contact-monitor settle": settled,
        '{"kind": "seen_until"': python.is_taken,
        "expect_every": variant(),
        "contact-monitor import": after(with_a_file_of_visits, type_it),
    }
    with Walk(tmp_path, replaced={"0123456789abcdef": OTHER}) as walk:
        walk.follow(PAGE, ways)
        said = walk.type(
            "contact-monitor signals --since 2026-11-02T00:00:00Z --contact-point front-counter --config contact-monitor.yaml"
        )
        assert len(lines_with(said, "long_wait")) == 2, said
