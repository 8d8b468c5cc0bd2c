"""A real Prometheus on a loopback port that the system chose: scraping a target, or asked about a history that was made up."""

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.ports import free_port
from tests.servers.requirement import require

READY_SECONDS = 60


class Prometheus:
    """Scrapes `http://TARGET/metrics` as job "monitor". `rules`: paths of rule files to load.

    `history`: OpenMetrics with timestamps, which promtool makes into blocks before the start; then nothing is scraped.
    `flags`: of the command line, besides.
    """

    def __init__(
        self,
        target: str = "",
        *,
        rules: tuple[Path, ...] = (),
        interval: str = "1s",
        history: str = "",
        flags: tuple[str, ...] = (),
    ) -> None:
        self._program = require("prometheus")
        self.top = Path(tempfile.mkdtemp(prefix="prometheus-"))
        self.address = f"127.0.0.1:{free_port()}"
        config = {
            "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
            "rule_files": [str(path) for path in rules],
            "scrape_configs": [{"job_name": "monitor", "static_configs": [{"targets": [target]}]}] if target else [],
        }
        (self.top / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        if history:
            self._remember(history)
        self._flags = flags
        self._process: subprocess.Popen[bytes] | None = None

    def _remember(self, history: str) -> None:
        told = self.top / "history"
        told.write_text(history, encoding="utf-8")
        command = [require("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(told), str(self.top / "data")]
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def _start(self) -> None:
        self._process = self._spawn()
        until = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(self._ready):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Prometheus did not start: {(self.top / 'log').read_text()[-2000:]}")
            await asyncio.sleep(0.1)

    async def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, 20)

    async def restart(self) -> None:
        """Stops it and starts it again, with what it had stored."""
        await self._stop()
        await self._start()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._stop()
        shutil.rmtree(self.top, ignore_errors=True)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        command = [
            self._program,
            f"--config.file={self.top / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.top / 'data'}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address={self.address}",
            "--log.level=warn",
            *self._flags,
        ]
        with (self.top / "log").open("wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    async def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """The instant vector of `expression` now: labels and value of each series."""
        return await asyncio.to_thread(self._query, expression, None)

    async def query_at(self, expression: str, moment: float) -> list[tuple[dict[str, str], float]]:
        """The instant vector as it was at `moment`, seconds since 1970."""
        return await asyncio.to_thread(self._query, expression, moment)

    async def alerts(self) -> list[dict[str, Any]]:
        """The alerts of its rules that are pending or firing now: `labels`, `annotations`, `state`."""
        return await asyncio.to_thread(self._alerts)

    async def scraped_since(self, moment: float) -> None:
        """Returns once the target was scraped successfully after `moment`, seconds since 1970."""
        until = time.monotonic() + READY_SECONDS
        while not any(value > moment for _, value in await self.query('timestamp(up{job="monitor"} == 1)')):
            if time.monotonic() > until:
                raise TimeoutError("Prometheus has not scraped its target")
            await asyncio.sleep(0.1)

    def _alerts(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"http://{self.address}/api/v1/alerts", timeout=20) as answer:
            return list(json.load(answer)["data"]["alerts"])

    def _query(self, expression: str, moment: float | None) -> list[tuple[dict[str, str], float]]:
        fields = {"query": expression} | ({"time": f"{moment:.3f}"} if moment is not None else {})
        url = f"http://{self.address}/api/v1/query?{urllib.parse.urlencode(fields)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                content: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from error
        return [(series["metric"], float(series["value"][1])) for series in content["data"]["result"]]
