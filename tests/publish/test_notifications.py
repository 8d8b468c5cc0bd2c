"""Receivers of notifications, as they are shown."""

from dataclasses import replace
from typing import Any

from monitor.domain.snapshot import ReceiverState
from monitor.publish.metrics import families
from tests.publish.snapshots import snapshot

SENT = ("notifications_total", ("ops", "sent"))


def samples(*receivers: str, totals: Any = None) -> dict[tuple[str, str], float]:
    shot = replace(snapshot(totals=totals or {}), receivers={name: ReceiverState(None) for name in receivers})
    [family] = [each for each in families(shot) if each.name == "contactpoint_notifications"]
    return {(each.labels["receiver"], each.labels["outcome"]): each.value for each in family.samples}


def test_without_receivers_there_are_no_series() -> None:
    assert samples() == {}


def test_every_outcome_of_a_receiver_begins_at_zero_and_a_receiver_that_is_gone_stays() -> None:
    assert samples("ops", "night", totals={SENT: 3.0, ("notifications_total", ("old", "sent")): 9.0}) == {
        ("ops", "sent"): 3.0,
        ("ops", "failed"): 0.0,
        ("ops", "missed"): 0.0,
        ("night", "sent"): 0.0,
        ("night", "failed"): 0.0,
        ("night", "missed"): 0.0,
        ("old", "sent"): 9.0,
    }
