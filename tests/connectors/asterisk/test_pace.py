"""How long is gathered for one batch: 30 ms on a quiet line, up to 100 ms from batch to batch on a dense one."""

import pytest

from monitor.connectors._asterisk.pace import Pace


def test_on_a_quiet_line_what_arrives_is_gathered_for_30_ms() -> None:
    assert Pace().pause(50.0) == pytest.approx(0.03)


@pytest.mark.parametrize(("events", "seconds"), [(0, 0.03), (30, 0.03), (40, 0.04), (99, 0.099), (100, 0.1), (2000, 0.1)])
def test_while_more_is_told_each_event_of_a_batch_puts_the_next_one_off_by_a_millisecond(events: int, seconds: float) -> None:
    pace = Pace()
    pace.took(50.0, events, more=True)
    assert pace.pause(50.0) == pytest.approx(seconds)


def test_the_time_that_storing_takes_counts() -> None:
    pace = Pace()
    pace.took(50.0, 100, more=True)
    assert pace.pause(50.06) == pytest.approx(0.04)
    assert pace.pause(50.07) == pytest.approx(0.03)
    assert pace.pause(50.5) == pytest.approx(0.03)


def test_after_a_burst_nothing_waits_longer() -> None:
    pace = Pace()
    pace.took(50.0, 2000, more=False)
    assert pace.pause(50.0) == pytest.approx(0.03)


def test_a_line_that_falls_quiet_is_quiet_from_its_next_batch_on() -> None:
    pace = Pace()
    pace.took(50.0, 2000, more=True)
    pace.took(50.1, 3, more=False)
    assert pace.pause(50.1) == pytest.approx(0.03)
