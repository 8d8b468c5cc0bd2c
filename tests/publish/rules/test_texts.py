"""What somebody reads at night: subjects and sentences written by hand, as a real Prometheus makes them."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.publish.rules.promtool import RULES, load
from tests.publish.rules.series import Scrapes, Series, ours
from tests.servers.requirement import require

W = Scrapes(steps=90)
CONTENT = load()
#: Saturday, 28 November 2026, 01:07 UTC.
SEVEN_PAST = 1795828020


def titled(name: str, title: str, channel: str = "phone", zone: str = "CET", **given: object) -> Series:
    """An open contact point in Berlin whose source is read."""
    here = {"channel": channel, "contact_point": name}
    point = W.point(name, channel, team="", **given)  # type: ignore[arg-type]
    facts = {key: value for key, value in point.items() if "contactpoint_info" not in key}
    return {
        **W.daemon(),
        **W.source(),
        **facts,
        **ours("info", W.constant(1), **here, timezone="Europe/Berlin", title=title),
        **(ours("utc_offset_seconds", W.constant(3600), **here, zone=zone) if zone else {}),
    }


def burning() -> Series:
    """From 00:41 to 01:00 there are 115 callers, of whom 64 wait too long: 44 of the first 90, 20 of the last 25."""
    late = [3] * 14 + [2] + [4] * 5
    return {
        **titled("billing-line", "Billing line", objectives={"long_wait": 0.8}, limits={"long_wait": 20}),
        **W.verdicts(
            "long_wait",
            lambda step: (6 if step <= 55 else 5) if 40 < step <= 60 else 0,
            lambda step: late[step - 41] if 40 < step <= 60 else 0,
            name="billing-line",
        ),
    }


def on_hold(title: str, zone: str = "CET") -> Series:
    waits = W.waits("hold", "1x90", "1560x90", f"{SEVEN_PAST}x90", name="billing-line")
    return {**titled("billing-line", title, zone=zone, limits={"long_hold": 120}), **waits}


def letters() -> Series:
    mail = {"name": "info-mail", "channel": "email"}
    here = {"channel": "email", "contact_point": "info-mail", "wait": "reply"}
    return {
        **titled(**mail, title="Info mail", limits={"late_reply": 14400}),
        **W.waits("reply", "7x90", "86400x90", f"{SEVEN_PAST}x90", overdue="2x90", due=f"{SEVEN_PAST + 3600}x90", **mail),
        **ours("due_soon", "2x90", **here),
    }


def broken_promise() -> Series:
    """Two promises of an e-mail; the newer was broken forty minutes of opening time ago."""
    mail = {"name": "info-mail", "channel": "email"}
    here = {"channel": "email", "contact_point": "info-mail"}
    return {
        **titled(**mail, title="Info mail"),
        **W.waits("promise", "2x90", "86400x90", f"{SEVEN_PAST}x90", overdue="2x90", **mail),
        **ours("newest_broken_promise_business_seconds", "2400x90", **here),
    }


def late_letters() -> Series:
    """Eight of 25 first replies took too long. Wilson: (8 + 1.3448 - 1.64 * sqrt(8 * 17 / 25 + 0.6724)) / 27.6896 = 0.191."""
    mail = {"name": "info-mail", "channel": "email"}
    return {
        **titled(**mail, title="Info mail", objectives={"late_reply": 0.95}, limits={"late_reply": 14400}),
        **W.verdicts(
            "late_reply", lambda step: int(30 < step <= 55), lambda step: int(30 < step <= 54 and step % 3 == 0), **mail
        ),
    }


def silent_source() -> Series:
    stuck = W.source(watermark="0+60x20 1200x70")
    return {**titled("billing-line", "Billing line"), **titled("sales-line", "Sales line"), **stuck}


ON_HOLD = (
    "A customer has been on hold for 26 min, since {}; on hold now: 1. The limit is 2 min. "
    "First: ask whoever has the call to take it up, or to call back."
)
GOLDEN = [
    (
        "ContactPointFastBurn", burning(), "60m",
        "Billing line: callers wait too long",
        "64 of 115 callers waited over 20 s in the last 20 minutes; 20 % are allowed. "
        "First: put more people on the line, or tell callers how long it takes and offer to call back.",
    ),
    (
        "ContactPointHoldTooLong", on_hold("Billing line"), "10m",
        "Billing line: a customer is on hold far too long", ON_HOLD.format("Sat 28 Nov 02:07 CET"),
    ),
    (
        "ContactPointHoldTooLong", on_hold('Caf\u00e9 "A" & {{ $labels.job }}', "+0530"), "10m",
        'Caf\u00e9 "A" & {{ $labels.job }}: a customer is on hold far too long', ON_HOLD.format("Sat 28 Nov 02:07 +0530"),
    ),
    (
        "ContactPointHoldTooLong", on_hold("", ""), "10m",
        "billing-line: a customer is on hold far too long", ON_HOLD.format("Sat 28 Nov 01:07 UTC"),
    ),
    (
        "ContactPointReplyVeryLate", letters(), "10m",
        "Info mail: a message has stayed unanswered for days",
        "The oldest unanswered message has waited 3 opening days, since Sat 28 Nov 02:07 CET; messages over their limit: 2. "
        "First: answer the oldest, or tell its writer when you will.",
    ),
    (
        "ContactPointDueSoon", letters(), "10m",
        "Info mail: customers are about to wait over the limit",
        "Customers whose limit falls within the warning time (warn_before): 2, the first Sat 28 Nov 03:07 CET. "
        "First: take these before anything newer.",
    ),
    (
        "ContactPointPromiseBroken", broken_promise(), "10m",
        "Info mail: a promise made by e-mail was not kept",
        "Promises made by e-mail that are past their moment and not kept yet: 2; the newest for 40 min of opening time, "
        "the oldest open one was made Sat 28 Nov 02:07 CET. First: keep them, or tell the customers when you will.",
    ),
    (
        "ContactPointSlowBurn", late_letters(), "75m",
        "Info mail: first replies come too late",
        "8 of 25 first replies took over 4 h in the last six hours; 5 % are allowed. First: look at the oldest ones on its page.",
    ),
    (
        "ContactPointSourceBlind", silent_source(), "60m",
        "pbx: this source cannot be read",
        "pbx (asterisk) feeds 2 contact points. Nothing has been seen of it since Thu 1 Jan 00:20 UTC (40 min). "
        "Customers may be waiting there unseen; alerts about them stay as they were. "
        "First: see the page of sources for the reason.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("alert", "series", "at", "subject", "sentence"), GOLDEN)
def test_what_is_read_at_night(alert: str, series: Series, at: str, subject: str, sentence: str, tmp_path: Path) -> None:
    test = {
        "rule_files": [str(RULES)],
        "group_eval_order": [group["name"] for group in CONTENT["groups"]],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": [{"eval_time": at, "alertname": alert, "exp_alerts": []}],
            }
        ],
    }
    path = tmp_path / "texts.yml"
    path.write_text(yaml.safe_dump(test, allow_unicode=True), encoding="utf-8")
    done = subprocess.run([require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, timeout=60)
    # promtool compares whole alerts, links and labels too; what it got stands in its answer, quoted as Go does
    [found] = re.findall(r"Annotations:\{(.*)\}", done.stdout + done.stderr)
    told = {key: json.loads(text) for key, text in re.findall(r'(summary|description)=("(?:[^"\\]|\\.)*")', found)}
    assert told == {"summary": subject, "description": sentence}
