"""The static facts of a contact point, as a snapshot shows them."""

from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon


async def test_a_signal_that_is_switched_off_has_neither_objective_nor_limit() -> None:
    clock = FakeClock(NINE)
    daemon = RunningDaemon(
        clock,
        {"pbx": ScriptedConnector(clock)},
        country="DE",  # a ring every 5 s
        policies={"default": {"long_hold": False, "long_wait": {"after": "30s", "objective": "70%"}}},
        contact_points={"line": {"source": "pbx", "channel": "phone"}},
    )
    await daemon.generation.start()
    info = daemon.snapshot().points["line"].info
    daemon.coordinator.release()
    assert set(info.objectives) == {
        "slow_answer", "long_wait", "turned_away", "abandoned", "missed_callback", "handed_on", "slipped_promise",
    }  # fmt: skip
    assert info.objectives["long_wait"] == 0.7
    # the fifth ring begins after four; abandons and moves have no limit, a promise's is its own moment
    assert info.limit_seconds == {"slow_answer": 20.0, "long_wait": 30.0, "missed_callback": 4 * 3600.0, "slipped_promise": 0.0}
