"""A real Alertmanager on a loopback port that the system chose, with whatever configuration a test gives it."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.ports import free_port
from tests.servers.requirement import require

READY_SECONDS = 60


class Alertmanager:
    """Runs alone (no cluster), in London. `config` is its configuration file as values."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._program = require("prometheus-alertmanager")  # Debian's name for it
        self.top = Path(tempfile.mkdtemp(prefix="alertmanager-"))
        self.address = f"127.0.0.1:{free_port()}"
        (self.top / "alertmanager.yml").write_text(json.dumps(config))  # JSON is YAML
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        self._process = self._spawn()
        until = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(self._ready):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Alertmanager did not start: {(self.top / 'log').read_text()[-2000:]}")
            await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, 20)
        shutil.rmtree(self.top, ignore_errors=True)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        command = [
            self._program,
            f"--config.file={self.top / 'alertmanager.yml'}",
            f"--storage.path={self.top / 'data'}",
            f"--web.listen-address={self.address}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ]
        with (self.top / "log").open("wb") as log:
            environment = os.environ | {"TZ": "Europe/London"}
            return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    async def post(self, alerts: Iterable[Mapping[str, Any]]) -> None:
        """Alerts as Prometheus would send them: each with `labels`, and `startsAt` and `endsAt` if wanted."""
        await asyncio.to_thread(self._ask, "/api/v2/alerts", json.dumps(list(alerts)).encode())

    async def alerts(self) -> list[dict[str, Any]]:
        """What it holds now, the inhibited ones too: labels, and `status` with `state` and `inhibitedBy`."""
        return list(json.loads(await asyncio.to_thread(self._ask, "/api/v2/alerts")))

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"http://{self.address}{path}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bytes(answer.read())
