"""The Alertmanager example: accepted, routed as said, and inhibiting what it should and nothing else."""

import asyncio
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.publish.rules.alertmanager_example import CONFIG, TEMPLATE, example, example_in_full, leaf, uncommented
from tests.publish.rules.promtool import alerts, load
from tests.servers.alertmanager import READY_SECONDS, Alertmanager
from tests.servers.requirement import require

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


def test_it_is_still_accepted_with_its_commented_settings(tmp_path: Path) -> None:
    # Teams by workflow wants a newer Alertmanager than Debian's
    whole = re.sub(r" +msteamsv2_configs:\n( +(- |  ).*\n)+", "", uncommented())
    for taken in ("pagerduty_configs", "email_configs", "slack_configs", "team-billing", "smtp_smarthost", 'severity="info"'):
        assert re.search(rf"^(?!.*#).*{taken}", whole, re.MULTILINE), taken
    assert "msteams" not in whole
    path = tmp_path / "alertmanager.yml"
    path.write_text(whole, encoding="utf-8")
    shutil.copy(TEMPLATE, tmp_path)
    assert "SUCCESS" in amtool("check-config", str(path))


def test_every_receiver_that_shows_a_text_shows_ours() -> None:
    ours = {
        "slack_configs": ("title", "text", "fallback", "color"),
        "pagerduty_configs": ("description", "severity"),
        "msteamsv2_configs": ("title", "text"),
    }
    seen = set()
    for receiver in example_in_full()["receivers"]:
        for kind, fields in ours.items():
            for each in receiver.get(kind, ()):
                seen.add(kind)
                assert all('{{ template "contact-monitor.' in each[field] for field in fields), (receiver["name"], kind)
    assert seen == set(ours)
    defined = set(re.findall(r'{{ define "([^"]*)"', TEMPLATE.read_text(encoding="utf-8")))
    used = set(re.findall(r'{{ template "([^"]*)"', uncommented() + TEMPLATE.read_text(encoding="utf-8")))
    assert used == defined


MAIL = {"channel": "email", "contact_point": "info-mail", "team": "desk"}
HOUR, FOUR_HOURS, DAY = "1h", "4h", "24h"


@pytest.mark.parametrize(
    ("alert", "more", "receiver", "repeat", "waits_for_the_morning"),
    [
        ("ContactPointWatchdog", {}, "watchdog", "5m", False),
        # people on the line
        ("ContactPointFastBurn", {**LINE, "signal": "long_wait"}, "control-room-urgent", FOUR_HOURS, False),
        ("ContactPointQueueUnanswered", LINE, "control-room-urgent", FOUR_HOURS, False),
        ("ContactPointHourBurn", {**LINE, "signal": "long_wait"}, "control-room", FOUR_HOURS, False),
        ("ContactPointHoldTooLong", LINE, "control-room", FOUR_HOURS, False),
        # letters, the echo of a call, and what is true all night
        ("ContactPointTrafficCeased", LINE, "control-room", DAY, True),
        ("ContactPointSlowBurn", {**LINE, "signal": "turned_away"}, "control-room", DAY, True),
        ("ContactPointReplyVeryLate", {**MAIL, "wait": "reply"}, "control-room", DAY, True),
        ("ContactPointReplyVeryLate", {**LINE, "channel": "chat", "wait": "reply"}, "control-room", DAY, True),
        ("ContactPointPromiseBroken", {**LINE, "wait": "promise"}, "control-room", DAY, True),
        ("ContactPointPromiseBroken", {**MAIL, "wait": "promise"}, "control-room", DAY, True),
        ("ContactPointDueSoon", {**LINE, "wait": "promise"}, "control-room", DAY, True),
        ("ContactPointDueSoon", {**MAIL, "wait": "reply"}, "control-room", DAY, True),
        ("ContactPointComplaintDeadlineNear", MAIL, "control-room", DAY, True),
        ("ContactPointSlowBurn", {**MAIL, "signal": "late_reply"}, "control-room", DAY, True),
        ("ContactPointSlowBurn", {**LINE, "signal": "missed_callback"}, "control-room", DAY, True),
        ("ContactPointSlowBurn", {**LINE, "signal": "slipped_promise"}, "control-room", DAY, True),
        ("ContactPointCriticalSignal", {**MAIL, "signal": "late_reply"}, "control-room-urgent", FOUR_HOURS, False),
        # what is read in the review, or said by another alert
        ("ContactPointObjectiveTrend", {**LINE, "signal": "long_wait"}, "nobody", FOUR_HOURS, False),
        ("ContactPointUnwatched", LINE, "nobody", FOUR_HOURS, False),
        ("ContactPointPromiseDueSoon", {**LINE, "wait": "promise"}, "nobody", FOUR_HOURS, False),
        ("ContactPointSourceIdle", PBX, "nobody", FOUR_HOURS, False),
        ("ContactPointRecordsUnmapped", PBX, "nobody", FOUR_HOURS, False),
        ("ContactPointBlind", LINE, "nobody", FOUR_HOURS, False),
        # the machines
        ("ContactPointSourceBlind", PBX, "on-call", HOUR, False),
        ("ContactPointSourceDown", PBX, "on-call", DAY, True),
        ("ContactPointMonitorDown", {"instance": "m:9760"}, "on-call", HOUR, False),
        ("ContactPointStoreFailing", {}, "on-call", HOUR, False),
        ("ContactPointConfigReloadFailed", {}, "on-call", DAY, True),
    ],
)
def test_who_is_told_of_an_alert_how_often_and_whether_at_night(
    alert: str, more: dict[str, str], receiver: str, repeat: str, waits_for_the_morning: bool
) -> None:
    labels = labels_of(alert, **more)
    pairs = [f"{name}={value}" for name, value in labels.items()]
    assert amtool("config", "routes", "test", f"--config.file={CONFIG}", *pairs).split() == [receiver]
    route = leaf(labels, example())
    assert (route["receiver"], route["repeat_interval"]) == (receiver, repeat)
    assert route.get("active_time_intervals") == (["opening-hours"] if waits_for_the_morning else None)


def test_whoever_wants_info_gets_it_once_a_day_but_never_that_a_contact_point_is_blind() -> None:
    trend = leaf(labels_of("ContactPointObjectiveTrend", **LINE, signal="long_wait"), example_in_full())
    assert (trend["receiver"], trend["repeat_interval"]) == ("control-room", DAY)
    assert leaf(labels_of("ContactPointBlind", **LINE), example_in_full())["receiver"] == "nobody"


def test_nobody_is_nobody() -> None:
    assert [receiver for receiver in example()["receivers"] if receiver["name"] == "nobody"] == [{"name": "nobody"}]


def test_customers_are_one_incident_a_contact_point_and_machines_one_a_kind_of_trouble() -> None:
    assert leaf(labels_of("ContactPointSourceBlind", **PBX), example())["group_by"] == ["alertname"]
    for labels in (LINE, MAIL):
        found = leaf(labels_of("ContactPointHoldTooLong", **labels), example())
        assert (found["group_by"], found["group_wait"]) == (["channel", "contact_point"], "10s")


def test_hours_name_their_zone_and_nothing_critical_waits_for_them() -> None:
    content = example()
    assert all("location" in span for each in content["time_intervals"] for span in each["time_intervals"])
    critical = [name for name, labels in ALERTS.items() if labels["severity"] == "critical"]
    assert len(critical) >= 5
    for name in critical:
        for labels in (LINE, MAIL, PBX):
            assert leaf(labels_of(name, **labels), content).get("active_time_intervals") is None, name


def test_every_inhibition_that_compares_labels_demands_that_they_are_there() -> None:
    for rule in example()["inhibit_rules"]:
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
            "a source whose contact points are all closed wakes nobody",
            [labels_of("ContactPointSourceIdle", **PBX), labels_of("ContactPointSourceBlind", **PBX)],
            {"ContactPointSourceBlind"},
        ),
        (
            "what is closed at one source says nothing of another",
            [labels_of("ContactPointSourceIdle", **PBX), labels_of("ContactPointSourceBlind", source="mail", kind="imap")],
            set(),
        ),
        (
            "of the pages about one line one is told",
            [labels_of("ContactPointFastBurn", **LINE, signal="long_wait"), labels_of("ContactPointQueueUnanswered", **LINE),
             labels_of("ContactPointNobodyThere", **LINE)],
            {"ContactPointQueueUnanswered", "ContactPointNobodyThere"},
        ),
        (
            "callers on hold and another line's queue are pages of their own",
            [labels_of("ContactPointFastBurn", **LINE, signal="long_hold"), labels_of("ContactPointQueueUnanswered", **LINE),
             labels_of("ContactPointNobodyThere", **{**LINE, "contact_point": "sales"})],
            set(),
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
    async with Alertmanager(example()) as alertmanager:
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
