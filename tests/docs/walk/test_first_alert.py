"""docs/first-alert.md followed with a real Prometheus: a visitor who waited too long fires the page's rule."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.docs.walk.markdown import Block, blocks_of
from tests.docs.walk.walker import TOP, Walk, type_it
from tests.docs.walk.ways import saved_as
from tests.servers.ports import free_port
from tests.servers.requirement import require

PAGE, SENDER = "docs/first-alert.md", "docs/push-events.md"
#: The page asks every 15 s.
SHORTER = {"evaluation_interval: 15s": "evaluation_interval: 1s", "scrape_interval: 15s": "scrape_interval: 1s"}
FIRES_WITHIN = 60.0


class Watcher:
    """The Prometheus of the page's reader, in the directory of his files."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def starts(self, walk: Walk, block: Block) -> None:
        """The checks of the page, and its last line with a port and a directory of the test's own."""
        checks, command = block.text.split("\nprometheus ")
        require("promtool")
        walk.type(checks)
        options = [*command.split(), f"--web.listen-address=127.0.0.1:{self.port}", "--storage.tsdb.path=data"]
        with (walk.home / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(
                [require("prometheus"), *options], cwd=walk.directory(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        # The increase from 0 is what fires: the counter has to be seen before there is anything to count.
        within(FIRES_WITHIN, lambda: self.value('contactpoint_signals_total{signal="long_wait"}') == ["0"])
        for sender in (one for one in blocks_of(SENDER, (TOP / SENDER).read_text()) if "--data-binary" in one.text):
            type_it(walk, sender)
        within(FIRES_WITHIN, self._fires)

    def answers(self, _: Walk, block: Block) -> None:
        """The expression of the page has a value for the one signal that there was: everybody who was assessed."""
        [share] = [value for value in self.value(block.text) if value != "0"]
        assert float(share) == 1.0

    def value(self, expression: str) -> list[str]:
        """The values of an expression; none while nobody answers."""
        return [each["value"][1] for each in self._ask("query?" + urllib.parse.urlencode({"query": expression}))["result"]]

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def _fires(self) -> bool:
        labels = [each["labels"] for each in self._ask("alerts")["alerts"] if each["state"] == "firing"]
        mine = {"alertname": "NegativeContact", "contact_point": "front-counter", "signal": "long_wait"}
        return any(mine.items() <= each.items() for each in labels)

    def _ask(self, path: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)["data"]
                return found
        except OSError:
            return {"result": [], "alerts": []}


@contextmanager
def watcher() -> Iterator[Watcher]:
    """Ended whatever happens."""
    found = Watcher()
    try:
        yield found
    finally:
        found.close()


def within(seconds: float, true: Callable[[], bool]) -> None:
    """Returns as soon as it is true."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.2)


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
@pytest.mark.waits(15)
def test_the_page_leads_to_an_alert_that_fires(tmp_path: Path):
    for program in ("curl", "openssl", "promtool", "prometheus"):
        require(program)
    with Walk(tmp_path, replaced=SHORTER) as walk, watcher() as prometheus:
        with_a_daemon(walk)
        ways = {
            "scrape_configs:": saved_as("prometheus.yml"),
            "alert: ContactSourceBlind": saved_as("contact-points.yml"),
            "promtool check": prometheus.starts,
            "contactpoint_assessed_total": prometheus.answers,
        }
        walk.follow(PAGE, ways)
