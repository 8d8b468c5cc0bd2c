"""The committed rules and routing on a real Prometheus and a real Alertmanager, with their time made short.

What is changed in the copies, and nothing else:
- rules: `for` and `keep_firing_for` become one sixtieth (at most 5 s unless told otherwise); every group is evaluated each
  second. Expressions stay.
- routing: `group_wait` and `group_interval` become one sixtieth; receivers point to the test's webhook, and `nobody` has one too,
  so that a test sees what nobody is told; office hours are always, or the outcome would depend on when the test runs.
"""

import asyncio
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from monitor.domain.durations import parse_duration
from tests.publish.rules.alertmanager_example import example, routes
from tests.servers.alertmanager import Alertmanager
from tests.servers.daemon import Daemon
from tests.servers.prometheus import Prometheus
from tests.servers.requirement import require
from tests.servers.webhook import Webhook

CONFIG = Path(__file__).parents[2] / "config"
RECEIVERS = "127.0.0.1:9095"
MAX_HOLD_SECONDS = 5.0
JOB = "monitor"
TRIES = 50


def shortened(duration: str, longest: float = float("inf")) -> str:
    """One sixtieth of a duration, as Prometheus and Alertmanager write it."""
    return f"{round(min(parse_duration(duration).total_seconds() / 60, longest) * 1000)}ms"


def quick_rules(to: Path, longest: float = MAX_HOLD_SECONDS) -> set[str]:
    """Writes the committed rules with their time made short, to `longest` seconds; returns the names of all alerts in them."""
    content: dict[str, Any] = yaml.safe_load((CONFIG / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
    names = set()
    for group in content["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            names |= {rule["alert"]} if "alert" in rule else set()
            for key in ("for", "keep_firing_for"):
                if key in rule:
                    rule[key] = shortened(rule[key], longest)
    to.write_text(yaml.safe_dump(content, width=1_000_000), encoding="utf-8")
    return names


def quick_routing(webhook: str) -> dict[str, Any]:
    """The committed routing with its time made short and its receivers at `webhook` (HOST:PORT)."""
    content: dict[str, Any] = json.loads(json.dumps(example()).replace(RECEIVERS, webhook))
    for route in routes(content["route"]):
        for key in route.keys() & {"group_wait", "group_interval"}:
            route[key] = shortened(route[key])
    for receiver in content["receivers"]:
        receiver.setdefault("webhook_configs", [{"url": f"http://{webhook}/{receiver['name']}"}])
    for interval in content["time_intervals"]:
        interval["time_intervals"] = [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]
    return content


def next_minute(least: float) -> datetime:
    """The first full minute that is at least `least` seconds ahead: calendars and office hours know no seconds."""
    now = datetime.now(UTC) + timedelta(seconds=least + 60)
    return now.replace(second=0, microsecond=0)


def noon(now: datetime) -> tuple[str, timedelta]:
    """A zone in which it is about noon, so that no day ends during a test, and how far it is ahead of UTC."""
    ahead = (12 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}", timedelta(hours=ahead)  # the sign of POSIX: Etc/GMT-3 is three hours ahead


def send_alerts_to(prometheus: Prometheus, alertmanager: str) -> None:
    """Before it starts: alerts go to `alertmanager` (HOST:PORT)."""
    path = prometheus.top / "prometheus.yml"
    config = json.loads(path.read_text())
    config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}
    path.write_text(json.dumps(config))


def with_past_samples(prometheus: Prometheus, target: str, points: Iterable[tuple[str, str]]) -> None:
    """Before it starts: a past in which these (channel, contact point) were open for the last quarter of an hour.

    "Open for ten minutes" is the one thing a short test cannot live through.
    """
    now = int(time.time())
    series = [
        f'contactpoint_open{{channel="{channel}",contact_point="{point}",instance="{target}",job="{JOB}"}}'
        for channel, point in points
    ]
    lines = [f"{one} 1 {moment}" for one in series for moment in range(now - 900, now, 15)]
    past = prometheus.top / "past"
    past.write_text("\n".join(["# TYPE contactpoint_open gauge", *lines, "# EOF", ""]))
    command = [require("promtool"), "tsdb", "create-blocks-from", "openmetrics", str(past), str(prometheus.top / "data")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


class Stack(NamedTuple):
    """A daemon that Prometheus scrapes and whose alerts go to the webhook."""

    daemon: Daemon
    prometheus: Prometheus
    webhook: Webhook


@asynccontextmanager
async def alert_stack(top: Path, config: dict[str, Any], open_before: Iterable[tuple[str, str]] = ()) -> AsyncIterator[Stack]:
    """The daemon with this configuration, and all that stands between it and people on call.

    No `for` and no `keep_firing_for` is cut, so that they stand to each other as they are committed. `open_before`: see
    with_past_samples.
    """
    rules = top / "rules.yml"
    quick_rules(rules, longest=float("inf"))
    async with Webhook() as webhook, Alertmanager(quick_routing(webhook.address)) as alertmanager:
        daemon = Daemon(top, config)
        prometheus = Prometheus(daemon.address, rules=(rules,))
        send_alerts_to(prometheus, alertmanager.address)
        if open_before:
            with_past_samples(prometheus, daemon.address, open_before)
        async with daemon, prometheus:
            yield Stack(daemon, prometheus, webhook)


class Pusher:
    """Posts contact events to a daemon, as a helpdesk would."""

    def __init__(self, address: str, tokens: Mapping[str, str]) -> None:
        self._address = address
        self._tokens = tokens

    async def push(self, source: str, *events: Mapping[str, Any]) -> dict[str, Any]:
        """What the daemon answers; a push is stored when this returns. 503 means later, as while it reloads."""
        body = "\n".join(json.dumps(event) for event in events).encode()
        for _ in range(TRIES):
            answer = await asyncio.to_thread(self._post, "/api/v1/events", body, self._tokens[source])
            if answer["status"] != 503:
                break
            await asyncio.sleep(0.2)
        assert answer["status"] == 200, answer
        return answer

    async def reload(self) -> int:
        """Asks the daemon to read its configuration anew; the HTTP status."""
        return int((await asyncio.to_thread(self._post, "/-/reload", b"", ""))["status"])

    def _post(self, path: str, body: bytes, token: str) -> dict[str, Any]:
        request = urllib.request.Request(f"http://{self._address}{path}", body, {"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read()
        found: dict[str, Any] = json.loads(text) if text.startswith(b"{") else {}
        return {"status": status, **found}
