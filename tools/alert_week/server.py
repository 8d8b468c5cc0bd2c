"""A real Prometheus over the samples of a simulated week: blocks made by promtool, expressions evaluated by query_range.

Recording rules are recorded first, one layer after the other, each by `promtool tsdb create-blocks-from rules`: so every one
is computed once and read as in a running Prometheus. Samples and evaluations are `STEP` seconds apart.
"""

import http.client
import json
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

STEP: Final = 60
#: A series that was not scraped for longer is gone; staleness marks cannot be written as text.
_LOOKBACK: Final = f"{STEP}s"
_READY_SECONDS: Final = 60
_PREFIX: Final = ("contactpoint:", "source:")

#: Labels of a series -> its value at each moment at which it is there.
Matrix = dict[frozenset[tuple[str, str]], dict[int, float]]


class Database:
    """The blocks of one week in a folder."""

    def __init__(self, folder: Path, start: float, end: float) -> None:
        self.folder, self.start, self.end = folder, start, end
        self._data = folder / "data"
        self._data.mkdir(parents=True, exist_ok=True)

    def load(self, samples: Path) -> None:
        """Makes blocks of OpenMetrics text."""
        self._promtool("create-blocks-from", "openmetrics", "--quiet", str(samples), str(self._data))

    @contextmanager
    def only_meanwhile(self) -> Iterator[None]:
        """Whatever is loaded meanwhile is taken out again at the end.

        From a copy: a Prometheus that is served meanwhile may have merged what was loaded with what was there.
        """
        before = self._data.with_name("before")
        shutil.copytree(self._data, before)
        yield
        shutil.rmtree(self._data)
        before.rename(self._data)

    def record(self, groups: Sequence[dict[str, Any]]) -> None:
        """Records the recording rules of these groups: each layer rests on those before."""
        for number, layer in enumerate(layers([rule for group in groups for rule in group["rules"] if "record" in rule])):
            name = f"layer{number}.yml"
            rules = {"groups": [{"name": "layer", "interval": _LOOKBACK, "rules": layer}]}
            (self.folder / name).write_text(yaml.safe_dump(rules), encoding="utf-8")
            span = (f"--start={self.start:.0f}", f"--end={self.end:.0f}", f"--output-dir={self._data}")
            with self.serve() as server:
                self._promtool("create-blocks-from", "rules", "--quiet", f"--url=http://{server.address}", *span, name)

    @contextmanager
    def serve(self) -> Iterator["Server"]:
        """A Prometheus over the blocks, stopped at the end."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        (self.folder / "prometheus.yml").write_text("{}", encoding="utf-8")
        command = [
            "prometheus",
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._data}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address={address}",
            f"--query.lookback-delta={_LOOKBACK}",
            "--query.timeout=10m",
            "--query.max-samples=500000000",
            "--log.level=warn",
        ]
        with (self.folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                self._wait(process, address)
                yield Server(address, self.start, self.end)
            finally:
                process.terminate()

    def _wait(self, process: "subprocess.Popen[bytes]", address: str) -> None:
        until = time.monotonic() + _READY_SECONDS
        while not _ready(address):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Prometheus did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def _promtool(self, *arguments: str) -> None:
        command = ["promtool", "tsdb", arguments[0], "--max-block-duration=168h", *arguments[1:]]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False)
        if done.returncode or "error" in done.stderr:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout[-1000:]}{done.stderr[-2000:]}")


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


class Server:
    """A running Prometheus."""

    def __init__(self, address: str, start: float, end: float) -> None:
        self.address = address
        self._span = {"start": f"{start:.0f}", "end": f"{end:.0f}", "step": str(STEP)}

    def over_time(self, expression: str) -> Matrix:
        """Where the expression has values in the whole span. Raises ValueError with Prometheus' own words."""
        fields = urllib.parse.urlencode({"query": expression, **self._span}).encode()
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/query_range", fields, timeout=900) as answer:
                content: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(f"{expression}: {error.read().decode()}") from error
        return {
            frozenset(each["metric"].items()): {int(moment): float(value) for moment, value in each["values"]}
            for each in content["data"]["result"]
        }


def layers(rules: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Recording rules such that each rests only on those of earlier layers."""
    left, known = list(rules), {rule["record"] for rule in rules}
    while left:
        ready = [rule for rule in left if not any(_uses(rule["expr"], name) for name in known)]
        if not ready:
            raise ValueError("recording rules that rest on each other")
        yield ready
        known -= {rule["record"] for rule in ready}
        left = [rule for rule in left if rule not in ready]


def _uses(expression: str, name: str) -> bool:
    assert name.startswith(_PREFIX)
    place = expression.find(name)
    while place >= 0:
        after = expression[place + len(name) : place + len(name) + 1]
        if not (after.isalnum() or after in ("_", ":")) or not after:
            return True
        place = expression.find(name, place + 1)
    return False
