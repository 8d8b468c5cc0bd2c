"""A real Asterisk in its chroot, on loopback ports that the system chose: started, stopped, killed and restarted by tests."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.asterisk import config
from tests.servers.ports import free_port
from tests.servers.requirement import cache_directory, require, require_root, wanting

START_SECONDS = 60
AMI_SECRET = config.AMI_SECRET


class Asterisk:
    """One instance with files of its own; several may run side by side. Needs root and the chroot of build.sh."""

    host = config.SWITCH
    outside_host = config.OUTSIDE

    def __init__(self) -> None:
        require_root()
        require("chroot")
        self._root = cache_directory() / "asterisk" / "root"
        if not (self._root / "usr/sbin/asterisk").exists():
            wanting("asterisk (build it with tests/servers/asterisk/build.sh)")
        instances = self._root / "instances"
        instances.mkdir(exist_ok=True)
        self.top = Path(tempfile.mkdtemp(prefix="asterisk-", dir=instances))
        self.top.chmod(0o755)
        self._inside = Path("/instances") / self.top.name
        self.ami_port = free_port()
        self.sip_port, self.agents_port = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
        self.outside_port = free_port(socket.SOCK_DGRAM, config.OUTSIDE)
        self.queue_log = self.top / "log" / "queue_log"
        self._process: subprocess.Popen[bytes] | None = None
        self._write_config()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.to_thread(self.close)

    def start(self) -> None:
        """Starts Asterisk and returns when it is fully booted (queues loaded too). Raises RuntimeError when it dies."""
        with (self.top / "log" / "console").open("ab") as out:
            self._process = subprocess.Popen(self._command("-f"), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        until = time.monotonic() + START_SECONDS
        while "fully booted" not in self.cli("core waitfullybooted"):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Asterisk did not start: {(self.top / 'log' / 'console').read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stops it in order: running calls are hung up, queue_log and CDR get their last lines."""
        self._end("terminate")

    def kill(self) -> None:
        """SIGKILL, as a crash: nothing is written any more."""
        self._end("kill")

    def close(self) -> None:
        """Stops it and removes its files."""
        self._end("terminate")
        shutil.rmtree(self.top, ignore_errors=True)

    def cli(self, command: str) -> str:
        """What `asterisk -rx COMMAND` prints."""
        done = subprocess.run(self._command("-rx", command), capture_output=True, timeout=START_SECONDS, check=False)
        return done.stdout.decode("utf-8", "replace")

    def calls_running(self) -> int:
        """How many channels are up; none while it is down or still starting."""
        found = re.search(r"(\d+) active channel", self.cli("core show channels count"))
        return int(found[1]) if found else 0

    def _command(self, *arguments: str) -> list[str]:
        conf = str(self._inside / "etc" / "asterisk.conf")
        return ["chroot", "--userspec=asterisk:asterisk", str(self._root), "/usr/sbin/asterisk", "-C", conf, *arguments]

    def _end(self, how: str) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        getattr(process, how)()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _write_config(self) -> None:
        for name in ("etc", "log/cdr-csv", "db", "run", "spool", "cache", "keys", "moh"):
            (self.top / name).mkdir(parents=True)
        modules = next(self._root.glob("usr/lib/**/asterisk/modules"))
        # Even ports from a stretch that leases no ephemeral ports; Asterisk itself skips those in use.
        first_rtp = 10_000 + os.getpid() % 48 * 200
        layout = config.Layout(
            top=str(self._inside),
            modules="/" + str(modules.relative_to(self._root)),
            ami_port=self.ami_port,
            sip_port=self.sip_port,
            agents_port=self.agents_port,
            outside_port=self.outside_port,
            rtp_ports=range(first_rtp, first_rtp + 400),
        )
        for name, text in config.files(layout).items():
            (self.top / "etc" / name).write_text(text)
        (self.top / "moh" / "silence.ulaw").write_bytes(b"\xff" * 80_000)  # ten seconds
        subprocess.run(["chroot", str(self._root), "chown", "-R", "asterisk:asterisk", str(self._inside)], check=True)
