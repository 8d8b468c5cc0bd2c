"""Prometheus is restarted while an alert fires: with the flag of compose.yaml it fires on, and nobody is told that it has ended.

Without it, an alert with a `for` below ten minutes waits for that again; when this takes longer than the four minutes after which
Alertmanager gives an alert up, people read RESOLVED.
"""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tests.live.alert_stack import JOB, quick_rules, shortened
from tests.servers.ports import free_port
from tests.servers.prometheus import Prometheus

pytestmark = [pytest.mark.live, pytest.mark.waits(15)]

FLAG = "--rules.alert.for-grace-period"
COMPOSE = Path(__file__).parents[2] / "compose.yaml"


def committed() -> str:
    """The flag of the example, its time made short as that of the rules."""
    command = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["prometheus"]["command"]
    (period,) = (each.partition("=")[2] for each in command if each.startswith(FLAG))
    return f"{FLAG}={shortened(period)}"


def once_there(target: str) -> str:
    """A monitor that answered until a minute ago."""
    now = int(time.time())
    series = f'contactpoint_build_info{{instance="{target}",job="{JOB}",version="1"}}'
    return "".join(f"{series} 1 {moment}\n" for moment in range(now - 900, now - 60, 15)) + "# EOF\n"


async def firing_since(prometheus: Prometheus) -> datetime:
    """Once MonitorDown fires: since when it is true, as Prometheus remembers it."""
    for _ in range(300):
        for alert in await prometheus.alerts():
            if alert["labels"]["alertname"] == "ContactPointMonitorDown" and alert["state"] == "firing":
                return datetime.fromisoformat(alert["activeAt"][:19]).replace(tzinfo=UTC)
        await asyncio.sleep(0.1)
    raise TimeoutError("MonitorDown does not fire")


@pytest.mark.parametrize("flags", [(committed(),), ()])
async def test_what_fired_fires_on_after_a_restart(tmp_path: Path, flags: tuple[str, ...]) -> None:
    target, rules = f"127.0.0.1:{free_port()}", tmp_path / "rules.yml"
    quick_rules(rules)
    async with Prometheus(target, rules=(rules,), history=once_there(target), flags=flags) as prometheus:
        since = await firing_since(prometheus)
        await asyncio.sleep(1)
        await prometheus.restart()
        again = await firing_since(prometheus)
        assert (again == since) is bool(flags)
