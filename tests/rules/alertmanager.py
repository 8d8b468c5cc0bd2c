"""A real Alertmanager on a loopback port that the system chose, with the example configuration."""

import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.ports import free_port
from tests.servers.requirement import require

CONFIG = Path(__file__).parents[2] / "config" / "alertmanager" / "alertmanager.yml"
READY_SECONDS = 30


class Alertmanager:
    """Takes alerts and tells which of them others inhibit."""

    def __init__(self, config: Path = CONFIG) -> None:
        self._top = Path(tempfile.mkdtemp(prefix="alertmanager-"))
        self._address = f"127.0.0.1:{free_port()}"
        self._command = [
            require("prometheus-alertmanager"),
            f"--config.file={config}",
            f"--storage.path={self._top}",
            f"--web.listen-address={self._address}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ]

    def __enter__(self) -> Self:
        with (self._top / "log").open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until = time.monotonic() + READY_SECONDS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Alertmanager did not start: {(self._top / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self._top, ignore_errors=True)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self._address}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def fire(self, *alerts: Mapping[str, str]) -> None:
        """These alerts begin, with these labels."""
        body = json.dumps([{"labels": dict(labels)} for labels in alerts]).encode()
        request = urllib.request.Request(f"http://{self._address}/api/v2/alerts", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=20).close()

    def inhibited(self) -> set[tuple[str, str]]:
        """(alert name, source) of those that stay unsaid because of others."""
        return {
            (alert["labels"]["alertname"], alert["labels"].get("source", ""))
            for alert in self._get("/api/v2/alerts")
            if alert["status"]["inhibitedBy"]
        }

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://{self._address}{path}", timeout=20) as answer:
            return json.load(answer)
