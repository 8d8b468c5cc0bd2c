"""`contact-monitor demo` as a user starts it: what a fresh store shows within a minute (contract section 1)."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.demo.contact_centre import HISTORY, SEED, ContactCentre
from monitor.demo.run import run_demo
from monitor.demo.schedule import ZONE, shift_to_open
from monitor.demo.ticket_traffic import tickets_of_day
from monitor.demo.written_traffic import mails_of_day
from tests.patience import patience
from tests.servers.ports import free_port

WITHIN_SECONDS = 60.0


#: A mail and a ticket of the first minute, which the traffic of the day does not have.
OPENING = 1
ROOT = Path(__file__).parents[2]

Metrics = Callable[..., float]


def conversations(now: datetime) -> tuple[int, int]:
    """(begun, still without a human answer) at a simulated moment, counted in the simulated traffic itself."""
    first = (now - HISTORY).astimezone(ZONE).date()
    asked: set[str] = set()
    answered: set[str] = set()
    for day in range(HISTORY.days + 1):
        for mail in mails_of_day(first + timedelta(days=day), SEED):
            if mail.at <= now and not mail.key.startswith("o"):
                name = mail.key.rsplit("-", 1)[0]
                asked.add(name)
                if mail.outgoing and mail.kind == "plain":
                    answered.add(name)
    return len(asked), len(asked - answered)


def ticket_figures(now: datetime) -> dict[str, int]:
    """Figures of the service desk at a simulated moment, counted in the simulated traffic itself."""
    first = (now - HISTORY).astimezone(ZONE).date()
    found = dict.fromkeys(("contacts", "waiting", "slipped_promise", "reopened", "passed_around", "escalated"), 0)
    for day in range(HISTORY.days + 1):
        steps = [step for step in tickets_of_day(first + timedelta(days=day), SEED) if step.at <= now]
        for number in {step.number for step in steps}:
            own = [step for step in steps if step.number == number]
            kinds = [step.kind for step in own]
            resolved = next((step.at for step in own if step.kind == "resolve"), now)
            found["contacts"] += 1
            found["waiting"] += "reply" not in kinds
            found["slipped_promise"] += any(step.due is not None and step.due < resolved for step in own)
            found["reopened"] += any(step.kind == "write" and step.at > resolved for step in own)
            found["passed_around"] += kinds.count("take") > 3  # three hand-overs, two are allowed
            found["escalated"] += "raise" in kinds
    return found


def scrape(address: str) -> Metrics | None:
    """The daemon's figures by name and labels, 0 where there is none; None while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
            families = text_string_to_metric_families(answer.read().decode())
    except OSError:
        return None
    samples = [sample for family in families for sample in family.samples]

    def value(name: str, **labels: str) -> float:
        return sum(
            each.value for each in samples if each.name == f"contactpoint_{name}" and labels.items() <= each.labels.items()
        )

    return value


def all_there(value: Metrics) -> bool:
    """Customers wait, the first signals have fallen, and every source works; the past of the tickets is read."""
    return (
        value("source_up") == 5
        and value("source_watermark_timestamp_seconds", source="helpdesk") > 0  # all tickets were read
        and value("contacts_total", contact_point="support-line", direction="inbound") > 4_000  # a fortnight
        and value("waiting", contact_point="support-line", wait="queue") >= 1
        and value("signals_total", contact_point="web-chat", signal="long_wait") >= 1
        and all(value("open", contact_point=name) == 1 for name in ("support-line", "info-mail", "service-desk", "web-chat"))
        and value("signals_total", contact_point="support-line", signal="long_wait") >= 1
        and value("signals_total", contact_point="support-line", signal="abandoned") >= 1
        and value("signals_total", contact_point="reception", signal="slow_answer") >= 1
        and value("signals_total", contact_point="info-mail", signal="late_reply") >= 1
        and value("signals_total", contact_point="service-desk") >= 1
    )


@pytest.mark.live
@pytest.mark.waits(36)
def test_a_fresh_demo_shows_waiting_customers_and_first_signals_within_a_minute(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    log = tmp_path / "log"
    before = datetime.now(UTC)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "demo", "--listen", address, "--store", f"sqlite:{tmp_path / 'demo.db'}"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    try:
        started, value = time.monotonic(), None
        while value is None or not all_there(value):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() - started < patience(WITHIN_SECONDS), log.read_text()
            time.sleep(0.2)
            value = scrape(address)
        until_now = datetime.now(UTC)
        shift = shift_to_open(before)
        at_first, now = conversations(before - shift), conversations(until_now - shift)
        assert at_first[0] <= value("contacts_total", contact_point="info-mail") <= now[0] + OPENING
        assert abs(value("waiting", contact_point="info-mail", wait="reply") - now[1]) <= abs(now[1] - at_first[1]) + OPENING
        desk_at_first, desk_now = ticket_figures(before - shift), ticket_figures(until_now - shift)
        desk = {name: value("signals_total", contact_point="service-desk", signal=name) for name in desk_now}
        desk["contacts"] = value("contacts_total", contact_point="service-desk", direction="inbound")
        desk["waiting"] = value("waiting", contact_point="service-desk", wait="reply")
        for name, figure in desk.items():
            newest = OPENING if name in ("contacts", "waiting") else 0
            assert abs(figure - desk_now[name]) <= abs(desk_now[name] - desk_at_first[name]) + newest, (name, figure, desk_now)
        assert value("source_records_rejected_total") == 0
        # Whether a customer still waited elsewhere when he came, and whether one who was lost was reached otherwise, is known
        # once both sources have read all of their two weeks.
        others = ("repeat_contact", "lost_context", "missed_callback")
        late = sum(value("signals_retracted_total", signal=each) for each in others)
        assert value("signals_retracted_total") == late
    finally:
        process.terminate()
        left = process.wait(20)
    assert left == 0, log.read_text()


async def test_an_error_in_the_simulated_traffic_ends_the_daemon_and_is_raised_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_centre: ContactCentre) -> None:
        raise RuntimeError("a bug of the demo")

    monkeypatch.setattr(ContactCentre, "wait", fail)
    with pytest.raises(RuntimeError, match="a bug of the demo"):
        await run_demo(speed=1.0, listen=f"127.0.0.1:{free_port()}", anyone=False, store="memory:")
