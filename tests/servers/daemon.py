"""The project's own daemon as a process of its own: started, killed and restarted by tests, read over HTTP."""

import asyncio
import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.ports import free_port

READY_SECONDS = 60


class Daemon:
    """`python -m monitor run` with this configuration. `listen` and `store` are added to it; the store lies in `top`.

    With `web.tls_cert` it is read by https, whoever signed the certificate.
    """

    def __init__(self, top: Path, config: dict[str, Any]) -> None:
        self.top = top
        self.address = f"127.0.0.1:{free_port()}"
        self.config = top / "contact-monitor.yaml"
        self.config.write_text(json.dumps({"listen": self.address, "store": f"sqlite:{top / 'contacts.db'}"} | config))
        self.log = top / "daemon.log"
        self._scheme = "https" if "tls_cert" in config.get("web", {}) else "http"
        # With users only that it is alive is told without a login.
        self._up = "/-/healthy" if config.get("web", {}).get("users") else "/-/ready"
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, 20)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)

    async def start(self) -> None:
        """Starts it and returns when it is ready, with users when it is alive.

        Raises RuntimeError with the log when it does not come up.
        """
        self._process = self._spawn()
        until = time.monotonic() + READY_SECONDS
        while await self.get(self._up) is None:
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the daemon did not come up: {self.log.read_text()[-4000:]}")
            await asyncio.sleep(0.05)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "monitor", "run", "--config", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.top,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL: no chance to write anything."""
        assert self._process is not None
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return await asyncio.to_thread(self._process.wait, 20)

    async def command(self, *arguments: str) -> str:
        """What `python -m monitor ARGUMENTS --config …` prints beside the running daemon. Raises CalledProcessError."""
        command = [sys.executable, "-m", "monitor", *arguments, "--config", str(self.config)]
        done = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, cwd=self.top)
        return done.stdout.decode()

    async def get(self, path: str) -> str | None:
        """The page at `path`; None when nobody answers with 200."""
        return await asyncio.to_thread(self._get, path)

    def _get(self, path: str) -> str | None:
        try:
            url, unverified = f"{self._scheme}://{self.address}{path}", ssl._create_unverified_context()
            with urllib.request.urlopen(url, timeout=5, context=unverified) as answer:
                return str(answer.read().decode())
        except OSError:
            return None
