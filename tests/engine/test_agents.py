"""Who could answer: told by a batch, shown while its source is up, stored nowhere."""

from datetime import timedelta

from monitor.connector import Batch
from monitor.domain.snapshot import Snapshot
from monitor.errors import TransientError
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event

ONE_READY = {"ready": 1, "busy": 0, "paused": 0, "away": 0}
POINTS = {"desk": {"source": "pbx", "channel": "phone"}}


def live(place: str = "name:desk", **agents: int) -> Batch:
    """A batch of a live source that tells who could answer at one place."""
    return Batch(live_lag=timedelta(0), agents={place: agents})


def agents(snapshot: Snapshot) -> dict[str, object]:
    return {name: state.agents for name, state in snapshot.points.items() if state.agents is not None}


async def shown(
    *steps: Batch | Exception, contact_points: object = POINTS, is_live: bool = True, **keys: object
) -> dict[str, object]:
    """What is shown after these batches."""
    clock = FakeClock(NINE)
    connector = ScriptedConnector(clock, [Batch([event("a", "queued", -60)]), *steps], live=is_live)
    async with RunningDaemon(clock, {"pbx": connector}, contact_points=contact_points, **keys) as daemon:
        await clock.advance(1)
        return agents(daemon.snapshot())


async def test_it_is_shown_with_every_state() -> None:
    assert await shown(live(ready=1)) == {"desk": ONE_READY}


async def test_a_place_without_anybody_shows_zeros() -> None:
    assert await shown(live()) == {"desk": {**ONE_READY, "ready": 0}}


async def test_who_does_not_tell_shows_nothing() -> None:
    assert await shown(Batch(live_lag=timedelta(0))) == {}


async def test_no_news_leaves_what_was_told_and_news_take_its_place() -> None:
    assert await shown(live(ready=1), Batch(live_lag=timedelta(0))) == {"desk": ONE_READY}
    assert await shown(live(paused=4), live(ready=1)) == {"desk": ONE_READY}


async def test_a_place_that_is_told_of_no_longer_is_not_known() -> None:
    assert await shown(live(ready=1), Batch(live_lag=timedelta(0), agents={})) == {}


async def test_agents_bring_no_contact_point_into_being() -> None:
    assert await shown(live("name:unheard-of", ready=1)) == {}


async def test_a_discovered_contact_point_has_them_too() -> None:
    assert await shown(live(ready=1), contact_points={}) == {"desk": ONE_READY}


async def test_what_several_places_share_has_no_figure() -> None:
    undiscovered = {"pbx": {"type": "events", "poll_every": "10s", "discover": False}}
    assert await shown(live(ready=1), contact_points={}, sources=undiscovered) == {}


async def test_a_lost_connection_takes_them_away_until_it_tells_again() -> None:
    clock = FakeClock(NINE)
    cut = TransientError("connection refused", retry_after=5)
    connector = ScriptedConnector(clock, [live(ready=1), at(10), cut], [live(paused=1)], live=True)
    async with RunningDaemon(clock, {"pbx": connector}, contact_points=POINTS) as daemon:
        await clock.advance(9)
        assert agents(daemon.snapshot()) == {"desk": ONE_READY}
        await clock.advance(2)
        assert agents(daemon.snapshot()) == {}
        assert daemon.live_state.sources["pbx"].agents is None
        await clock.advance(30)
        assert agents(daemon.snapshot()) == {"desk": {**ONE_READY, "ready": 0, "paused": 1}}


async def test_a_new_read_that_does_not_tell_shows_nothing_of_the_old_one() -> None:
    clock = FakeClock(NINE)
    cut = TransientError("connection refused", retry_after=5)
    connector = ScriptedConnector(clock, [live(ready=1), at(10), cut], [Batch(live_lag=timedelta(0))], live=True)
    async with RunningDaemon(clock, {"pbx": connector}, contact_points=POINTS) as daemon:
        await clock.advance(60)
        assert daemon.snapshot().points["desk"].running is not None
        assert agents(daemon.snapshot()) == {}


async def test_of_a_polled_source_they_stay_from_one_poll_to_the_next_while_it_works() -> None:
    clock = FakeClock(NINE)
    cut = TransientError("connection refused", retry_after=100)
    polled = Batch(watermark=NINE, agents={"name:desk": {"ready": 1}})
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [polled], [], [cut])}, contact_points=POINTS) as daemon:
        await clock.advance(11.5)
        assert agents(daemon.snapshot()) == {"desk": ONE_READY}
        await clock.advance(30)
        assert agents(daemon.snapshot()) == {}
