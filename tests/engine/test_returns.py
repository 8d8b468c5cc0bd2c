"""Customers who come again, start anew elsewhere, or come back after they gave up: whatever source tells it, in any order."""

from itertools import permutations
from typing import Any

import pytest

from monitor.connector import Batch
from monitor.domain.event import Event
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import RunningDaemon, at, counted, event
from tests.engine.test_news import HOUR, Told, called, daemon, missed, tell, until, verdicts

DAY = 24 * HOUR
CALLS = ("phone", "desk")
MAILS = ("email", "letters")
TICKETS = ("ticket", "tickets")


def call(seconds: float, name: str, customer: str = "ann") -> Told:
    """Answered after 5 s, over a minute later."""
    said = [event(name, "queued", seconds, customer=customer), event(name, "answered", seconds + 5)]
    return "pbx", [*said, event(name, "ended", seconds + 65)]


def mail(seconds: float, name: str, answered: float | None = None, customer: str = "ann", **details: Any) -> Told:
    asked = event(name, "received", seconds, "name:letters", "email", customer=customer, **details)
    return "mail", [asked, *([] if answered is None else [event(name, "replied", answered, "name:letters", "email")])]


def ticket(seconds: float, name: str, answered: float | None = None, customer: str = "ann", **details: Any) -> Told:
    asked = event(name, "opened", seconds, "name:tickets", "ticket", customer=customer, **details)
    return "rt", [asked, *([] if answered is None else [event(name, "replied", answered, "name:tickets", "ticket")])]


def returned(store: Store, where: tuple[str, str]) -> tuple[tuple[float, float], tuple[float, float]]:
    """(assessed, signals) of repeat_contact and of lost_context, without what was taken back."""
    return verdicts(store, (*where, "repeat_contact")), verdicts(store, (*where, "lost_context"))


async def played(*stories: Told, end: float = 20 * DAY, **configuration: Any) -> RunningDaemon:
    running = await daemon(**configuration)
    await until(running, end)
    await tell(running, *stories)
    await until(running, end + 1)
    assert counted(running.store).items() <= running.live_state.totals.items()
    return running


@pytest.mark.parametrize(
    ("stories", "where", "expected"),
    [
        # he calls again within seven days of the end of his call at 65 s, or later
        ([call(0, "a"), call(65 + 7 * DAY, "b")], CALLS, ((2, 1), (2, 0))),
        ([call(0, "a"), call(65.000001 + 7 * DAY, "b")], CALLS, ((2, 0), (2, 0))),
        ([call(0, "a"), call(DAY, "b", "bob")], CALLS, ((2, 0), (2, 0))),
        # a mail that was answered after four days; he calls on the tenth: six days later
        ([mail(0, "m", 4 * DAY), call(10 * DAY, "b")], CALLS, ((1, 1), (1, 0))),
        ([mail(0, "m", 2 * DAY), call(10 * DAY, "b")], CALLS, ((1, 0), (1, 0))),
        # never answered: he comes again and must start anew
        ([mail(0, "m"), call(10 * DAY, "b")], CALLS, ((1, 1), (1, 1))),
        ([mail(0, "m", DAY), call(DAY - 1, "b")], CALLS, ((1, 1), (1, 1))),
        ([mail(0, "m", DAY), call(DAY, "b")], CALLS, ((1, 1), (1, 0))),  # answered as he calls
        ([mail(0, "m"), mail(DAY, "n")], MAILS, ((2, 1), (2, 0))),  # on the same channel
        ([mail(0, "m"), ticket(DAY, "t")], TICKETS, ((1, 1), (1, 1))),
        ([mail(0, "m"), ticket(600, "t")], TICKETS, ((1, 0), (1, 0))),  # a helpdesk has fetched it
        ([mail(0, "m"), ticket(600.000001, "t")], TICKETS, ((1, 1), (1, 1))),
        # nobody has called back who gave up: he writes
        ([missed(0), mail(HOUR, "m")], MAILS, ((1, 1), (1, 1))),
        ([missed(0), called(0.5 * HOUR), mail(HOUR, "m")], MAILS, ((1, 1), (1, 0))),
        # what he has not begun, or has only thanked for
        ([called(0), call(DAY, "b")], CALLS, ((1, 0), (1, 0))),
        ([call(0, "a"), ticket(DAY, "t", by="agent")], TICKETS, ((0, 0), (0, 0))),
        ([call(0, "a"), mail(DAY, "m", courtesy=True)], MAILS, ((0, 0), (0, 0))),
        ([call(0, "a"), called(DAY, answered=False), call(DAY + HOUR, "b")], CALLS, ((2, 0), (2, 0))),  # he calls us back
    ],
)
async def test_who_has_come_before_whatever_is_read_first(
    stories: list[Told], where: tuple[str, str], expected: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    for order in permutations(stories):
        running = await played(*order)
        assert returned(running.store, where) == expected, [events[0].contact for _, events in order]


async def test_a_signal_names_the_contact_it_rests_on() -> None:
    running = await played(mail(0, "m"), call(DAY, "b"))
    rows = {each.row.signal: each.row for each in running.store.signals() if each.row.contact == "b"}
    [[found]] = [running.store.find("m")]
    assert {row.related for row in rows.values()} == {found.row.id}
    assert (rows["repeat_contact"].waited_seconds, rows["repeat_contact"].limit_seconds) == (0.0, 7 * DAY)
    assert (rows["lost_context"].waited_seconds, rows["lost_context"].limit_seconds) == (DAY, None)


async def test_an_answer_that_is_read_late_takes_it_back_once() -> None:
    running = await played(mail(0, "m"), call(DAY, "b"))
    assert returned(running.store, CALLS) == ((1, 1), (1, 1))
    for _ in range(2):
        await tell(running, ("mail", mail(0, "m", HOUR)[1]))
        assert running.total("signals_retracted_total", *CALLS, "lost_context") == 1
    assert returned(running.store, CALLS) == ((1, 1), (1, 0))  # within seven days all the same
    assert running.store.weeks("2026-11-02")["desk", "lost_context", "2026-11-02"] == (1, 0)


async def test_a_contact_that_is_forgotten_was_none() -> None:
    running = await played(call(0, "a"), mail(HOUR, "m"), call(DAY, "b"))
    assert returned(running.store, CALLS) == ((2, 1), (2, 1))
    now = running.clock.now()
    assert running.coordinator._ingest.forget("pbx", [("a", "desk")], now=now) == 1
    assert running.coordinator._ingest.forget("mail", [("m", "letters")], now=now) == 1
    with running.store.transaction("rt") as unit:
        [told] = unit.news_before([(["ann"], 2**62)])
    assert {each.news.contact for each in told} == {"b"}


async def test_a_policy_says_how_long_a_contact_is_the_last_one() -> None:
    policies = {"default": {"repeat_contact": {"within": "1h"}, "lost_context": False}}
    running = await played(call(0, "a"), call(65 + HOUR, "b"), call(65 + 3 * HOUR, "c"), policies=policies)
    assert returned(running.store, CALLS) == ((3, 1), (0, 0))


def again(seconds: float, name: str = "back", **details: Any) -> Told:
    """He calls again, and is answered at this moment."""
    said: list[Event] = [event(name, "queued", seconds - 3, customer="ann", **details), event(name, "answered", seconds)]
    return "pbx", said


@pytest.mark.parametrize(
    ("stories", "recovered"),
    [
        ([missed(0), again(30 + 900)], 1),  # gave up at 30 s: a quarter of an hour later
        ([missed(0), again(30 + 900.000001)], 0),
        ([missed(0), called(300)], 0),  # we called back: he has not come back himself
        ([missed(0)], 0),
        ([missed(0), missed(300, "m2"), again(600)], 2),
        ([missed(0, customer="bob"), again(600)], 0),
    ],
)
@pytest.mark.parametrize("policies", [{}, {"default": {"missed_callback": False}}])
async def test_who_gave_up_and_came_back_is_not_lost_for_good(
    stories: list[Told], recovered: int, policies: dict[str, Any]
) -> None:
    for order in permutations(stories):
        running = await played(*order, policies=policies)
        assert running.total("abandons_recovered_total", *CALLS) == recovered
        assert verdicts(running.store, (*CALLS, "abandoned"))[1] == sum(name[1][0].contact.startswith("m") for name in stories)


async def test_how_soon_is_a_matter_of_the_policy() -> None:
    running = await played(missed(0), again(30 + 60), policies={"default": {"abandoned": {"recovered_within": "1m"}}})
    assert running.total("abandons_recovered_total", *CALLS) == 1
    running = await played(missed(0), again(30 + 61), policies={"default": {"abandoned": {"recovered_within": "1m"}}})
    assert running.total("abandons_recovered_total", *CALLS) == 0


async def test_what_nobody_could_pass_on_is_heard_at_the_next_start() -> None:
    """The process is killed after the mail is stored, before the telephone has heard of it."""
    store = MemoryStore()
    running = await daemon(store)
    await until(running, 2 * DAY)
    await tell(running, call(DAY, "b"))
    running.coordinator._exchange._ours = ()  # nothing is passed on any more
    await tell(running, mail(HOUR, "m"))
    assert returned(store, CALLS) == ((1, 0), (1, 0))
    for _ in range(2):
        await daemon(store)
        assert returned(store, CALLS) == ((1, 1), (1, 1))


async def test_a_source_hears_of_each_thing_once_and_keeps_up_to_where() -> None:
    store = MemoryStore()
    running = await daemon(store)
    await until(running, DAY)
    await tell(running, mail(HOUR, "m"))
    assert store.heard("pbx") == 0
    for _ in range(3):
        await running.clock.advance(700)
        await running.coordinator.flush()
    heard = store.heard("pbx")
    assert at(DAY).timestamp() * 1e6 < heard <= running.clock.now().timestamp() * 1e6
    assert [told.since for _, told in store.told_after(0, "pbx")] == [{"ann": int(at(HOUR).timestamp() * 1e6)}]


async def test_a_name_that_stands_for_many_is_none_and_that_is_counted() -> None:
    """A switchboard: the sixteenth call of a week is nobody's return, nor are those after it; a week later it may be again."""
    calls = [call(n * HOUR, f"c{n}", "firm") for n in range(18)]
    running = await played(*calls, call(7.5 * DAY, "later", "firm"))
    assert returned(running.store, CALLS)[0] == (19, 15)  # the second to the fifteenth, and the one a week later
    assert running.total("source_shared_customers_total", "pbx", "events") == 3
    once_more = await played(*reversed(calls), call(7.5 * DAY, "later", "firm"))
    assert returned(once_more.store, CALLS)[0] == (19, 15)


async def test_names_in_one_record_of_a_helpdesk_are_one_customers_whatever_is_known_first() -> None:
    for tied_first in (True, False):
        store = MemoryStore()
        running = await daemon(store)
        await until(running, 2 * DAY)
        record = Batch(names={"r": ["ann", "ann's number"]}, cursor={"at": "record"})
        if tied_first:
            await running.coordinator.store_batch("rt", record)
        await tell(running, mail(0, "m"), call(DAY, "b", "ann's number"), call(DAY + HOUR, "z", "bob's number"))
        if not tied_first:
            assert returned(store, CALLS) == ((2, 0), (2, 0))
            await running.coordinator.store_batch("rt", record)
        assert returned(store, CALLS) == ((2, 1), (2, 1))
        again = await daemon(store)  # it is known after a restart
        await until(again, 3 * DAY)
        await tell(again, call(2.5 * DAY, "y", "ann's number"))
        assert returned(store, CALLS) == ((3, 2), (3, 2))
