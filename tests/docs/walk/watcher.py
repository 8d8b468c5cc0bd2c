"""The Prometheus of a reader, in the directory of his files."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.docs.walk.walker import Walk
from tests.servers.ports import free_port
from tests.servers.requirement import require

_WITHIN_SECONDS = 60.0


class Watcher:
    """One Prometheus on a port of its own; ended when it is left."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def start(self, walk: Walk, *options: str) -> None:
        """With the options of the page, where its reader stands."""
        own = (f"--web.listen-address=127.0.0.1:{self.port}", "--storage.tsdb.path=data")
        with (walk.home / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(
                [require("prometheus"), *options, *own], cwd=walk.directory(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def value(self, expression: str) -> list[str]:
        """The values of an expression; none while nobody answers."""
        return [each["value"][1] for each in self._ask("query?" + urllib.parse.urlencode({"query": expression}))["result"]]

    def fires(self, **labels: str) -> bool:
        """Whether an alert with these labels fires."""
        firing = [each["labels"] for each in self._ask("alerts")["alerts"] if each["state"] == "firing"]
        return any(labels.items() <= each.items() for each in firing)

    def _ask(self, path: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)["data"]
                return found
        except OSError:
            return {"result": [], "alerts": []}


def wait_until(true: Callable[[], bool]) -> None:
    """Returns as soon as it is true. Raises AssertionError after a minute."""
    until = time.monotonic() + _WITHIN_SECONDS
    while not true():
        assert time.monotonic() < until
        time.sleep(0.2)
