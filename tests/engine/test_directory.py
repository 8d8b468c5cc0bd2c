"""Which contact point a place becomes: named, discovered, clashing, too many, hostile, and after a restart."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.loading import build
from monitor.config.policies import PolicyResolver
from monitor.connector import Batch
from monitor.domain.policy import Policy
from monitor.engine.directory import MAX_DISCOVERED, OTHER, Directory, PointConfig
from monitor.errors import StoreUnavailable
from monitor.store.base import PlaceRow
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, counted, event
from tests.engine.scenarios import ingest_run


def directory(*points: PointConfig, **sources: bool) -> Directory:
    book = PolicyResolver(build({}), {})
    return Directory(points, sources or {"pbx": True, "mail": True}, {"pbx": "phone"}, book.make)


def known(found: Directory) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(config.name, channel, fed) for config, channel, fed in found.points()}


def test_a_configured_place_has_its_name_before_anything_happens() -> None:
    found = directory(PointConfig("support-line", "pbx", "queue:support"))
    assert known(found) == {("support-line", "phone", ("pbx",))}
    assert found.resolve("pbx", "queue:support", "phone") == "support-line"
    assert found.unsaved("pbx") == []


def test_a_new_place_is_named_after_itself_and_saved_once() -> None:
    found = directory()
    assert found.resolve("pbx", "queue:sales", "phone") == "sales"
    assert found.resolve("pbx", "queue:sales", "phone") == "sales"
    assert found.unsaved("pbx") == [PlaceRow("queue:sales", "sales", "phone")]
    found.saved("pbx")
    assert found.unsaved("pbx") == []
    assert known(found) == {("sales", "phone", ("pbx",))}


def test_two_sources_that_call_two_things_alike_keep_them_apart() -> None:
    found = directory()
    assert found.resolve("pbx", "queue:info", "phone") == "info"
    assert found.resolve("mail", "address:info", "email") == "mail-info"


@pytest.mark.parametrize("taken", ["info", OTHER])
def test_a_discovered_name_never_falls_onto_a_configured_one(taken: str) -> None:
    found = directory(PointConfig("info", "mail", "address:info@example.org", "email"))
    assert found.resolve("pbx", f"queue:{taken}", "phone") == f"pbx-{taken}"


def test_not_even_the_longer_name_does() -> None:
    found = directory(PointConfig("info"), PointConfig("pbx-info"))
    assert found.resolve("pbx", "queue:info", "phone") == "pbx-pbx-info"


def test_a_pushed_event_names_the_configured_point_whichever_source_it_comes_through() -> None:
    found = directory(PointConfig("support-line", "pbx", "queue:support"))
    assert found.resolve("mail", "name:support-line", "email") == "support-line"
    assert ("support-line", "email", ("mail", "pbx")) in known(found)


@pytest.mark.parametrize("nearly", ["support-line ", " support-line", "support-line\x00", "Support-Line"])
def test_nearly_the_name_is_not_the_name(nearly: str) -> None:
    found = directory(PointConfig("support-line", "pbx", "queue:support"))
    assert found.resolve("mail", f"name:{nearly}", "phone") != "support-line"


@pytest.mark.parametrize("place", ["name:.", "name:..", "queue:.", "name: .. ", "name:\u200b.\u200b"])
def test_a_step_in_an_address_is_no_contact_point(place: str) -> None:
    assert directory().resolve("pbx", place, "phone") == OTHER


@pytest.mark.parametrize("name", ["...", "../x", "a/..", "index", "%2e", "-"])
def test_what_only_looks_like_one_is(name: str) -> None:
    assert directory().resolve("pbx", f"queue:{name}", "phone") == name


def test_letters_in_parts_are_the_same_letters() -> None:
    """As a Mac writes them: the contact point is one, not two that look alike."""
    whole, parts = "M\u00fcnster", "Mu\u0308nster"
    found = directory(PointConfig(whole, "pbx", "queue:ms"))
    assert found.known("mail", f"name:{parts}") == whole
    assert found.resolve("mail", f"name:{parts}", "email") == whole
    assert directory().resolve("pbx", f"queue:{parts}", "phone") == whole


def test_past_two_hundred_the_rest_falls_to_other() -> None:
    found = directory()
    names = [found.resolve("pbx", f"queue:q{n}", "phone") for n in range(MAX_DISCOVERED + 3)]
    assert names == [f"q{n}" for n in range(200)] + [OTHER] * 3
    assert found.resolve("pbx", "queue:q0", "phone") == "q0"
    assert found.resolve("mail", "address:a", "email") == "a"  # each source has its own two hundred
    assert len(found.unsaved("pbx")) == 201
    assert (OTHER, "phone", ("pbx",)) in known(found)


def test_other_is_fed_by_all_that_fell_there() -> None:
    found = directory(pbx=False, mail=False)
    assert found.resolve("pbx", "queue:a", "phone") == OTHER
    assert found.resolve("mail", "address:b", "phone") == OTHER
    assert known(found) == {(OTHER, "phone", ("mail", "pbx"))}


@settings(deadline=None)
@given(st.lists(st.text(max_size=300), max_size=20))
def test_hostile_names_stay_printable_and_short_and_distinct_from_other(names: list[str]) -> None:
    found = directory()
    for name in names:
        point = found.resolve("pbx", "queue:" + name, "phone")
        assert point == OTHER or (point.isprintable() and 0 < len(point) <= 84 and point == point.strip())


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_place_without_a_kind_is_no_contact_point(name: str) -> None:
    if ":" not in name:
        assert directory().resolve("pbx", name, "phone") == OTHER


def test_a_thousand_spellings_cost_no_more_than_two_hundred() -> None:
    found = directory(PointConfig("desk"))
    for n in range(1000):
        found.resolve("pbx", "name:desk" + " " * n, "phone")
    assert len(found.unsaved("pbx")) <= MAX_DISCOVERED + 2


def test_after_a_restart_the_names_are_as_before() -> None:
    first = directory()
    places = [("pbx", "queue:info", "phone"), ("mail", "address:info", "email"), ("pbx", "queue:sales", "phone")]
    names = [first.resolve(*each) for each in places]  # type: ignore[arg-type]
    second = directory()
    for source in ("mail", "pbx"):  # in whatever order
        second.restore(source, first.unsaved(source))
    assert known(second) == known(first)
    assert [second.resolve(*each) for each in reversed(places)] == names[::-1]  # type: ignore[arg-type]
    assert second.unsaved("pbx") == second.unsaved("mail") == []


def test_after_a_restart_a_contact_point_has_all_its_channels() -> None:
    """`front` is discovered by a call, `line` is configured as a telephone: to both somebody writes in a chat, too."""
    first = directory(PointConfig("line", "pbx", "queue:line"))
    for place, channel in (("name:front", "phone"), ("name:front", "chat"), ("queue:line", "chat"), ("name:front", "chat")):
        first.resolve("pbx", place, channel)  # type: ignore[arg-type]
    rows = first.unsaved("pbx")
    assert len(rows) == 3
    second = directory(PointConfig("line", "pbx", "queue:line"))
    second.restore("pbx", rows)
    both = {(name, channel, ("pbx",)) for name in ("front", "line") for channel in ("phone", "chat")}
    assert known(second) == known(first) == both
    second.restore("pbx", [])  # forgotten beside us
    assert {name for name, _, _ in known(second)} == {"line"}


def test_what_is_stored_no_longer_is_forgotten() -> None:
    """Somebody has forgotten it beside us; what is configured, not saved yet or fed by others stays."""
    found = directory(PointConfig("line", "pbx", "queue:line"))
    for place in ("queue:a", "queue:b", "queue:line", "name:line", "name:both"):
        found.resolve("pbx", place, "phone")
    found.resolve("mail", "address:own", "email")
    rows = found.unsaved("pbx")
    found.saved("pbx")
    found.resolve("pbx", "queue:unsaved", "phone")
    found.restore("pbx", [row for row in rows if row.contact_point in ("b", "line")])
    assert {name for name, _, _ in known(found)} == {"line", "b", "unsaved", "own"}
    assert found.known("pbx", "queue:a") is None
    assert found.known("pbx", "name:line") == found.known("pbx", "queue:line") == "line"
    assert found.resolve("pbx", "queue:a", "email") == "a"  # told of again, it is there again
    assert ("a", "email", ("pbx",)) in known(found)


def test_two_places_of_one_name_are_forgotten_one_after_the_other() -> None:
    found = directory()
    for place in ("queue:a", "name:a"):
        assert found.resolve("pbx", place, "phone") == "a"
    rows = found.unsaved("pbx")
    found.saved("pbx")
    found.restore("pbx", rows[:1])
    assert known(found) == {("a", "phone", ("pbx",))}
    found.restore("pbx", [])
    assert known(found) == set()


def test_what_everything_falls_to_is_forgotten_by_channel_and_source() -> None:
    found = directory(pbx=False, mail=False)
    for source, channel in (("pbx", "phone"), ("pbx", "chat"), ("mail", "email")):
        assert found.resolve(source, "queue:x", channel) == OTHER  # type: ignore[arg-type]
    rows = found.unsaved("pbx")
    for source in ("pbx", "mail"):
        found.saved(source)
    found.restore("pbx", rows[:1])
    assert {fed for _, _, fed in known(found)} == {("mail", "pbx")}
    found.restore("pbx", [])
    assert {fed for _, _, fed in known(found)} == {("mail",)}
    found.restore("mail", [])
    assert known(found) == set()
    assert found.resolve("pbx", "queue:x", "chat") == OTHER
    assert [row.channel for row in found.unsaved("pbx")] == ["chat"]  # saved anew


def test_what_is_configured_since_goes_before_what_was_discovered() -> None:
    second = directory(PointConfig("first-line", "pbx", "queue:info"))
    second.restore("pbx", [PlaceRow("queue:info", "info", "phone")])
    assert second.resolve("pbx", "queue:info", "phone") == "first-line"


def test_a_transfer_into_one_of_our_queues_is_told_from_one_to_a_phone() -> None:
    found = directory(PointConfig("support-line", "pbx", "queue:support"))
    found.resolve("pbx", "queue:sales", "phone")
    found.resolve("mail", "name:chat", "chat")
    for target, ours in (
        ("support", True), ("support-line", True), ("sales", True), ("100", False), (None, False), ("chat", False),
    ):  # fmt: skip
        assert found.is_queue("pbx", target) is ours
    assert found.is_queue("mail", "chat")


@pytest.mark.parametrize(
    ("target", "how", "signals"),
    [("support", "blind", 1), ("support-line", "blind", 1), ("support", "consult", 0), ("100", "blind", 0)],
)
def test_a_blind_transfer_into_a_queue_of_ours_is_a_signal_at_once(target: str, how: str, signals: int) -> None:
    run = ingest_run(MemoryStore(), contact_points={"support-line": {"source": "pbx"}})
    run.store_batch([event("earlier", "queued", 0, "queue:support")])
    call = [event("a", "queued", 0), event("a", "answered", 5), event("a", "transferred", 20, how=how, to=target)]
    run.store_batch(call, at(30))
    assert counted(run.store).get(("signals_total", ("phone", "desk", "handed_on")), 0) == signals


def test_one_point_may_have_a_policy_for_each_channel() -> None:
    found = directory()
    found.resolve("mail", "name:desk", "phone")
    found.resolve("mail", "name:desk", "chat")
    phone, chat = found.policy("desk", "phone"), found.policy("desk", "chat")
    assert isinstance(phone, Policy)
    assert "long_hold" in phone.rules
    assert "long_hold" not in chat.rules


async def test_what_falls_to_other_is_counted_as_unmapped_and_still_shown_after_a_restart() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    sources = {"pbx": {"type": "events", "discover": False}}
    calls = [event("a", "queued", 0, "queue:x"), event("b", "queued", 1, "queue:y"), event("c", "queued", 1, "name:known")]
    more = [event("a", "answered", 2, "queue:x"), event("c", "answered", 2, "name:known")]
    configuration = {"sources": sources, "contact_points": {"known": {"source": "pbx"}}}
    pbx = ScriptedConnector(clock, [Batch(calls, live_lag=timedelta(0)), at(3), Batch(more)], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}, store, **configuration) as daemon:
        await clock.advance(5)
        assert daemon.total("source_records_unmapped_total", "pbx", "events") == 2
        assert daemon.total("contacts_total", "phone", OTHER) == 2
        running = daemon.snapshot().points[OTHER].running
        assert running is not None
        assert running["queue"].waiting == 1
    again = RunningDaemon(clock, {"pbx": ScriptedConnector(clock, live=True)}, store, **configuration)
    await again.generation.start()
    assert again.snapshot().points[OTHER].info.sources == ("pbx",)
    again.coordinator.release()


async def test_a_place_discovered_in_a_batch_that_the_store_refused_is_saved_with_the_next_try() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    store.fail_next = StoreUnavailable("busy")
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [Batch([event("a", "queued", 0, "queue:x")])])}, store):
        await clock.advance(1)
    assert store.places("pbx") == [PlaceRow("queue:x", "x", "phone")]
