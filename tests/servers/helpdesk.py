"""What the real helpdesks have in common: one process on a loopback port under a clock that tests set, and its HTTP client."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.ports import free_port
from tests.servers.shifted_clock import ShiftedClock

START_SECONDS = 120
#: Databases in memory: a helpdesk writes one small transaction after the other, and a disk makes each of them durable.
_MEMORY, _ENOUGH_BYTES = Path("/dev/shm"), 512 << 20
#: Our side of every story; everybody else is a customer.
AGENTS = ("alice", "bob", "cindy")
BOT = "chatbot"
READER = "monitor"
#: Somebody of ours who may see nothing.
STRANGER = "stranger"
DOMAIN = "desk.example"


@dataclass(frozen=True)
class Answer:
    """What a server answered, errors included."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class HttpClient:
    """JSON over HTTP to a loopback server, with headers that go along each time."""

    def __init__(self, base: str, headers: Mapping[str, str]) -> None:
        self.base = base
        self._headers = dict(headers)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method: str, path: str, body: Any = None, *, form: Mapping[str, Any] | None = None) -> Answer:
        """`body` goes as JSON, `form` as a form. Answers of any status come back; OSError when nobody answers."""
        headers, data = dict(self._headers), None
        if form is not None:
            data = urllib.parse.urlencode(form).encode()
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=headers)
        try:
            with self._opener.open(request, timeout=60) as got:
                return Answer(got.status, got.headers, got.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def get(self, path: str) -> Any:
        """The JSON at `path`. Raises AssertionError when the answer is no success."""
        return self._well("GET", path).json()

    def post(self, path: str, body: Any) -> Any:
        """The JSON that answers; None when nothing does. Raises AssertionError when the answer is no success."""
        answer = self._well("POST", path, body)
        return answer.json() if answer.body.strip() else None

    def put(self, path: str, body: Any) -> Any:
        """As `post`."""
        answer = self._well("PUT", path, body)
        return answer.json() if answer.body.strip() else None

    def _well(self, method: str, path: str, body: Any = None) -> Answer:
        answer = self.ask(method, path, body)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:600]!r}"
        return answer


def quick_directory(prefix: str) -> Path:
    """A directory of one's own for a database that nobody needs tomorrow: in memory where there is room."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if roomy else None))


class Helpdesk(ABC):
    """One server with files of its own, which `close` removes; stopped and started as often as wanted."""

    name: str

    def __init__(self) -> None:
        self.top = quick_directory(f"{self.name}-test-")
        self.port = free_port()
        self.clock = ShiftedClock(self.top / "clock")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.prepare()
            self.save("fresh")
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @abstractmethod
    def prepare(self) -> None:
        """Makes the database: queues, people, accounts with their tokens."""

    @abstractmethod
    def command(self) -> tuple[list[str], dict[str, str]]:
        """The server program with its arguments, and its environment."""

    @abstractmethod
    def save(self, name: str) -> None:
        """Keeps the present state under this name. The server must not run."""

    @abstractmethod
    def load(self, name: str) -> None:
        """The state that was saved under this name. The server must not run."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server answers a request."""

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.top / "server.log"

    def start(self) -> None:
        """Returns when the server answers. Raises RuntimeError with the end of its log when it does not."""
        command, environment = self.command()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=os.environ | environment, cwd=self.top, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self.name} did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Connections are refused until it starts again."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to all of its processes, as a crash."""
        self._end(signal.SIGKILL)

    def hang(self) -> None:
        """The server takes connections and never answers, until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """The server goes on."""
        self._signal(signal.SIGCONT)

    def wind_back(self, name: str = "fresh") -> None:
        """The state that was saved under this name, served."""
        self.stop()
        self.load(name)
        self.start()

    def close(self) -> None:
        """Stops it and removes its files."""
        self._end(signal.SIGTERM)
        shutil.rmtree(self.top, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _end(self, number: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        self.resume()
        self._signal(number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # Workers whose parent has gone would keep the port.
        self._signal(signal.SIGKILL)
        self._process = None


class SqliteHelpdesk(Helpdesk):
    """One whose database is a file, which is copied to keep a state."""

    def __init__(self) -> None:
        super().__init__()
        self.database = self.top / f"{self.name}.sqlite"

    def save(self, name: str) -> None:
        shutil.copyfile(self.database, self._saved(name))

    def load(self, name: str) -> None:
        self.database.with_name(f"{self.database.name}-journal").unlink(missing_ok=True)  # of a killed server
        shutil.copyfile(self._saved(name), self.database)

    def _saved(self, name: str) -> Path:
        return self.top / f"{name}.saved"
