"""The Alertmanager example: accepted, routed as said, and inhibiting what it should and nothing else."""

import asyncio
import re
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.publish.rules.promtool import alerts, load
from tests.servers.alertmanager import READY_SECONDS, Alertmanager
from tests.servers.requirement import require

CONFIG = Path(__file__).parents[3] / "config" / "alertmanager" / "alertmanager.yml"
ALERTS = {name: rule.get("labels", {}) for name, rule in alerts(load()).items()}


def amtool(*arguments: str) -> str:
    done = subprocess.run([require("amtool"), *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def labels_of(alert: str, **more: str) -> dict[str, str]:
    """What Alertmanager gets of an alert of ours."""
    return {"alertname": alert, "job": "monitor", **ALERTS[alert], **more}


LINE = {"channel": "phone", "contact_point": "support-line", "team": "desk"}
PBX = {"source": "pbx", "kind": "asterisk"}


def test_amtool_accepts_it() -> None:
    assert "SUCCESS" in amtool("check-config", str(CONFIG))


def test_it_is_still_accepted_with_its_commented_receivers(tmp_path: Path) -> None:
    # Teams by workflow wants a newer Alertmanager than Debian's
    text = re.sub(r" +# msteamsv2_configs:\n( +#   .*\n)+", "", CONFIG.read_text(encoding="utf-8"))
    told = re.compile(r"^( *)# ((?:- |  )*(?:[a-z_]+:.*|- [a-z]+:.*|\w+_configs:))$", re.MULTILINE)
    whole = told.sub(r"\1\2", text)
    for receiver in ("pagerduty_configs", "email_configs", "slack_configs", "team-billing", "smtp_smarthost"):
        assert re.search(rf"^(?!.*#).*{receiver}", whole, re.MULTILINE), receiver
    path = tmp_path / "alertmanager.yml"
    path.write_text(whole, encoding="utf-8")
    assert "SUCCESS" in amtool("check-config", str(path))


@pytest.mark.parametrize(
    ("alert", "more", "receiver"),
    [
        ("ContactPointWatchdog", {}, "watchdog"),
        ("ContactPointFastBurn", {**LINE, "signal": "long_wait"}, "control-room-urgent"),
        ("ContactPointQueueUnanswered", LINE, "control-room-urgent"),
        ("ContactPointHoldTooLong", LINE, "control-room"),
        ("ContactPointObjectiveTrend", {**LINE, "signal": "long_wait"}, "control-room"),
        ("ContactPointBlind", LINE, "control-room"),
        ("ContactPointSourceBlind", PBX, "on-call"),
        ("ContactPointSourceDown", PBX, "on-call"),
        ("ContactPointRecordsUnmapped", PBX, "on-call"),
        ("ContactPointMonitorDown", {"instance": "m:9760"}, "on-call"),
        ("ContactPointStoreFailing", {}, "on-call"),
    ],
)
def test_an_alert_goes_to_the_receiver_that_the_page_names(alert: str, more: dict[str, str], receiver: str) -> None:
    labels = [f"{name}={value}" for name, value in labels_of(alert, **more).items()]
    assert amtool("config", "routes", "test", f"--config.file={CONFIG}", *labels).split() == [receiver]


def test_customers_are_one_incident_a_contact_point_and_machines_one_a_kind_of_trouble() -> None:
    route = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["route"]
    assert route["group_by"] == ["alertname"]
    customers = [each for each in route["routes"] if 'family="customer"' in each["matchers"]]
    assert [each["group_by"] for each in customers] == [["channel", "contact_point"]]


def test_only_what_may_wait_for_the_morning_is_muted_and_in_a_named_zone() -> None:
    content = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    assert all("location" in span for each in content["time_intervals"] for span in each["time_intervals"])

    def muted(route: dict[str, object]) -> list[dict[str, object]]:
        below = [each for inner in route.get("routes", []) for each in muted(inner)]  # type: ignore[attr-defined]
        return [*([route] if "active_time_intervals" in route else []), *below]

    found = muted(content["route"])
    assert len(found) == 2
    assert not any("critical" in str(route["matchers"]) for route in found)


def test_every_inhibition_that_compares_labels_demands_that_they_are_there() -> None:
    for rule in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["inhibit_rules"]:
        if rule.get("equal"):
            assert any(matcher.endswith('!=""') for matcher in rule["source_matchers"]), rule


@pytest.mark.parametrize(
    ("name", "firing", "unsaid"),
    [
        (
            "a critical alert without a contact point silences no other without one",
            [labels_of("ContactPointStoreFailing"), labels_of("ContactPointConfigReloadFailed"),
             labels_of("ContactPointRecordsRejected", **PBX), labels_of("ContactPointWatchdog")],
            set(),
        ),
        (
            "the page silences the ticket about the same signal",
            [labels_of("ContactPointFastBurn", **LINE, signal="long_wait"),
             labels_of("ContactPointSlowBurn", **LINE, signal="long_wait"),
             labels_of("ContactPointObjectiveTrend", **LINE, signal="abandoned"), labels_of("ContactPointHoldTooLong", **LINE)],
            {"ContactPointSlowBurn"},
        ),
        (
            "another contact point's page silences nothing",
            [labels_of("ContactPointFastBurn", **LINE, signal="long_wait"),
             labels_of("ContactPointSlowBurn", **{**LINE, "contact_point": "sales"}, signal="long_wait")],
            set(),
        ),
        (
            "a blind contact point silences what lingers on, but not a fact",
            [labels_of("ContactPointBlind", **LINE), labels_of("ContactPointFastBurn", **LINE, signal="long_wait"),
             labels_of("ContactPointCriticalSignal", **LINE, signal="long_wait"),
             labels_of("ContactPointReplyVeryLate", channel="email", contact_point="info", wait="reply")],
            {"ContactPointFastBurn"},
        ),
        (
            "a blind source is down as well, and only it",
            [labels_of("ContactPointSourceBlind", **PBX), labels_of("ContactPointSourceDown", **PBX),
             labels_of("ContactPointSourceAuthRefused", **PBX), labels_of("ContactPointNoOutbound", source="mail", kind="imap")],
            {"ContactPointSourceDown"},
        ),
        (
            "nobody knows anything while the monitor is down",
            [labels_of("ContactPointMonitorDown", instance="m:9760"), labels_of("ContactPointMonitorAbsent"),
             labels_of("ContactPointFastBurn", **LINE, signal="long_wait"), labels_of("ContactPointSourceBlind", **PBX),
             labels_of("ContactPointWatchdog")],
            {"ContactPointFastBurn", "ContactPointSourceBlind", "ContactPointMonitorAbsent"},
        ),
    ],
)  # fmt: skip
async def test_inhibition(name: str, firing: list[dict[str, str]], unsaid: set[str]) -> None:
    last = {"source": "last", "kind": "imap"}
    async with Alertmanager(yaml.safe_load(CONFIG.read_text())) as alertmanager:
        # Alerts are looked at in the order in which they came: once the last one is inhibited, all others have been.
        fence = [labels_of("ContactPointSourceBlind", **last), labels_of("ContactPointSourceDown", **last)]
        for labels in (firing, fence[:1], fence[1:]):
            await alertmanager.post({"labels": each} for each in labels)
        until = time.monotonic() + READY_SECONDS
        while ("ContactPointSourceDown", "last") not in await inhibited(alertmanager):
            assert time.monotonic() < until, name
            await asyncio.sleep(0.05)
        assert {alert for alert, source in await inhibited(alertmanager) if source != "last"} == unsaid


async def inhibited(alertmanager: Alertmanager) -> set[tuple[str, str]]:
    """(alert name, source) of those that stay unsaid because of others."""
    held = [each for each in await alertmanager.alerts() if each["status"]["inhibitedBy"]]
    return {(each["labels"]["alertname"], each["labels"].get("source", "")) for each in held}
