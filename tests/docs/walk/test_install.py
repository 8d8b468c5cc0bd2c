"""docs/install.md followed: from a clone to a running daemon, a service in the order of the page, what a container mounts."""

import asyncio
import os
import shlex
from pathlib import Path

import pytest

from tests.connectors.scripted_ami import SECRET, ScriptedAmi, listening
from tests.docs.walk.checkout import ENVIRONMENT, Repository, with_own_python
from tests.docs.walk.markdown import Block
from tests.docs.walk.plan import Exempt, Way
from tests.docs.walk.service import CREDENTIALS, Unit
from tests.docs.walk.walker import PAGE_SECONDS, TOP, Walk, is_printed
from tests.docs.walk.ways import variant

PAGE = "docs/install.md"
UID = 10760
#: Directories of the machine, which lie below one of the test's own.
MACHINE = (
    "/opt/contact-monitor", "/etc/contact-monitor", "/etc/systemd/system", "/var/lib/contact-monitor", CREDENTIALS,
)  # fmt: skip


class Machine:
    """The machine of the page's reader, and the Asterisk that he has."""

    def __init__(self, top: Path, ami: ScriptedAmi) -> None:
        self.root = top / "machine"
        self._host = ("host: 10.0.0.5\n", f"host: 127.0.0.1\n    port: {ami.port}\n")
        for directory in ("opt", "etc/systemd/system", "var/lib/contact-monitor", "run/credentials"):
            (self.root / directory).mkdir(parents=True)

    def own(self) -> dict[str, str]:
        """What stands for the page's names."""
        return {path: f"{self.root}{path}" for path in MACHINE} | dict([self._host])

    def has_its_host_in(self, config: Path) -> None:
        """\"Put in your `host`\"."""
        old, new = self._host
        text = config.read_text().replace(old, new)
        assert new in text
        config.write_text(text)

    def is_asked(self, walk: Walk) -> None:
        """\"And ask again without --offline\"."""
        self.has_its_host_in(walk.directory() / "contact-monitor.yaml")
        assert "logged in to 127.0.0.1" in walk.type("contact-monitor check --config contact-monitor.yaml")

    def configured(self, walk: Walk, block: Block) -> None:
        """The configuration of the service, of which the page shows what to change; the secret is handed over at the start."""
        (self.root / "etc" / "contact-monitor.yaml").write_text(walk.read(block.text))

    def starts(self, walk: Walk, block: Block) -> None:
        """What systemd does: the credentials, the directory of the state, the command."""
        file = self.root / "etc/systemd/system/contact-monitor.service"
        file.write_text(walk.read(file.read_text()))
        unit = Unit(file.read_text())
        assert unit.values("StateDirectory") == ["contact-monitor"]
        unit.hand_over_credentials(Path(f"{self.root}{CREDENTIALS}"))
        walk.type("cd /var/lib/contact-monitor")
        walk.start(unit.command)


class Container:
    """What a container would see."""

    def __init__(self) -> None:
        self._mode = 0

    def is_prepared(self, walk: Walk, block: Block) -> None:
        """In the directory of the configuration; who is not root cannot give files away."""
        if os.geteuid() != 0:
            walk.stand_in("chown", "exit 0")
        walk.type(f"cd {walk.home}/monitor")
        walk.type(block.text)
        secret = (walk.directory() / "ami-password").stat()
        assert secret.st_mode & 0o077 == 0
        assert os.geteuid() != 0 or secret.st_uid == UID
        assert (walk.directory() / "contact-monitor.yaml").stat().st_mode & 0o004

    def mounts_what_is_there(self, walk: Walk, block: Block) -> None:
        words = shlex.split(block.text)
        mounts = [words[at + 1].split(":") for at, word in enumerate(words) if word == "-v"]
        for source, *_ in mounts:
            assert not source.startswith(".") or (walk.directory() / source).is_file(), source
        targets = [target for _, target, *_ in mounts]
        dockerfile = (TOP / "Dockerfile").read_text()
        assert f'CMD ["run", "--config", "{targets[1]}"]' in dockerfile
        assert f"VOLUME {targets[0]}" in dockerfile
        assert f"password_file: {targets[2]}" in (TOP / PAGE).read_text()
        assert "127.0.0.1:9760:9760" in words


def copies_what_exists(walk: Walk, block: Block) -> None:
    lines = [line.split()[1:-1] for line in (TOP / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")]
    sources = [source for line in lines if not line[0].startswith("--from") for source in line]
    assert sources
    assert all((TOP / source).exists() for source in sources)


def after_is_printed(machine: Machine) -> Way:
    """The line that the page shows, and what it then tells the reader to do."""

    def way(walk: Walk, block: Block) -> None:
        is_printed(walk, block)
        machine.is_asked(walk)

    return way


@pytest.mark.waits(9)
@pytest.mark.timeout(PAGE_SECONDS)
async def test_the_page_leads_to_a_daemon_a_service_and_a_container(tmp_path: Path):
    repository, ami, container = Repository(tmp_path), ScriptedAmi(), Container()
    async with listening(ami):
        machine = Machine(tmp_path, ami)
        ways = {
            "configuration: ok": after_is_printed(machine),
            "sudo systemctl": Exempt("systemd is not the first process here", machine.starts),
            "password_file: /run/credentials": machine.configured,
            "chown": container.is_prepared,
            "listen: 0.0.0.0": variant(),
            "docker build": Exempt("no engine runs here", copies_what_exists),
            "docker run": Exempt("no engine runs here", container.mounts_what_is_there),
        }
        own = {"URL": str(repository.path), "CHANGE-ME": SECRET} | machine.own()
        own["/run/secrets/ami-password"] = str(tmp_path / "home" / "monitor" / "ami-password")
        with with_own_python(Walk(tmp_path, replaced=own, environment=ENVIRONMENT)) as walk:
            await asyncio.to_thread(walk.follow, PAGE, ways)


def test_systemd_takes_the_unit(tmp_path: Path):
    """With a program that is there: nothing else of it is found fault with."""
    program = tmp_path / "contact-monitor"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    shipped = (TOP / "config/systemd/contact-monitor.service").read_text()
    file = tmp_path / "contact-monitor.service"
    file.write_text(shipped.replace("/opt/contact-monitor/bin/contact-monitor", str(program)))
    Unit(file.read_text()).verify(file)


def test_a_service_whose_secret_was_not_made_does_not_start(tmp_path: Path):
    unit = Unit((TOP / "config/systemd/contact-monitor.service").read_text().replace("/etc/", f"{tmp_path}/"))
    with pytest.raises(FileNotFoundError, match="ami-password"):
        unit.hand_over_credentials(tmp_path / "credentials")
