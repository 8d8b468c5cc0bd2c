"""What the committed routing holds back: alerts as Prometheus posts them, given to a real Alertmanager."""

import asyncio
from typing import Any

import pytest

from tests.live.alert_stack import quick_routing
from tests.servers.alertmanager import Alertmanager


def posted(name: str, severity: str, family: str, **labels: str) -> dict[str, Any]:
    return {"labels": {"alertname": name, "severity": severity, "family": family, "job": "monitor", **labels}}


HERE = {"channel": "phone", "contact_point": "support-line", "team": "desk"}
ELSEWHERE = {"channel": "email", "contact_point": "info-mail", "team": "desk"}
PBX = {"source": "pbx", "kind": "asterisk"}
#: Each pair: what silences, and what is silenced by it.
SILENCED = {
    "a source that is blind is not said to be down as well": (
        posted("ContactPointSourceBlind", "critical", "source", **PBX),
        posted("ContactPointSourceDown", "warning", "source", **PBX),
    ),
    "what lingers of a contact point that is blind": (
        posted("ContactPointBlind", "info", "customer", **HERE),
        posted("ContactPointFastBurn", "critical", "customer", signal="long_wait", **HERE),
    ),
    "customers, while the monitor is down": (
        posted("ContactPointMonitorDown", "critical", "monitor", instance="a"),
        posted("ContactPointHoldTooLong", "warning", "customer", signal="long_hold", **HERE),
    ),
    "sources, while there is no monitor": (
        posted("ContactPointMonitorAbsent", "critical", "monitor"),
        posted("ContactPointSourceAuthRefused", "warning", "source", **PBX),
    ),
    "the milder of two about one signal": (
        posted("ContactPointFastBurn", "critical", "customer", signal="long_wait", **HERE),
        posted("ContactPointSlowBurn", "warning", "customer", signal="long_wait", **HERE),
    ),
}
NOT_SILENCED = {
    "another source is down for reasons of its own": (
        posted("ContactPointSourceBlind", "critical", "source", **PBX),
        posted("ContactPointSourceDown", "warning", "source", source="mail", kind="imap"),
    ),
    "a refused login is why a source is blind": (
        posted("ContactPointSourceBlind", "critical", "source", **PBX),
        posted("ContactPointSourceAuthRefused", "warning", "source", **PBX),
    ),
    "another contact point is seen": (
        posted("ContactPointBlind", "info", "customer", **HERE),
        posted("ContactPointReplyVeryLate", "warning", "customer", **ELSEWHERE),
    ),
    "another signal at the same contact point": (
        posted("ContactPointQueueUnanswered", "critical", "customer", signal="long_wait", **HERE),
        posted("ContactPointHoldTooLong", "warning", "customer", signal="long_hold", **HERE),
    ),
    "a store that fails explains no other warning, though both name no contact point": (
        posted("ContactPointStoreFailing", "critical", "monitor"),
        posted("ContactPointConfigReloadFailed", "warning", "monitor"),
    ),
}


@pytest.mark.parametrize(
    ("pair", "silent"),
    [pytest.param(pair, True, id=name) for name, pair in SILENCED.items()]
    + [pytest.param(pair, False, id=name) for name, pair in NOT_SILENCED.items()],
)
async def test_what_one_alert_says_about_another_s_need_to_be_heard(
    pair: tuple[dict[str, Any], dict[str, Any]], silent: bool
) -> None:
    louder, quieter = pair
    async with Alertmanager(quick_routing("127.0.0.1:9")) as alertmanager:
        await alertmanager.post((louder, quieter))
        for _ in range(50):  # what an alert silences it learns beside taking it in
            states = {each["labels"]["alertname"]: each["status"] for each in await alertmanager.alerts()}
            if not silent or states[quieter["labels"]["alertname"]]["inhibitedBy"]:
                break
            await asyncio.sleep(0.1)
    assert not states[louder["labels"]["alertname"]]["inhibitedBy"]
    assert bool(states[quieter["labels"]["alertname"]]["inhibitedBy"]) == silent
