"""The state in the store: what another release wrote is taken as far as it is understood."""

import json

import pytest

from monitor.notify.stored import milestones, packed, unpacked
from monitor.notify.values import State
from tests.notify.watch import Watch, line
from tests.publish.snapshots import waits


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"alerts": 3}', '{"alerts": [[["ContactPointHoldTooLong"], {}]]}'])
def test_what_cannot_be_read_is_an_empty_state(text: str | None) -> None:
    assert unpacked(text) == State()


def test_an_alert_that_this_release_does_not_know_is_left_out() -> None:
    watch = Watch()
    watch.pass_time(60, line(holds=waits(1, 1, 241)))
    kept = json.loads(packed(watch.state))
    kept["alerts"].append([["ContactPointOfTomorrow", "phone", "billing", ""], kept["alerts"][0][1]])
    kept["tomorrow"] = True
    assert unpacked(json.dumps(kept)) == watch.state


def test_words_and_budgets_are_no_milestone_but_being_told_is() -> None:
    watch = Watch()
    watch.pass_time(35, line(holds=waits(1, 1, 241)))
    before = milestones(watch.state)
    watch.pass_time(5, line(holds=waits(1, 1, 9000)))
    assert milestones(watch.state) == before
    watch.pass_time(5, line(holds=waits(1, 1, 9000)))
    assert len(watch.sent) == 1
    assert milestones(watch.state) != before
