"""A reader who does what a page says, block by block: in a shell of his own, in an empty directory, beside a real daemon."""

import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.docs.walk.markdown import Block, blocks_of
from tests.docs.walk.plan import Way, planned
from tests.servers.ports import free_port
from tests.servers.requirement import require

TOP: Final = Path(__file__).parents[3]
#: Of pytest.mark.timeout: a whole page, on a busy machine.
PAGE_SECONDS: Final = 900
#: What every page calls the configuration that its reader writes.
CONFIG: Final = "contact-monitor.yaml"
_ADDRESS: Final = "127.0.0.1:9760"
_DAEMON: Final = re.compile(r"^(contact-monitor run .*)$", re.MULTILINE)
_SECONDS: Final = 300
#: Programs that a reader has and a machine of tests may lack, or must not use: in front of all others on his PATH.
_STAND_INS: Final = {
    "contact-monitor": f'exec {shlex.quote(sys.executable)} -m monitor "$@"',
    "sudo": 'exec "$@"',
}


class Walk:
    """One reader. `replaced`: what he puts in place of what stands on the page; `environment`: what leads his commands,
    and the daemon, to the servers of the test instead of those that the page names."""

    def __init__(
        self, top: Path, *, replaced: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.home = top / "home"
        self._programs, self._state = top / "programs", top / "state"
        for directory in (self.home, self._programs):
            directory.mkdir()
        self.address = f"127.0.0.1:{free_port()}"
        self.replaced = {_ADDRESS: self.address} | dict(replaced or {})
        self.said = ""
        self._log = top / "daemon.log"
        self._daemon: subprocess.Popen[bytes] | None = None
        self._unchecked = False
        for name, script in _STAND_INS.items():
            self.stand_in(name, script)
        own = {name: value for name, value in os.environ.items() if not name.startswith(("CONTACT_MONITOR", "PIP_", "PYTHON"))}
        own |= {
            "PATH": f"{self._programs}{os.pathsep}{own.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "PYTHONSAFEPATH": "1",
        }
        own |= {"CONTACT_MONITOR__LISTEN": self.address, **(environment or {})}
        self._state.write_text(
            "".join(f"export {name}={shlex.quote(value)}\n" for name, value in own.items()) + f"cd {self.home}\n"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.kill()
            self._daemon.wait()

    def stand_in(self, name: str, script: str) -> None:
        """Puts a program of this name, a script of sh, before all others."""
        path = self._programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def follow(self, page: str, special: Mapping[str, Way]) -> None:
        """Does everything that the page (a path in the checkout) says, and leaves the daemon in order at the end.

        Raises NoWay before anything is done where a block has no way, AssertionError with what was said where one fails.
        """
        for block, way in planned(blocks_of(page, (TOP / page).read_text()), special, USUAL):
            try:
                way(self, block)
            except AssertionError as error:
                raise AssertionError(f"{block}: {error}") from error
        self.check_configuration()
        self.stop()

    def read(self, text: str) -> str:
        """What the reader makes of a text of the page: his own names and addresses in place of the examples."""
        return re.sub("|".join(map(re.escape, self.replaced)), lambda found: self.replaced[found[0]], text)

    def type(self, text: str) -> str:
        """Types commands into the shell; a daemon among them is started, and left running in a terminal of its own.

        Returns (and keeps as `said`) all that they print. Raises AssertionError where one of them fails.
        """
        self.said = ""
        for part in _DAEMON.split(self.read(text)):
            if _DAEMON.match(part):
                self.start(part)
            elif part.strip():
                self.said += self._shell(part)
        return self.said

    def directory(self) -> Path:
        """Where the reader stands."""
        return Path(self._shell("pwd").strip())

    def save(self, name: str, text: str) -> None:
        """Saves a text of the page as a file, where the reader stands."""
        (self.directory() / name).write_text(self.read(text))

    def configure(self, text: str) -> None:
        """Saves a configuration; it is checked once its secrets are there: before the next one, at the latest at the end."""
        self.check_configuration()
        self.save(CONFIG, text)
        self._unchecked = True

    def check_configuration(self) -> None:
        """`check --offline` of the configuration that was saved last."""
        if self._unchecked:
            self._unchecked = False
            self._shell(f"contact-monitor check --offline --config {CONFIG}\n")

    def start(self, command: str) -> None:
        """Starts a daemon in the place of the last one, and returns when it is ready."""
        self.stop()
        with self._log.open("wb") as log:
            script = f"set -a; . {self._state}; exec {command}"
            self._daemon = subprocess.Popen(["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={})
        until = time.monotonic() + _SECONDS
        while not self._is_ready():
            assert self._daemon.poll() is None, f"the daemon did not come up: {self._log.read_text()}"
            assert time.monotonic() < until, f"the daemon is not ready: {self._log.read_text()[-4000:]}"
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends the daemon in order, if there is one."""
        process = self._daemon
        if process is not None:
            process.terminate()
            assert process.wait(_SECONDS) == 0, self._log.read_text()[-4000:]
            self._daemon = None

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _shell(self, text: str) -> str:
        bash = require("bash")
        script = (
            f"set -a; . {self._state}; set -eo pipefail\n{text}\n{{ export -p; pwd | sed 's/^/cd /'; }} > {self._state}.new\n"
        )
        done = subprocess.run(
            [bash, "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_SECONDS,
            check=False, env={},
        )  # fmt: skip
        said = done.stdout.decode("utf-8", "replace")
        assert done.returncode == 0, f"this failed with {done.returncode}:\n{text}\n{said}"
        Path(f"{self._state}.new").replace(self._state)
        return said


def type_it(walk: Walk, block: Block) -> None:
    """Commands are typed."""
    walk.type(block.text)


def configure(walk: Walk, block: Block) -> None:
    """A configuration is saved."""
    assert "sources:" in block.text, "YAML that is no configuration of ours wants a way of its own"
    walk.configure(block.text)


def is_printed(walk: Walk, block: Block) -> None:
    """What stands below commands is what they print, among other lines."""
    for line in walk.read(block.text).splitlines():
        assert line in walk.said, f"{line!r} was not printed, but: {walk.said}"


#: Language of a block -> what a reader does with it.
USUAL: Final[Mapping[str, Way]] = {"sh": type_it, "yaml": configure, "": is_printed}
