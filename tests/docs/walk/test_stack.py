"""docs/stack.md: without an engine or a cluster its files are looked at; a real Prometheus asks a daemon with TLS and users."""

import asyncio
import re
import shlex
from pathlib import Path
from typing import Any

import bcrypt
import yaml

from tests.docs.walk.markdown import Block
from tests.docs.walk.plan import Exempt, Way
from tests.docs.walk.walker import TOP, Walk
from tests.docs.walk.watcher import Watcher, wait_until
from tests.servers.daemon import Daemon
from tests.servers.dovecot import make_certificates
from tests.servers.requirement import require

PASSWORD = "guessed-by-nobody"


def profiles_exist(walk: Walk, block: Block) -> None:
    services = yaml.safe_load((TOP / "compose.yaml").read_text())["services"].values()
    profiles = {profile for service in services for profile in service.get("profiles", ())}
    assert set(re.findall(r"--profile (\w+)", block.text)) == profiles


def handed_on_to_the_daemon(walk: Walk, block: Block) -> None:
    """The variable that it sets is one that compose.yaml hands on; nobody else may read it."""
    walk.type(block.text)
    file = walk.directory() / ".env"
    name, _, value = file.read_text().strip().partition("=")
    assert name in yaml.safe_load((TOP / "compose.yaml").read_text())["services"]["daemon"]["environment"]
    assert re.fullmatch("[0-9a-f]{64}", value)
    assert file.stat().st_mode & 0o077 == 0


def mounted_by_the_pod(walk: Walk, block: Block) -> None:
    """The secret is the one that the deployment mounts, its key the file that the configuration names."""
    make, create, apply = block.text.strip().splitlines()
    walk.type(make)
    *_, name, from_file = shlex.split(create)
    assert (walk.directory() / from_file.removeprefix("--from-file=")).is_file()
    folder = TOP / "config" / "kubernetes"
    documents: list[dict[str, Any]] = list(yaml.safe_load_all((folder / "deployment.yaml").read_text()))
    [pod] = [each["spec"]["template"]["spec"] for each in documents if each["kind"] == "Deployment"]
    assert [each["secret"]["secretName"] for each in pod["volumes"] if "secret" in each] == [name]
    assert f"/{from_file.removeprefix('--from-file=')}}}" in (folder / "contact-monitor.yaml").read_text()
    assert apply.startswith("kubectl kustomize config/kubernetes |")


class Scrape(Watcher):
    """A Prometheus that knows the authority of the daemon's certificate and the password of its user."""

    def __init__(self, authority: Path) -> None:
        super().__init__()
        self._authority = authority

    def succeeds(self, walk: Walk, block: Block) -> None:
        walk.save("monitor-ca.pem", self._authority.read_text())
        walk.save("scrape-password", PASSWORD)
        walk.save("prometheus.yml", block.text)
        walk.type("promtool check config prometheus.yml")
        self.start(walk, "--config.file=prometheus.yml")
        wait_until(lambda: self.value('up{job="contact-monitor"}') == ["1"])


def follow(top: Path, address: str) -> None:
    """The page, beside a daemon at this address that has a certificate for localhost."""
    ways: dict[str, Way] = {
        "docker compose": Exempt("no engine runs here; tests/tools/stack looks at compose.yaml", profiles_exist),
        "> .env": handed_on_to_the_daemon,
        "kubectl": Exempt("there is no cluster; tests/tools/stack looks at the manifests", mounted_by_the_pod),
    }
    own = {"monitor.example.org:9760": address, "monitor.example.org": "localhost", "scrape_interval: 15s": "scrape_interval: 1s"}
    with Walk(top, replaced=own) as walk, Scrape(top / "ca.pem") as scrape:
        ways["scheme: https"] = scrape.succeeds
        walk.follow("docs/stack.md", ways)


async def test_the_page_s_files_fit_together_and_prometheus_asks_by_https(tmp_path: Path):
    for program in ("openssl", "promtool", "prometheus"):
        require(program)
    make_certificates(tmp_path)
    users = {"prometheus": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()}
    web = {"users": users, "tls_cert": "server.pem", "tls_key": "server.key"}
    config = {"sources": {"desk": {"type": "events", "token": "a-token-of-the-test"}}, "web": web}
    async with Daemon(tmp_path, config) as daemon:
        await asyncio.to_thread(follow, tmp_path, daemon.address)
