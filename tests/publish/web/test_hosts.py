"""By which names the daemon may be asked where nobody needs a password: a domain that somebody points here is none of them."""

from pathlib import Path

import pytest
import yaml
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from monitor.config.loading import build
from monitor.daemon.app import Daemon
from monitor.daemon.serve import DaemonServices
from monitor.publish.web.hosts import Hosts
from monitor.testing import FakeClock
from tests.publish.snapshots import NOW
from tests.publish.web.fakes import FakeServices
from tests.publish.web.test_middleware import hashed

TOP = Path(__file__).parents[3]
NAMED = Hosts(frozenset({"monitor.example.org"}), without_dot=False)
IN_A_NETWORK = NAMED._replace(without_dot=True)
EVIL = {"Host": "evil.example:9760"}


@pytest.mark.parametrize(
    "header",
    [
        "127.0.0.1:9760", "127.0.0.1", "10.0.0.5:9760", "[::1]:9760", "[::1]", "[2001:db8::5]:443",  # addresses
        "localhost", "localhost:9760", "LOCALHOST", "localhost.", "monitor.localhost:9760",
        "monitor.example.org", "Monitor.Example.ORG:9760", "monitor.example.org.:9760",
    ],
)  # fmt: skip
def test_known(header: str):
    assert NAMED.know(header)
    assert IN_A_NETWORK.know(header)


@pytest.mark.parametrize(
    "header",
    [
        "evil.example", "evil.example:9760", "monitor.example.org.evil.example", "evil.monitor.example.org",
        "xmonitor.example.org",
        "127.0.0.1.evil.example", "localhost.evil.example", "evil.example.localhost.example", "notlocalhost.example",
        "", ":9760", ".", "[]", "[evil.example]", "127.0.0.1@evil.example", "1.2.3", "1.2.3.4.5",
    ],
)  # fmt: skip
def test_foreign(header: str):
    assert not NAMED.know(header)
    assert not IN_A_NETWORK.know(header)


@pytest.mark.parametrize("header", ["monitor:9760", "monitor", "contact-monitor", "pc_12."])
def test_a_name_without_a_dot_is_known_where_the_network_reaches_the_daemon_anyway(header: str):
    """As of a service in compose or Kubernetes. Beside a daemon on loopback a neighbour could answer for it."""
    assert IN_A_NETWORK.know(header)
    assert not NAMED.know(header)


@pytest.mark.parametrize("example", ["compose", "prometheus"])
def test_the_examples_of_prometheus_ask_by_a_name_that_is_known(example: str):
    jobs = yaml.safe_load((TOP / "config" / example / "prometheus.yml").read_text())["scrape_configs"]
    targets = [target for job in jobs for static in job["static_configs"] for target in static["targets"] if ":9760" in target]
    hosts = Hosts(frozenset(), without_dot=example == "compose")  # where it listens beyond loopback
    assert targets
    assert all(map(hosts.know, targets))


@given(st.text(max_size=50))
def test_no_header_is_too_odd(header: str):
    assert IN_A_NETWORK.know(header) in (True, False)


class TestOverHttp:
    @pytest.mark.parametrize("path", ["/", "/metrics", "/sources", "/api/v1/signals", "/contact-points/support-line", "/nowhere"])
    async def test_a_foreign_name_is_refused(self, client: TestClient, path: str):
        answer = await client.get(path, headers=EVIL)
        assert answer.status == 421
        text = await answer.text()
        assert "this monitor is not known by the name 'evil.example'" in text
        assert "web.hosts" in text
        assert "Support line" not in text

    async def test_nor_does_it_reload(self, client: TestClient, services: FakeServices):
        assert (await client.post("/-/reload", headers=EVIL)).status == 421
        assert services.reloads == 0

    async def test_a_page_says_it_as_a_page_and_shows_markup_as_text(self, client: TestClient):
        answer = await client.get("/", headers={"Host": "<script>.example", "Accept": "text/html"})
        text = await answer.text()
        assert (answer.status, answer.content_type) == (421, "text/html")
        assert "&lt;script&gt;.example" in text
        assert "<script>" not in text

    async def test_probes_and_what_shows_a_token_may_come_by_any_name(self, client: TestClient, services: FakeServices):
        """A foreign page has no token, and the probes say nothing of anybody."""
        services.waits = {"0" * 16: ["reply"]}
        for path in ("/-/healthy", "/-/ready"):
            assert (await client.get(path, headers=EVIL)).status == 200
        token = {**EVIL, "Authorization": "Bearer secret"}
        assert (await client.post("/api/v1/events", data=b"{}", headers=token)).status == 200
        settled = await client.post(f"/api/v1/contacts/{'0' * 16}/settle", json={"reason": "by phone"}, headers=token)
        assert settled.status == 200
        # without one it is as foreign as anybody
        assert (await client.post(f"/api/v1/contacts/{'0' * 16}/settle", json={"reason": "x"}, headers=EVIL)).status == 421

    async def test_a_named_host_is_answered(self, client: TestClient, services: FakeServices):
        services.known_hosts = NAMED
        assert (await client.get("/", headers={"Host": "monitor.example.org"})).status == 200

    async def test_where_users_need_a_password_every_name_will_do(self, client: TestClient, services: FakeServices):
        """Browsers keep passwords by name: the foreign one has none."""
        services.accounts = {"ann": hashed("right")}
        assert (await client.get("/", headers=EVIL)).status == 401

    async def test_it_is_logged_once_a_minute_without_what_was_sent(self, client: TestClient):
        with capture_logs() as lines:
            for _ in range(3):
                await client.get("/", headers=EVIL)
        [line] = [each for each in lines if "web.hosts" in each["event"]]
        assert line["sender"] == "127.0.0.1"
        assert "evil" not in str(line)


@pytest.mark.parametrize(
    ("configured", "known", "foreign"),
    [
        ({}, ["127.0.0.1:9760", "localhost"], ["monitor", "monitor.example.org", "127.0.0.1.example.org"]),
        ({"web": {"anyone": True}, "listen": "0.0.0.0:0"}, ["monitor:9760"], ["monitor.example.org"]),
        (
            {"alerts": {"page_url": "https://Monitor.example.org:8443/x"}, "web": {"hosts": ["m.example.org.", "PBX"]}},
            ["monitor.example.org", "m.example.org:9760", "pbx"],
            ["example.org", "other"],
        ),
        ({"alerts": {"page_url": "http://[2001:db8::5]:9760"}}, ["[2001:db8::6]:9760"], [""]),
    ],
)  # fmt: skip
def test_the_configuration_names_them(configured: dict[str, object], known: list[str], foreign: list[str]):
    daemon = Daemon(lambda: build({"store": "memory:", **configured}), FakeClock(NOW))
    services = DaemonServices(daemon)
    try:
        hosts = services.hosts()
    finally:
        services.close()
    assert [header for header in known if not hosts.know(header)] == []
    assert [header for header in foreign if hosts.know(header)] == []
