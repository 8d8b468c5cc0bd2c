"""Nobody is told that it is over because nobody can see it any more, and one trouble is one message.

A real daemon, Prometheus with the committed rules, Alertmanager with the shipped example, and whoever is on call.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.live.alert_stack import Pusher, Stack, alert_stack, next_minute, noon
from tests.servers.webhook import Notification

#: As long as an alert may linger (30 min in the rules) and two group intervals of the example (5 min), at a sixtieth.
WATCHED_SECONDS = 42.0
CALLED_AGO = 700
LINES = [f"line-{number:02}" for number in range(60)]
BUSY = LINES[:3]


def caller(line: str, number: int, verb: str, *rest: str, ago: int = 0) -> str:
    """A line of queue_log about one of the callers of a line."""
    agent = "NONE" if verb == "ENTERQUEUE" else "PJSIP/100"
    return "|".join((str(int(time.time()) - ago), f"{line}-{number}", line, agent, verb, *rest)) + "\n"


def sixty_lines(log: Path) -> dict[str, Any]:
    """Sixty lines of one telephone system, where waiting for a second is too long."""
    return {
        "sources": {"pbx": {"type": "queue_log", "path": str(log)}},
        "contact_points": {line: {"source": "pbx", "queue": line, "policy": "quick", "title": f"Title {line}"} for line in LINES},
        "policies": {"quick": {"long_wait": {"after": "1s"}}},
    }


def people_told(stack: Stack, status: str) -> list[Notification]:
    """What was said to people about customers."""
    return [
        each
        for each in stack.webhook.news
        if each.receiver != "nobody" and each.status == status and each.labels["family"] == "customer"
    ]


async def until_told_of(stack: Stack, points: Iterable[str]) -> None:
    """Returns once people have been told of something at each of these contact points."""
    wanted = set(points)

    def told() -> bool:
        return wanted <= {each.subject for each in people_told(stack, "firing")}

    await stack.webhook.until_news(told, f"word about {sorted(wanted)}")


async def worst_moment() -> None:
    """After a message: a moment at which what vanishes is looked at by Alertmanager (group_interval: 5 s) before Prometheus can
    know why it vanished (two or three seconds and two scrapes)."""
    await asyncio.sleep(2.4)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two callers have waited for more than ten minutes on each busy line."""
    path = tmp_path / "queue_log"
    path.write_text(
        "".join(caller(line, number, "ENTERQUEUE", "", f"555{number}", "1", ago=CALLED_AGO) for line in BUSY for number in (1, 2))
    )
    return path


@pytest.mark.waits(80)
async def test_a_monitor_that_is_killed_ends_no_alert_and_answered_callers_do(tmp_path: Path, log: Path) -> None:
    async with alert_stack(tmp_path, sixty_lines(log), [("phone", line) for line in LINES]) as stack:
        await until_told_of(stack, BUSY)
        await worst_moment()
        await stack.daemon.kill()
        await stack.webhook.until("ContactPointMonitorDown")
        await asyncio.sleep(WATCHED_SECONDS)
        assert people_told(stack, "resolved") == []
        assert stack.webhook.messages.count("on-call") == 1

        await stack.daemon.start()
        await stack.webhook.until("ContactPointMonitorDown", status="resolved")
        await stack.prometheus.scraped_since(time.time() + 3)  # seconds in which alerts can begin again
        with log.open("a") as lines:
            lines.writelines(caller(line, number, "CONNECT", "700", "x", "2") for line in BUSY for number in (1, 2))
        await stack.webhook.until_news(
            lambda: {each.subject for each in people_told(stack, "resolved")} == set(BUSY), "end that was earned", within=90.0
        )


@pytest.mark.waits(60)
async def test_a_silent_source_of_sixty_contact_points_is_one_message_and_ends_no_alert(tmp_path: Path, log: Path) -> None:
    async with alert_stack(tmp_path, sixty_lines(log), [("phone", line) for line in LINES]) as stack:
        await until_told_of(stack, BUSY)
        await worst_moment()
        before = len(stack.webhook.messages)
        await asyncio.to_thread(log.rename, log.with_name("away"))
        await stack.webhook.until("ContactPointSourceBlind", "pbx")
        await asyncio.sleep(WATCHED_SECONDS)
        assert people_told(stack, "resolved") == []
        told = [receiver for receiver in stack.webhook.messages[before:] if receiver not in ("nobody", "watchdog")]
        assert told == ["on-call"]
        blind = await stack.prometheus.query('ALERTS{alertname="ContactPointBlind",alertstate="firing"}')
        assert {labels["contact_point"] for labels, _ in blind} >= set(LINES)


def closing_soon() -> tuple[dict[str, Any], datetime]:
    """A calendar that is open every day until a minute that comes soon, where it is about noon; and that moment."""
    closes = next_minute(40)
    zone, ahead = noon(closes)
    return {"timezone": zone, "hours": {"mon-sun": f"06:00-{closes + ahead:%H:%M}"}}, closes


def on_hold() -> list[dict[str, Any]]:
    """A caller who has just been put on hold."""
    at = datetime.now(UTC).isoformat()
    about = {"contact": "h", "contact_point": "point", "channel": "phone", "at": at}
    return [about | {"kind": kind} for kind in ("queued", "answered", "held")]


def unanswered() -> list[dict[str, Any]]:
    """A letter of four days ago."""
    at = (datetime.now(UTC) - timedelta(days=4)).isoformat()
    return [{"contact": "m", "contact_point": "point", "channel": "email", "at": at, "kind": "received"}]


@pytest.mark.waits(150)
@pytest.mark.parametrize("waiting", [on_hold, unanswered])
async def test_a_desk_that_closes_ends_no_alert_about_who_still_waits(
    tmp_path: Path, waiting: Callable[[], list[dict[str, Any]]]
) -> None:
    calendar, closes = closing_soon()
    config = {
        "sources": {"desk": {"type": "events", "token": "secret"}},
        "calendars": {"office": calendar},
        "contact_points": {
            "point": {"source": "desk", "channel": waiting()[0]["channel"], "policy": "quick", "calendar": "office"}
        },
        "policies": {"quick": {"long_hold": {"after": "3s"}, "late_reply": {"after": "2s"}}},
    }
    async with alert_stack(tmp_path, config) as stack:
        await Pusher(stack.daemon.address, {"desk": "secret"}).push("desk", *waiting())
        await until_told_of(stack, ["point"])
        assert datetime.now(UTC) < closes, "the desk closed before people were told"
        await asyncio.sleep((closes - datetime.now(UTC)).total_seconds() + WATCHED_SECONDS)
        assert await stack.prometheus.query("max_over_time(contactpoint_open[5m]) == 1 and contactpoint_open == 0")
        assert people_told(stack, "resolved") == []


@pytest.mark.waits(150)
async def test_a_source_that_is_silent_when_its_desk_closes_is_not_said_to_be_back(tmp_path: Path) -> None:
    calendar, closes = closing_soon()
    config = {
        "sources": {"pbx": {"type": "queue_log", "path": str(tmp_path / "missing")}},
        "calendars": {"office": calendar},
        "contact_points": {"line": {"source": "pbx", "queue": "line", "calendar": "office"}},
    }
    async with alert_stack(tmp_path, config) as stack:
        await stack.webhook.until("ContactPointSourceBlind", "pbx")
        assert datetime.now(UTC) < closes, "the desk closed before people were told"
        await asyncio.sleep((closes - datetime.now(UTC)).total_seconds() + WATCHED_SECONDS)
        assert stack.webhook.about("ContactPointSourceBlind", "pbx", status="resolved") == []


@pytest.mark.waits(40)
async def test_an_imported_history_pages_nobody(tmp_path: Path) -> None:
    """Forty callers of this morning who waited for a minute, and a letter of last month, on a monitor that is new."""
    config = {
        "sources": {"desk": {"type": "events", "token": "secret"}},
        "contact_points": {
            "hotline": {"source": "desk", "channel": "phone"},
            "counter": {"source": "desk", "channel": "counter", "policy": "vip"},
        },
        "policies": {"vip": {"long_wait": {"after": "20s", "objective": "100%"}}},
    }
    async with alert_stack(tmp_path, config) as stack:
        desk = Pusher(stack.daemon.address, {"desk": "secret"})
        await stack.prometheus.scraped_since(time.time() + 2)
        for hours in (2, 3, 4, 5):
            await desk.push("desk", *_an_hour(datetime.now(UTC) - timedelta(hours=hours)))
            await stack.prometheus.scraped_since(time.time() + 1)
        assert await stack.prometheus.query('contactpoint_signals_total{contact_point="hotline",signal="long_wait"} == 40')
        await asyncio.sleep(WATCHED_SECONDS - 20)
        assert people_told(stack, "firing") == []


def _an_hour(begun: datetime) -> list[dict[str, Any]]:
    """Ten callers of the hotline and one visitor at the counter, all answered after a minute."""
    events = []
    for number in range(11):
        point, channel = ("counter", "counter") if number == 10 else ("hotline", "phone")
        queued = begun + timedelta(minutes=2 * number)
        for kind, seconds in (("queued", 0), ("answered", 60), ("ended", 120)):
            at = queued + timedelta(seconds=seconds)
            contact = f"{begun.isoformat()}-{number}"
            events.append({"contact": contact, "contact_point": point, "channel": channel, "kind": kind, "at": at.isoformat()})
    return events
