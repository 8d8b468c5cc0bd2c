"""The messages of the Alertmanager example as people get them, rendered by Alertmanager itself, against files written by hand.

A real Alertmanager sends to loopback with the receivers of the example; only their addresses and keys are replaced. Teams wants a
newer one than Debian's: its text is rendered by amtool from the same data.
"""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.publish.rules.alertmanager_example import TEMPLATE, example_in_full
from tests.servers.alertmanager import Alertmanager
from tests.servers.message_sink import MessageSink
from tests.servers.requirement import require

GOLDEN = Path(__file__).parent / "messages"
BEGAN, ENDED = "2025-07-15T08:14:00Z", "2025-07-15T09:02:00Z"
BOARD = "https://grafana.shop.de/d/contactpoint-detail?var-channel=phone&var-contact_point=billing-line"

Alert = dict[str, Any]


def alert(name: str, severity: str, summary: str, description: str, page: str, *, board: str = "", **labels: str) -> Alert:
    """An alert as Prometheus posts it."""
    links = {"page_url": f"https://monitor.shop.de/{page}"} | ({"dashboard_url": board} if board else {})
    links |= {"runbook_url": f"https://wiki.shop.de/runbooks/{name}.md"} if name != "Hostile" else {}
    return {
        "labels": {"alertname": name, "severity": severity, **labels},
        "annotations": {"summary": summary, "description": description, **links},
        "startsAt": BEGAN,
    }


def ended(firing: Alert) -> Alert:
    return firing | {"endsAt": ENDED}


BILLING = {"channel": "phone", "contact_point": "billing-line", "family": "customer", "team": "desk"}
CALLERS = alert(
    "ContactPointFastBurn",
    "critical",
    "Billing line: callers wait too long",
    "64 of 115 callers waited over 20 s in the last 20 minutes; 20 % are allowed. First step: see on the page who is logged in.",
    "contact-points/billing-line",
    board=BOARD,
    signal="long_wait",
    **BILLING,
)
HOLD = alert(
    "ContactPointHoldTooLong",
    "warning",
    "Billing line: a customer is on hold far too long",
    "On hold for 7 min; 2 min are allowed. First step: ask the team whether the customer is forgotten.",
    "contact-points/billing-line",
    board=BOARD,
    signal="long_hold",
    **BILLING,
)
BLIND = [
    alert(
        "ContactPointSourceBlind",
        "critical",
        f"{name}: cannot be read",
        "Nothing has been seen of it since Tue 15 Jul 09:10 BST. First step: read the error on the page of sources.",
        "sources",
        family="source",
        source=name,
        kind="asterisk",
    )
    for name in ("mail", "pbx-north")
]
HOSTILE = alert(
    "Hostile",
    "warning",
    "R&D <!channel> *line*: callers wait",
    "At R&D <!channel> [3](x) callers wait.",
    "contact-points/R%26D",
    contact_point="R&D",
)

#: What is posted one after the other; the message that follows the last of it is looked at.
SCENARIOS: Mapping[str, Sequence[Sequence[Alert]]] = {
    "one": [[CALLERS]],
    "two": [[CALLERS, HOLD]],
    "resolved": [[CALLERS], [ended(CALLERS)]],
    "mixed": [[CALLERS, HOLD], [ended(HOLD)]],
    "sources": [BLIND],
    "hostile": [[HOSTILE]],
}


def config(sink: MessageSink) -> dict[str, Any]:
    """A receiver for each scenario, with the chat, the pager and the mail of the example."""
    example = {receiver["name"]: receiver for receiver in example_in_full()["receivers"]}
    [slack], [pager] = example["control-room"]["slack_configs"], example["on-call"]["pagerduty_configs"]
    [mail] = example["on-call"]["email_configs"]
    slack.pop("api_url_file")
    pager.pop("routing_key_file")
    receivers = [
        {
            "name": name,
            "slack_configs": [slack | {"api_url": f"http://{sink.http}/slack/{name}"}],
            "pagerduty_configs": [pager | {"routing_key": "key", "url": f"http://{sink.http}/pager/{name}"}],
            "email_configs": [mail | {"to": f"{name}@shop.de"}],
        }
        for name in SCENARIOS
    ]
    return {
        "global": {"smtp_smarthost": sink.smtp, "smtp_from": "monitor@shop.de", "smtp_require_tls": False},
        "templates": [str(TEMPLATE)],
        "route": {
            "receiver": "one",
            "group_by": ["scenario"],
            "group_wait": "200ms",
            "group_interval": "500ms",
            "routes": [{"matchers": [f'scenario="{name}"'], "receiver": name} for name in SCENARIOS],
        },
        "receivers": receivers,
    }


def posted(scenario: str, alerts: Sequence[Alert]) -> list[Alert]:
    return [each | {"labels": each["labels"] | {"scenario": scenario}} for each in alerts]


def as_slack(message: Mapping[str, Any]) -> str:
    [said] = message["attachments"]
    assert said["fallback"] == said["title"]
    return f"title: {said['title']}\nlink: {said['title_link']}\ncolor: {said['color']}\n{said['text']}"


def as_pager(message: Mapping[str, Any]) -> str:
    said = message["payload"]
    links = "\n".join(f"{link['text']}: {link['href']}" for link in message["links"])
    firing, resolved = ((said["custom_details"][key] or "").strip() for key in ("firing", "resolved"))  # newer: null for nothing
    head = f"{message['event_action']}, {said['severity']}\n{said['summary']}\n{links}"
    return f"{head}\n-- firing\n{firing}\n-- resolved\n{resolved}"


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def by_amtool(name: str, message: Mapping[str, Any], directory: Path) -> str:
    data = directory / "data.json"
    data.write_text(json.dumps(message))
    command = [require("amtool"), "template", "render", f"--template.glob={TEMPLATE}", f"--template.data={data}"]
    command.append(f'--template.text={{{{ template "{name}" . }}}}')
    environment = os.environ | {"TZ": "Europe/London"}
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment).stdout


def as_teams(alerts: Sequence[Alert], directory: Path) -> str:
    """Title and text, with the data that Alertmanager would make of these alerts."""
    shown = [each | {"status": "resolved" if "endsAt" in each else "firing"} for each in alerts]

    def common(kind: str) -> dict[str, str]:
        return dict(set.intersection(*(set(each[kind].items()) for each in shown)))

    message = {
        "status": "firing" if any(each["status"] == "firing" for each in shown) else "resolved",
        "alerts": shown,
        "commonLabels": common("labels"),
        "commonAnnotations": common("annotations"),
    }
    title, text = (by_amtool(f"contact-monitor.{each}", message, directory) for each in ("title", "teams.text"))
    return f"{title}\n{text}"


def final(steps: Sequence[Sequence[Alert]]) -> list[Alert]:
    """The alerts as the last message shows them."""
    latest = {each["labels"]["alertname"] + each["labels"].get("source", ""): each for step in steps for each in step}
    return list(latest.values())


def received(sink: MessageSink, name: str) -> int:
    """How many messages of a scenario have come on every way."""
    ways = (sink.posted.get(f"slack/{name}"), sink.posted.get(f"pager/{name}"), sink.mailed.get(f"{name}@shop.de"))
    return min(len(way or ()) for way in ways)


def all_have(sink: MessageSink, scenarios: Iterable[str], count: int) -> bool:
    return all(received(sink, name) >= count for name in scenarios)


async def test_messages_are_what_people_were_promised(tmp_path: Path) -> None:
    async with MessageSink() as sink, Alertmanager(config(sink)) as alertmanager:
        for number in range(2):
            waiting = {name: steps for name, steps in SCENARIOS.items() if len(steps) > number}
            await alertmanager.post(each for name, steps in waiting.items() for each in posted(name, steps[number]))
            await sink.until(partial(all_have, sink, waiting, number + 1))
    for name, steps in SCENARIOS.items():
        mail = sink.mailed[f"{name}@shop.de"][-1]
        found = {
            "slack": as_slack(sink.posted[f"slack/{name}"][-1]),
            "pagerduty": as_pager(sink.posted[f"pager/{name}"][-1]),
            "mail": f"Subject: {mail['Subject']}\n{part(mail, 'plain')}",
            "mail as a page": part(mail, "html"),
            "teams": as_teams(final(steps), tmp_path),
        }
        for section, expected in golden(name).items():
            assert found[section].strip() == expected, f"{name}, {section}"


def golden(scenario: str) -> dict[str, str]:
    """Section -> text."""
    sections = (GOLDEN / f"{scenario}.txt").read_text(encoding="utf-8").split("== ")[1:]
    return {head: text.strip() for head, _, text in (section.partition("\n") for section in sections)}


def test_every_file_of_messages_is_compared() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(SCENARIOS)
    assert {section for name in SCENARIOS for section in golden(name)} == {
        "slack", "pagerduty", "mail", "mail as a page", "teams"
    }  # fmt: skip


@pytest.mark.parametrize("channel", ["text", "slack.text", "teams.text", "email.html"])
def test_sixty_alerts_are_cut_and_say_so(channel: str, tmp_path: Path) -> None:
    alerts = [HOLD | {"labels": HOLD["labels"] | {"number": str(number)}, "status": "firing"} for number in range(60)]
    message = {"status": "firing", "alerts": alerts, "commonLabels": BILLING, "commonAnnotations": HOLD["annotations"]}
    text = by_amtool(f"contact-monitor.{channel}", message, tmp_path)
    assert text.count(HOLD["annotations"]["description"]) == 10
    assert "60 in all; ten of a kind are shown." in text
    title = by_amtool("contact-monitor.title", message, tmp_path)
    assert title == "FIRING: Billing line: a customer is on hold far too long (60 alerts)"


def test_an_alert_without_our_texts_still_says_its_name(tmp_path: Path) -> None:
    message = {"status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "DiskFull"}, "annotations": {}}]}
    assert by_amtool("contact-monitor.title", message, tmp_path) == "FIRING: DiskFull"
    for channel in ("text", "slack.text", "teams.text"):
        assert by_amtool(f"contact-monitor.{channel}", message, tmp_path).strip() == ""
