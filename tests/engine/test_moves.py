"""A written contact that goes to another contact point: what runs goes along, what has fallen stays where it fell.

`support` answers within 4 h, `vip` within 1 h; both solve within 24 h; the policy `p1` asks for an answer within 30 min.
"""

from collections import Counter
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connector import Batch
from monitor.domain.event import Event, to_micros
from monitor.engine.evaluation import examine, read_record, whereabouts
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import at, counted, event
from tests.engine.scenarios import IngestRun, ingest_run

HOUR = 3600
START = to_micros(at(0))
CONFIG: dict[str, Any] = {
    "timezone": "Europe/London",
    "contact_points": {
        name: {"source": "pbx", "channel": "ticket", "policy": policy}
        for name, policy in (("support", "slow"), ("vip", "fast"), ("abroad", "abroad"))
    },
    "calendars": {"late": {"timezone": "Pacific/Auckland", "hours": {"daily": "00:00-24:00"}}},
    "policies": {
        "slow": {"late_reply": {"after": "4h"}, "late_resolution": {"after": "24h"}},
        "fast": {"late_reply": {"after": "1h"}, "late_resolution": {"after": "24h"}},
        "p1": {"late_reply": {"after": "30m"}, "late_resolution": {"after": "24h"}},
        "abroad": {"calendar": "late", "late_reply": {"after": "2h"}, "late_resolution": {"after": "24h"}},
    },
}


def told(kind: str, hours: float, point: str = "support", **details: Any) -> Event:
    return event("t", kind, hours * HOUR, f"name:{point}", details.pop("channel", "ticket"), **details)


def run_of(*batches: list[Event], until: float = 200) -> IngestRun:
    """These batches, then everything seen up to so many hours."""
    run = ingest_run(MemoryStore(), **CONFIG)
    for batch in batches:
        run.store_batch(batch)
    run.sweep(at(until * HOUR))
    return run


def signals(run: IngestRun) -> list[tuple[str, str, float]]:
    """Signal, contact point and hours after nine, oldest first."""
    rows = sorted((each.row for each in run.store.signals()), key=lambda row: (row.at, row.signal))
    return [(row.signal, row.contact_point, (row.at - START) / 3_600_000_000) for row in rows]


def total(run: IngestRun, metric: str, *labels: str) -> float:
    return sum(value for (name, has), value in counted(run.store).items() if name == metric and set(labels) <= set(has))


def test_the_limit_is_that_of_the_newest_contact_point_counted_from_the_beginning() -> None:
    story = [told("received", 0), told("assigned", 0.5, "vip", to="v"), told("replied", 2, "vip"), told("resolved", 2, "vip")]
    run = run_of(story)
    assert signals(run) == [("late_reply", "vip", 1)]
    assert (total(run, "contacts_total", "support"), total(run, "contacts_total", "vip")) == (1, 0)  # where it began
    assert total(run, "assessed_total", "support") == 0
    assert total(run, "outcomes_total", "vip", "replied", "false") == 1
    assert total(run, "outcomes_total", "vip", "resolved", "true") == 1
    [row] = run.store.find("t")
    assert row.row.contact_point == "vip"


def test_what_is_over_the_limit_as_it_comes_falls_then() -> None:
    run = run_of([told("received", 0), told("moved", 1.5, "vip"), told("replied", 2, "vip"), told("resolved", 2, "vip")])
    assert signals(run) == [("late_reply", "vip", 1.5)]


def test_at_the_limit_to_the_microsecond_it_is_not() -> None:
    kept = run_of([told("received", 0), told("moved", 0.5, "vip"), told("replied", 1, "vip"), told("resolved", 1, "vip")])
    assert signals(kept) == []
    assert total(kept, "assessed_total", "vip", "late_reply") == 1


def test_what_has_fallen_stays_where_it_fell_and_the_rest_is_clean() -> None:
    story = [told("received", 0), told("moved", 5, "vip"), told("replied", 5.5, "vip"), told("resolved", 5.5, "vip")]
    run = run_of(story)
    assert signals(run) == [("late_reply", "support", 4)]
    assert total(run, "assessed_total", "vip", "late_reply") == 0
    assert total(run, "outcomes_total", "vip", "replied", "false") == 1


def test_a_slower_contact_point_gives_more_time_until_it_has_fallen() -> None:
    run = run_of([told("received", 0, "vip"), told("moved", 0.9), told("replied", 3.9), told("resolved", 3.9)])
    assert signals(run) == []
    run = run_of([told("received", 0, "vip"), told("moved", 1), told("replied", 3.9), told("resolved", 3.9)])
    assert signals(run) == []  # at exactly the limit nothing has fallen yet
    run = run_of([told("received", 0, "vip"), told("moved", 1.001), told("replied", 3.9), told("resolved", 3.9)])
    assert signals(run) == [("late_reply", "vip", 1)]


def test_a_move_reopens_nothing_and_there_and_back_is_one_contact() -> None:
    story = [
        told("received", 0), told("moved", 0.5, "vip"), told("noted", 0.75), told("replied", 3), told("resolved", 3),
    ]  # fmt: skip
    run = run_of(story)
    assert signals(run) == []
    assert total(run, "contacts_total") == 1
    [found] = run.store.find("t")
    assert found.row.contact_point == "support"


def test_a_third_change_of_queue_is_passed_around_and_counts_where_it_was_then() -> None:
    moves = [told("moved", hours, point) for hours, point in ((0.1, "vip"), (0.2, "support"), (0.3, "abroad"))]
    run = run_of([told("received", 0), *moves, told("replied", 0.4, "abroad"), told("resolved", 0.4, "abroad")])
    assert signals(run) == [("passed_around", "abroad", 0.3)]


def test_a_move_at_the_moment_of_creation_is_none() -> None:
    run = run_of([told("received", 0), told("moved", 0, "vip"), told("replied", 0.5, "vip"), told("resolved", 0.5, "vip")])
    assert total(run, "contacts_total", "vip") == 1
    [row] = run.store.find("t")
    contact = read_record(row.row)
    assert [mark.mark for mark in folded(run, contact)] == ["resolved"]


def folded(run: IngestRun, record: Any) -> Any:
    where = whereabouts(record, record.events, run.directory.look_up)
    return examine(record, record.events, where, at(0)).contact.marks


def test_a_move_that_is_read_late_takes_back_what_was_counted_at_the_wrong_place() -> None:
    run = ingest_run(MemoryStore(), **CONFIG)
    run.store_batch([told("received", 0)])
    run.sweep(at(5 * HOUR))
    assert signals(run) == [("late_reply", "support", 4)]
    run.store_batch([told("moved", 0.5, "vip")], at(5 * HOUR))
    assert signals(run) == [("late_reply", "vip", 1)]
    assert total(run, "signals_retracted_total", "support", "late_reply") == 1
    assert total(run, "signals_total", "vip", "late_reply") == 1
    week = run.store.weeks("2026-01-01")
    assert week["vip", "late_reply", "2026-11-02"] == (1, 1)
    assert ("support", "late_reply", "2026-11-02") not in week
    assert total(run, "contacts_total") == 1


def test_what_ran_before_does_not_run_there_any_more() -> None:
    run = ingest_run(MemoryStore(), **CONFIG)
    run.store_batch([told("received", 0)])
    seen = run.store.cursor_row("pbx")
    result = run.ingest.batch("pbx", "events", Batch([told("moved", 0.5, "vip")]), seen, at(0), None, now=at(0))
    assert result.evaluated["t", "support"].running == ()
    assert [wait.wait for wait in result.evaluated["t", "vip"].running] == ["reply", "resolution"]
    assert [(row.contact, row.contact_point) for row in run.store.running("pbx")] == [("t", "vip")]
    [found] = run.store.find("t")
    assert found.row.deadline == START + HOUR * 1_000_000 + 1


def test_each_contact_point_has_the_week_of_its_own_zone() -> None:
    """Sunday 8 November, 20:00 UTC, is Monday the 9th in Auckland."""
    sunday = 6 * 24 + 11
    run = run_of([told("received", sunday), told("moved", sunday + 5, "abroad"), told("resolved", sunday + 6, "abroad")])
    weeks = run.store.weeks("2026-01-01")
    assert weeks["support", "late_reply", "2026-11-02"] == (1, 1)
    assert weeks["abroad", "late_resolution", "2026-11-09"] == (1, 0)


class TestPolicies:
    def test_a_policy_that_an_event_names_goes_before_the_contact_points(self) -> None:
        run = run_of([told("received", 0, policy="p1"), told("replied", 2), told("resolved", 2)])
        assert signals(run) == [("late_reply", "support", 0.5)]

    def test_it_holds_from_then_on_counted_from_the_beginning(self) -> None:
        run = run_of([told("received", 0), told("prioritised", 1, to="1", policy="p1"), told("replied", 2), told("resolved", 2)])
        assert signals(run) == [("late_reply", "support", 1)]

    def test_a_later_one_takes_nothing_back_that_has_fallen(self) -> None:
        run = run_of([told("received", 0, policy="p1"), told("noted", 1, policy=""), told("replied", 2), told("resolved", 2)])
        assert signals(run) == [("late_reply", "support", 0.5)]

    def test_null_is_the_contact_points_own_again(self) -> None:
        run = run_of([told("received", 0, policy="p1"), told("noted", 0.4, policy=""), told("replied", 2), told("resolved", 2)])
        assert signals(run) == []

    def test_it_goes_along_where_the_contact_moves(self) -> None:
        story = [told("received", 0, policy="p1"), told("moved", 0.2, "vip"), told("replied", 0.9, "vip")]
        assert signals(run_of([*story, told("resolved", 0.9, "vip")])) == [("late_reply", "vip", 0.5)]

    def test_one_that_nobody_knows_any_more_is_that_of_the_contact_point(self) -> None:
        run = run_of([told("received", 0, policy="gone"), told("replied", 3), told("resolved", 3)])
        assert signals(run) == []


def test_of_several_channels_a_ticket_wins_in_whatever_order_it_is_told() -> None:
    told_of = [told("received", 0, channel="email"), told("replied", 1)]
    for batches in (told_of,), (told_of[::-1],), ([told_of[0]], [told_of[1]]), ([told_of[1]], [told_of[0]]):
        run = run_of(*batches)
        assert signals(run) == [("late_resolution", "support", 24)]
        [found] = run.store.find("t")
        assert found.row.channel == "ticket"


def test_what_is_said_without_a_place_moves_nothing() -> None:
    run = run_of([told("received", 0), told("moved", 0.5, "vip")], until=0.6)
    said = told("noted", 0.7)._replace(place="")
    run.ingest.tell("pbx", {("t", "vip"): [said, told("settled", 0.8, reason="x")._replace(place="")]}, now=at(0))
    [found] = run.store.find("t")
    assert (found.row.contact_point, found.row.running) == ("vip", None)


class TestTwiceStored:
    """Version 0.1 made a contact at each contact point of a ticket; they become one with its next event."""

    def store(self) -> MemoryStore:
        """Received at support, unanswered there for ever; answered and solved at vip."""
        run = ingest_run(MemoryStore(), **CONFIG)
        moved = [told(kind, 2, "vip") for kind in ("replied", "resolved")]
        run.store_batch([told("received", 0)])
        run.store_batch([event._replace(contact="u") for event in moved])
        run.sweep(at(30 * HOUR))
        store = run.store
        assert isinstance(store, MemoryStore)
        with store.transaction("pbx") as unit:
            [other] = unit.contacts_named(["u"])["u"]
            unit.drop_contacts([("u", "vip")])
            unit.put_contacts([other._replace(contact="t")])
        return store

    def test_they_are_read_as_they_are(self) -> None:
        store = self.store()
        assert sorted(each.row.contact_point for each in store.find("t")) == ["support", "vip"]
        assert {each.row.signal for each in store.signals()} == {"late_reply", "late_resolution"}

    def test_judging_what_runs_again_joins_them_as_every_start_under_other_limits_does(self) -> None:
        run = ingest_run(self.store(), **CONFIG)
        run.ingest.rejudge(
            "pbx", [(row.contact, row.contact_point) for row in run.store.running("pbx")], at(41 * HOUR), now=at(41 * HOUR)
        )
        [found] = run.store.find("t")
        assert (found.row.contact_point, found.row.running) == ("vip", None)
        assert signals(run) == [("late_reply", "vip", 2)]

    @pytest.mark.parametrize("again", [told("rated", 40, "vip", score=1.0), told("received", 0)])
    def test_the_next_event_of_either_joins_them_be_it_known(self, again: Event) -> None:
        run = ingest_run(self.store(), **CONFIG)
        run.store_batch([again], at(41 * HOUR))
        [found] = run.store.find("t")
        assert (found.row.contact_point, found.row.running) == ("vip", None)
        assert signals(run) == [("late_reply", "vip", 2)]  # at support it was not late yet, at vip as it came
        assert total(run, "signals_retracted_total", "support") == 2
        assert total(run, "contacts_total") == 2  # counters never go down
        assert list(run.store.running("pbx")) == []


STORY = (
    told("received", 0), told("replied", 0.5, id="note"), told("moved", 1, "vip"), told("received", 1.2, "vip"),
    told("noted", 2, "vip", policy="p1"), told("resolved", 3, "vip", id="r1"), told("reopened", 3.5, "vip", by="agent"),
    told("moved", 4, "abroad"), told("merged", 5, "abroad", to="u"), told("restored", 6, "abroad"),
    told("retracted", 7, "abroad", event="note"), told("replied", 8, "abroad"), told("resolved", 9, "abroad"),
    told("discarded", 9.5, "support", reason="duplicate"), told("restored", 9.6, "vip"), told("rated", 10, "vip", score=0.2),
    told("received", 11, "vip", courtesy=True), told("moved", 12), told("received", 30, policy=""),
)  # fmt: skip


def standing(run: IngestRun) -> dict[str, Any]:
    """What is true of all contacts: judged, listed, and counted less what was taken back."""
    found = {}
    for each in run.store.find("t"):
        record = read_record(each.row)
        where = whereabouts(record, record.events, run.directory.look_up)
        examined = examine(record, record.events, where, at(1000 * HOUR))
        found[each.row.contact_point] = (list(where.points), examined.contact, examined.judgement)
    sums: Counter[tuple[str, ...]] = Counter()
    for (metric, labels), value in counted(run.store).items():
        if metric in ("signals_total", "signals_retracted_total"):
            sums[labels] += int(value if metric == "signals_total" else -value)
    return {"contacts": found, "signals": signals(run), "sums": +sums, "weeks": run.store.weeks("2026-01-01")}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_order_and_batching_gives_the_same_contact_over_moves_merges_and_undoing(data: st.DataObject) -> None:
    story = data.draw(st.lists(st.sampled_from(STORY), min_size=1, max_size=12, unique_by=lambda each: each.id))
    if all(each.kind in ("restored", "discarded", "retracted") for each in story):
        return  # they begin no contact
    once = run_of(sorted(story, key=lambda each: each.at), until=1000)
    other = data.draw(st.permutations(story))
    edges = [0, *sorted(data.draw(st.lists(st.integers(0, len(story)), max_size=4))), len(story)]
    run = ingest_run(MemoryStore(), **CONFIG)
    begins = [piece for a, b in pairwise(edges) if (piece := other[a:b])]
    begins.sort(key=lambda piece: all(each.kind in ("restored", "discarded", "retracted") for each in piece))
    for piece in begins:
        run.store_batch(piece, at(data.draw(st.sampled_from((0, 2, 5, 24, 50))) * HOUR))
    run.store_batch(story, at(1000 * HOUR))
    run.sweep(at(1000 * HOUR))
    assert standing(run) == standing(once)


def test_the_whole_story_in_some_of_its_orders() -> None:
    once = standing(run_of(list(STORY), until=1000))
    assert len(once["contacts"]) == 1
    thirds = [list(STORY[:7]), list(STORY[7:13]), list(STORY[13:])]
    for order in permutations(thirds[:2]):
        run = run_of(*order, thirds[2], until=1000)
        assert standing(run) == once


class TestFollowUps:
    """Where a closed ticket is final the customer comes back in a new one."""

    EARLIER = (told("received", 0), told("replied", 1), told("resolved", 1))
    LATER = told("received", 50, follows="t")._replace(contact="next")

    @pytest.mark.parametrize("together", [True, False])
    def test_the_earlier_ones_solution_did_not_last(self, together: bool) -> None:
        run = run_of([*self.EARLIER, self.LATER]) if together else run_of(list(self.EARLIER), [self.LATER])
        reopened = [each.row for each in run.store.signals(signal="reopened")]
        assert [(row.contact, row.at) for row in reopened] == [("t", START + 50 * HOUR * 1_000_000)]
        [found] = run.store.find("t")
        assert found.row.running is None  # it is not open again
        run.store_batch([self.LATER])
        assert total(run, "signals_total", "reopened") == 1

    @pytest.mark.parametrize(
        "later",
        [
            told("received", 50, follows="t", courtesy=True), told("received", 50, follows="t", automatic=True),
            told("opened", 50, follows="t", by="customer", courtesy=True), told("opened", 50, follows="t", by="agent"),
            told("opened", 50, follows="t", by="rule"),
        ],
        ids=["thanks", "a machine", "opened with thanks", "by an agent", "by a rule"],
    )  # fmt: skip
    def test_nobody_came_back_with_a_thank_you_or_when_we_go_on_with_it(self, later: Event) -> None:
        """`Thanks!` after the ticket was closed for good makes a new one."""
        run = run_of([*self.EARLIER, later._replace(contact="next")], [told("resolved", 51)._replace(contact="next")])
        assert [each.row for each in run.store.signals()] == []

    def test_of_one_that_is_not_known_nothing_is_begun(self) -> None:
        run = run_of([self.LATER])
        assert run.store.find("t") == []
        assert len(run.store.find("next")) == 1

    def test_of_one_that_is_open_nothing_is_said(self) -> None:
        run = run_of([told("received", 0), told("replied", 1)], [self.LATER])
        assert [each.row.signal for each in run.store.signals() if each.row.contact == "t"] == ["late_resolution"]

    def test_where_it_is_now(self) -> None:
        run = run_of([*self.EARLIER, told("noted", 2, "vip")], [self.LATER])
        [found] = run.store.find("t")
        assert found.row.contact_point == "vip"


@pytest.mark.parametrize("turned", [False, True], ids=["placed first", "said first"])
def test_what_is_only_said_of_a_ticket_does_not_say_where_it_is(turned: bool) -> None:
    """Restored, says somebody at another contact point, in the batch that brings a ticket which begins with its merging."""
    story = [event("t", "merged", 0, "name:abroad", "ticket", to="u"), event("t", "restored", 60, "name:vip", "ticket")]
    run = ingest_run(MemoryStore(), **CONFIG)
    run.store_batch(story[::-1] if turned else story, at(120))
    assert [found.row.contact_point for found in run.store.find("t")] == ["abroad"]
