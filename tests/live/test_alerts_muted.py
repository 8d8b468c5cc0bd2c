"""What waits for the morning: alerts as Prometheus posts them, given to a real Alertmanager while the office is closed or closes.

Routing is the committed one with its time made short (tests/live/alert_stack.py); only the office hours are the test's.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.live.alert_stack import next_minute, noon, quick_routing
from tests.live.test_alerts_inhibited import ELSEWHERE, HERE, PBX, posted
from tests.servers.alertmanager import Alertmanager
from tests.servers.webhook import Webhook

#: Two group intervals of the example (5 min) at a sixtieth, and a second.
TWO_INTERVALS = 11.0
LETTER = posted("ContactPointReplyVeryLate", "warning", "customer", wait="reply", **ELSEWHERE)
CALL_BACKS = posted("ContactPointSlowBurn", "warning", "customer", signal="missed_callback", **HERE)
CALLERS = posted("ContactPointFastBurn", "critical", "customer", signal="long_wait", **HERE)
HOLD = posted("ContactPointHoldTooLong", "warning", "customer", signal="long_hold", **HERE)
BLIND = posted("ContactPointSourceBlind", "critical", "source", **PBX)
CLOCK = posted("ContactPointSourceClockSkew", "warning", "source", source="mail", kind="imap")
TREND = posted("ContactPointObjectiveTrend", "info", "customer", signal="late_reply", **ELSEWHERE)


def routing(webhook: Webhook, *hours: tuple[datetime | None, datetime | None]) -> dict[str, Any]:
    """The office is open from the first to the second moment of each, today; None: from its beginning, to its end."""
    zone, ahead = noon(datetime.now(UTC))

    def clock(moment: datetime | None, otherwise: str) -> str:
        return otherwise if moment is None else f"{moment + ahead:%H:%M}"

    times = [{"start_time": clock(since, "00:00"), "end_time": clock(until, "24:00")} for since, until in hours]
    spans = [{"times": times, "location": zone}]
    return quick_routing(webhook.address) | {"time_intervals": [{"name": "opening-hours", "time_intervals": spans}]}


async def until(moment: datetime, seconds_later: float) -> None:
    await asyncio.sleep((moment - datetime.now(UTC)).total_seconds() + seconds_later)


def ended(alert: dict[str, Any]) -> dict[str, Any]:
    return alert | {"endsAt": "2026-01-01T00:00:00Z", "startsAt": "2025-12-31T00:00:00Z"}


@pytest.mark.waits(95)
async def test_letters_and_machines_wait_for_the_morning_and_people_do_not() -> None:
    opens = next_minute(TWO_INTERVALS + 5)
    async with Webhook() as webhook, Alertmanager(routing(webhook, (opens, None))) as alertmanager:
        await alertmanager.post([LETTER, CALL_BACKS, CALLERS, HOLD, BLIND, CLOCK, TREND])

        def told() -> set[tuple[str, str]]:
            return {(each.receiver, each.name) for each in webhook.news if each.receiver != "nobody"}

        await until(opens, -1)
        at_night = {
            ("control-room-urgent", "ContactPointFastBurn"),
            ("control-room", "ContactPointHoldTooLong"),
            ("on-call", "ContactPointSourceBlind"),
        }
        assert told() == at_night
        await until(opens, TWO_INTERVALS)
        assert told() == at_night | {
            ("control-room", "ContactPointReplyVeryLate"),
            ("control-room", "ContactPointSlowBurn"),
            ("on-call", "ContactPointSourceClockSkew"),
        }
        assert webhook.repeats == []


@pytest.mark.waits(140)
async def test_what_ends_at_night_is_not_said_to_have_ended_and_is_no_news_in_the_morning() -> None:
    closes = next_minute(10)
    opens = closes + timedelta(minutes=1)
    async with Webhook() as webhook, Alertmanager(routing(webhook, (None, closes), (opens, None))) as alertmanager:
        await alertmanager.post([LETTER | {"startsAt": "2025-12-31T00:00:00Z"}])
        await webhook.until("ContactPointReplyVeryLate", "info-mail", within=9)
        await until(closes, 1)
        await alertmanager.post([ended(LETTER)])
        await until(opens, TWO_INTERVALS)
        assert [each.status for each in webhook.news] == ["firing"]
        assert webhook.repeats == []
