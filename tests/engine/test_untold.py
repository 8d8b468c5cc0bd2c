"""What a source cannot tell is left out of the metrics, not shown as 0; what was counted before stays; it is logged once."""

from datetime import timedelta

import pytest

from monitor.connector import Batch, Untold
from monitor.domain.event import Event
from monitor.publish.exposition import Exposition
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event

WITHOUT_CALL = Untold(
    ("class call is missing: no rings",),
    frozenset({"ring", "hold"}),
    frozenset({"slow_answer", "long_hold"}),
    frozenset({"callback"}),
)


def live(untold: Untold | None = None, *events: Event) -> Batch:
    return Batch(events, live_lag=timedelta(0), untold=untold)


async def page(*steps: Batch) -> str:
    clock = FakeClock(NINE)
    source = ScriptedConnector(clock, [step for each in steps for step in (each, at(10))][:-1], live=True)
    async with RunningDaemon(clock, {"pbx": source}) as running:
        await clock.advance(60)
        return Exposition().render(running.snapshot())[0].decode()


CALL = [event("a", "queued", 1), event("a", "ringing", 2), event("a", "answered", 4)]
GONE = [
    'contactpoint_waiting{channel="phone",contact_point="desk",wait="hold"}',
    'contactpoint_signals_total{channel="phone",contact_point="desk",signal="long_hold"}',
    'contactpoint_assessed_total{channel="phone",contact_point="desk",signal="long_hold"}',
    'contactpoint_limit_seconds{channel="phone",contact_point="desk",signal="long_hold"}',
    'outcome="callback"',
]
STAYS = [
    'contactpoint_waiting{channel="phone",contact_point="desk",wait="queue"}',
    'contactpoint_signals_total{channel="phone",contact_point="desk",signal="long_wait"}',
]


async def test_what_it_cannot_tell_is_absent() -> None:
    shown = await page(live(None, *CALL), live(WITHOUT_CALL))
    assert [series for series in GONE if series in shown] == []
    assert [series for series in STAYS if series not in shown] == []


@pytest.mark.parametrize("steps", [[live(None, *CALL)], [live(None, *CALL), live(WITHOUT_CALL), live(Untold())]])
async def test_where_everything_is_told_nothing_is_absent(steps: list[Batch]) -> None:
    shown = await page(*steps)
    assert [series for series in [*GONE, *STAYS] if series not in shown] == []


async def test_what_was_counted_before_stays() -> None:
    shown = await page(live(None, *CALL), live(WITHOUT_CALL))
    assert 'contactpoint_assessed_total{channel="phone",contact_point="desk",signal="slow_answer"} 1' in shown


async def test_it_is_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    await page(live(None, *CALL), live(WITHOUT_CALL), live(WITHOUT_CALL), live(Untold()))
    said = capsys.readouterr()
    text = said.out + said.err
    assert text.count("class call is missing") == 1
    assert text.count("comes after all") == 1
