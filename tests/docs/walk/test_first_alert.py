"""docs/first-alert.md followed with a real Prometheus: a visitor who waited too long fires the page's rule."""

from pathlib import Path

import pytest

from tests.docs.walk.markdown import Block, blocks_of
from tests.docs.walk.walker import PAGE_SECONDS, TOP, Walk, type_it
from tests.docs.walk.watcher import Watcher, wait_until
from tests.docs.walk.ways import saved_as
from tests.servers.requirement import require

PAGE, SENDER = "docs/first-alert.md", "docs/push-events.md"
#: The page asks every 15 s.
SHORTER = {"evaluation_interval: 15s": "evaluation_interval: 1s", "scrape_interval: 15s": "scrape_interval: 1s"}


class Prometheus(Watcher):
    """Does what the page says, and looks at what it promises."""

    def is_started(self, walk: Walk, block: Block) -> None:
        """The checks of the page, its last line, and then a visitor: his signal fires the rule."""
        checks, command = block.text.split("\nprometheus ")
        walk.type(checks)
        self.start(walk, *command.split())
        # The increase from 0 is what fires: the counter has to be seen before there is anything to count.
        wait_until(lambda: self.value('contactpoint_signals_total{signal="long_wait"}') == ["0"])
        [visitor] = [each for each in blocks_of(SENDER, (TOP / SENDER).read_text()) if "--data-binary" in each.text]
        type_it(walk, visitor)
        wait_until(lambda: self.fires(alertname="NegativeContact", contact_point="front-counter", signal="long_wait"))

    def answers(self, _: Walk, block: Block) -> None:
        """The expression of the page has a value for the one signal that there was: everybody who was assessed."""
        [share] = [value for value in self.value(block.text) if value != "0"]
        assert float(share) == 1.0


def with_a_daemon(walk: Walk) -> None:
    """\"The daemon that runs on this machine\": that of the page on pushed events, up to its first visitor."""
    for block in blocks_of(SENDER, (TOP / SENDER).read_text()):
        if "--data-binary" in block.text:
            return
        if block.language == "yaml":
            walk.configure(block.text)
        else:
            walk.type(block.text)


@pytest.mark.live
@pytest.mark.waits(9)
@pytest.mark.timeout(PAGE_SECONDS)
def test_the_page_leads_to_an_alert_that_fires(tmp_path: Path):
    for program in ("curl", "openssl", "promtool", "prometheus"):
        require(program)
    with Walk(tmp_path, replaced=SHORTER) as walk, Prometheus() as prometheus:
        with_a_daemon(walk)
        ways = {
            "scrape_configs:": saved_as("prometheus.yml"),
            "alert: ContactSourceBlind": saved_as("contact-points.yml"),
            "promtool check": prometheus.is_started,
            "contactpoint_assessed_total": prometheus.answers,
        }
        walk.follow(PAGE, ways)
