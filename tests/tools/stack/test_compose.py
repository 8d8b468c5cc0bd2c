"""compose.yaml without a Docker engine: it says what it should, and everything that it names is there."""

import fnmatch
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from monitor.cli.commands import app
from monitor.config.loading import load
from tests.servers.requirement import require

TOP = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
#: Keys of a service, out of the Compose Specification, that this file uses: another one is a slip of the pen or wants a test.
KEYS = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "networks", "ports", "profiles",
    "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip
#: Config of the stack -> what it is a copy of, and the addresses that differ.
COPIES = {
    "config/compose/prometheus.yml": ("config/prometheus/prometheus.yml", {"9093": "alertmanager", "9760": "monitor"}),
    "config/compose/datasource.yaml": ("config/grafana/provisioning/datasources/prometheus.yaml", {"9090": "prometheus"}),
}


def environment(service: dict[str, Any]) -> dict[str, str | None]:
    """Its variables; None: handed on from outside."""
    given = service.get("environment", {})
    return given if isinstance(given, dict) else {name: value or None for name, _, value in (one.partition("=") for one in given)}


def mounts(service: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(source, target, mode) of each volume."""
    parts = [(*one.split(":"), "rw") for one in service.get("volumes", ())]
    return [(source, target, mode) for source, target, mode, *_ in parts]


def test_the_stack_is_whole() -> None:
    assert set(SERVICES) == {"daemon", "demo", "prometheus", "alertmanager", "grafana"}
    assert COMPOSE.keys() <= {"name", "services", "volumes"} | {key for key in COMPOSE if key.startswith("x-")}


@pytest.mark.parametrize("name", SERVICES)
class TestService:
    def test_says_nothing_that_compose_does_not_know(self, name: str) -> None:
        assert SERVICES[name].keys() <= KEYS

    def test_is_pinned_or_built_here(self, name: str) -> None:
        service = SERVICES[name]
        assert "build" in service or re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", service["image"])

    def test_mounts_what_exists_and_changes_nothing_of_it(self, name: str) -> None:
        for source, target, mode in mounts(SERVICES[name]):
            assert target.startswith("/")
            if source.startswith("."):
                assert (TOP / source).exists(), source
                assert mode == "ro", source
            else:
                assert source in COMPOSE["volumes"]

    def test_is_reached_from_this_machine_only(self, name: str) -> None:
        for port in SERVICES[name]["ports"]:
            assert re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port)

    def test_waits_for_what_is_there(self, name: str) -> None:
        assert set(SERVICES[name].get("depends_on", ())) <= SERVICES.keys()

    def test_tells_whether_it_is_well(self, name: str) -> None:
        service = SERVICES[name]
        if "build" in service:
            assert "HEALTHCHECK" in (TOP / "Dockerfile").read_text()
        else:
            port = service["ports"][0].rsplit(":", 1)[1]
            assert f"http://127.0.0.1:{port}/" in service["healthcheck"]["test"][-1]

    def test_may_do_no_more_than_it_needs(self, name: str) -> None:
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in SERVICES[name]["security_opt"]

    def test_holds_no_secret(self, name: str) -> None:
        for variable, value in environment(SERVICES[name]).items():
            assert value is None or not re.search("PASSWORD|TOKEN|SECRET|KEY", variable)


def test_no_volume_is_left_over() -> None:
    used = {source for service in SERVICES.values() for source, _, _ in mounts(service)}
    assert COMPOSE["volumes"].keys() == {source for source in used if not source.startswith(".")}


def test_either_monitor_is_the_one_that_prometheus_asks() -> None:
    monitors = [service for service in SERVICES.values() if "build" in service]
    assert [service["profiles"] for service in monitors] == [["live"], ["demo"]]
    for service in monitors:
        assert service["networks"]["default"]["aliases"] == ["monitor"]
        assert service["read_only"] is True


@pytest.mark.parametrize("name", ["daemon", "demo"])
def test_the_command_is_one(name: str) -> None:
    command, *rest = SERVICES[name]["command"]
    group: Any = typer.main.get_command(app)
    with group.make_context("contact-monitor", [command, *rest]) as context:
        _, found, arguments = group.resolve_command(context, [command, *rest])
        found.make_context(command, arguments, parent=context).close()


def test_the_daemon_s_configuration_is_one_and_takes_a_token_from_outside() -> None:
    assert list(environment(SERVICES["daemon"]).items()) == [
        ("CONTACT_MONITOR__SOURCES__DESK__TOKEN", None), ("CONTACT_MONITOR_HEALTH_URL", None),
    ]  # fmt: skip
    path = TOP / "config/compose/contact-monitor.yaml"
    settings = load(path, {"CONTACT_MONITOR__SOURCES__DESK__TOKEN": "of-the-desk"})
    assert settings.listen == "0.0.0.0:9760"
    assert settings.sources["desk"].model_dump()["token"].get_secret_value() == "of-the-desk"
    assert load(path, {}).sources["desk"].model_dump()["token"] is None


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_differs_in_addresses_alone(copy: str) -> None:
    original, hosts = COPIES[copy]
    text = (TOP / original).read_text()
    for port, host in hosts.items():
        assert f"127.0.0.1:{port}" in text
        text = text.replace(f"127.0.0.1:{port}", f"{host}:{port}")
    assert yaml.safe_load((TOP / copy).read_text()) == yaml.safe_load(text)


def test_every_host_that_is_asked_is_a_service() -> None:
    names = SERVICES.keys() | {"monitor"}
    assert {host for _, hosts in COPIES.values() for host in hosts.values()} <= names


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    """As it is mounted: the rules beside it."""
    folder = tmp_path / "etc"
    folder.mkdir()
    for source, target, _ in mounts(SERVICES["prometheus"]):
        if target.startswith("/etc/prometheus/"):
            (folder / Path(target).name).write_bytes((TOP / source).read_bytes())
    done = subprocess.run(
        [require("promtool"), "check", "config", str(folder / "prometheus.yml")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_boards_are_where_grafana_looks_for_them() -> None:
    path = yaml.safe_load((TOP / "config/grafana/provisioning/dashboards/contact-monitor.yaml").read_text())["providers"][0][
        "options"
    ]["path"]
    by_target = {target: source for source, target, _ in mounts(SERVICES["grafana"])}
    boards = TOP / by_target[path]
    assert list(boards.glob("*.json"))
    home = Path(environment(SERVICES["grafana"])["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] or "")
    assert home.parent == Path(path)
    assert (boards / home.name).is_file()


def test_grafana_has_readers_and_nobody_else() -> None:
    given = environment(SERVICES["grafana"])
    assert given["GF_AUTH_ANONYMOUS_ENABLED"] == "true"
    assert given["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert given["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"


def test_the_image_can_copy_what_it_copies() -> None:
    """.dockerignore: the last pattern that fits decides."""
    patterns = [line for line in (TOP / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    copied: list[str] = []
    for line in (TOP / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied += shlex.split(line)[1:-1]
    assert copied
    for name in copied:
        assert (TOP / name).exists()
        fitting = [pattern for pattern in patterns if fnmatch.fnmatch(name, pattern.removeprefix("!"))]
        assert fitting[-1].startswith("!"), name
