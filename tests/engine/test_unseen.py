"""Which weeks of a contact point were not wholly seen, as the snapshot has it without a look into the store."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.connector import Batch, Gap
from monitor.domain.event import Channel, to_micros
from monitor.engine.unseen import Unseen
from monitor.store.base import GapRow, Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event
from tests.engine.scenarios import ingest_run

CONFIGURATION: dict[str, Any] = {
    "timezone": "Europe/London",
    "calendars": {
        "office": {"hours": {"mon-fri": "09:00-17:00"}},
        "far": {"timezone": "Pacific/Auckland", "hours": {"daily": "00:00-24:00"}},
    },
    "sources": {"pbx": {"type": "events"}, "other": {"type": "events"}},
    "contact_points": {
        "always": {"source": "pbx", "channel": "phone"},
        "office": {"source": "pbx", "channel": "phone", "calendar": "office"},
        "far": {"source": "pbx", "channel": "phone", "calendar": "far"},
        "quiet": {"source": "other", "channel": "phone"},
    },
}
FED: Mapping[tuple[str, Channel], tuple[str, ...]] = {
    ("always", "phone"): ("pbx",), ("office", "phone"): ("pbx",), ("far", "phone"): ("pbx",), ("quiet", "phone"): ("other",),
}  # fmt: skip
ALL_THREE = [WEEK_43, WEEK_44, WEEK_45] = ["2026-10-19", "2026-10-26", "2026-11-02"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weeks_of(unseen: Unseen, now: datetime = NINE, blind: Mapping[str, datetime] | None = None) -> dict[str, list[str]]:
    policy = ingest_run(MemoryStore(), **CONFIGURATION).directory.look_up
    return {name: sorted(weeks) for (name, _), weeks in unseen.shown(FED, policy, now, blind or {}).items() if weeks}


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        # Wednesday noon: for all that the source feeds
        ("2026-10-21T11:00", "2026-10-21T11:01", {"always": [WEEK_43], "office": [WEEK_43], "far": [WEEK_43]}),
        # Saturday in London, when the office is closed
        ("2026-10-24T08:00", "2026-10-24T09:00", {"always": [WEEK_43], "far": [WEEK_43]}),
        # Sunday noon is Monday 1:00 in Auckland (UTC+13)
        ("2026-10-25T12:00", "2026-10-25T12:30", {"always": [WEEK_43], "far": [WEEK_44]}),
        # to the last moment of London's week of 169 hours, and beyond
        ("2026-10-25T23:00", "2026-10-26T00:00", {"always": [WEEK_43], "far": [WEEK_44]}),
        ("2026-10-25T23:00", "2026-10-26T00:01", {"always": [WEEK_43, WEEK_44], "far": [WEEK_44]}),
        # over a whole week: Friday evening to the next but one Monday morning
        ("2026-10-23T17:00", "2026-11-02T09:00", {"always": ALL_THREE, "office": [WEEK_44], "far": ALL_THREE}),
    ],
)  # fmt: skip
def test_a_gap_hides_something_of_the_weeks_in_which_somebody_may_have_come(
    since: str, until: str, found: dict[str, list[str]]
) -> None:
    unseen = Unseen()
    unseen.restore([GapRow("pbx", to_micros(moment(since)), to_micros(moment(until)))])
    assert weeks_of(unseen) == found


def test_a_source_that_cannot_be_seen_since_last_week_hides_its_end() -> None:
    """The office has opened at nine today: at 9:14 a quarter of an hour is not over yet."""
    blind = {"pbx": moment("2026-11-01T20:00")}
    now = moment("2026-11-02T09:14:59")
    assert weeks_of(Unseen(), now, blind) == {"always": [WEEK_44, WEEK_45], "far": [WEEK_45]}
    assert weeks_of(Unseen(), moment("2026-11-02T09:15"), blind)["office"] == [WEEK_45]


def test_a_gap_that_grows_is_one() -> None:
    unseen = Unseen()
    begun = moment("2026-10-25T22:00")
    unseen.add("pbx", to_micros(begun), to_micros(moment("2026-10-25T22:10")))
    assert weeks_of(unseen)["always"] == [WEEK_43]
    unseen.add("pbx", to_micros(begun), to_micros(moment("2026-10-26T02:00")))
    assert weeks_of(unseen)["always"] == [WEEK_43, WEEK_44]


def test_nothing_is_worked_out_again_as_long_as_nothing_has_changed() -> None:
    unseen, policy = Unseen(), ingest_run(MemoryStore(), **CONFIGURATION).directory.look_up
    unseen.add("pbx", to_micros(at(-86_400)), to_micros(at(-86_000)))
    shown = unseen.shown(dict(FED), policy, NINE, {})
    assert unseen.shown(dict(FED), policy, at(7200), {}) is shown
    assert unseen.shown(dict(FED), policy, at(7200), {"other": NINE}) is not shown
    unseen.add("other", to_micros(at(-60)), to_micros(NINE))
    assert unseen.shown(dict(FED), policy, at(7200), {}) is not shown


async def test_a_gap_is_in_the_snapshot_at_once_and_after_a_restart(store: Store) -> None:
    clock = FakeClock(NINE)
    told = Batch([event("a", "queued", 0)], {"n": 1}, watermark=NINE, gap=Gap(at(-8 * 86_400), at(-8 * 86_400 + 60)))
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [told])}, store) as first:
        assert dict(first.snapshot().unseen) == {("desk", "phone"): {"2026-10-19"}}  # Sunday, the 25th
    second = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store)
    await second.generation.start()
    assert dict(second.snapshot().unseen) == {("desk", "phone"): {"2026-10-19"}}
    second.coordinator.release()
