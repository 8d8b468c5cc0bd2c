"""What is read of our own replies: which of them, how often, what is kept. It begins on Monday, 2 November 2026, at 9:00."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.connectors._tickets.facts import Merge, Ticket
from monitor.domain.gist import Gist, Promised
from monitor.errors import TransientError
from monitor.testing import FakeClock
from tests.connectors.tickets.desk import Desk
from tests.connectors.tickets.desk_reader import Reader

TEXT = (
    "Dear Anna,\n\nI'll call you back tomorrow by 11.\n\nBest regards\nTom\n\nOn Mon, anna wrote:\n> I will call you on Friday\n"
)
TUESDAY_AT_11 = datetime(2026, 11, 3, 11, tzinfo=UTC)
PROMISE = Promised("call", TUESDAY_AT_11, "we will: call")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 2, 9, tzinfo=UTC))


@pytest.fixture
def desk(clock: FakeClock) -> Desk:
    return Desk(clock, asks_for_ours=True)


def promises(reader: Reader, number: str = "1") -> dict[str, tuple[Promised, ...]]:
    told = {name: event.gist.promises for (contact, name), event in reader.told.items() if contact == number and event.gist}
    return {name: made for name, made in told.items() if made}


def words(asked: list[str]) -> list[str]:
    return [each.removeprefix("words ") for each in asked if each.startswith("words")]


@pytest.mark.parametrize("asks_for_ours", [True, False])
async def test_a_reply_of_an_agent_is_read_by_its_own_moment_however_late_it_is_found(
    desk: Desk, clock: FakeClock, asks_for_ours: bool
):
    desk.asks_for_ours = asks_for_ours
    desk.open("1")
    desk.say("1", "agent", TEXT)
    await clock.advance(timedelta(days=3).total_seconds())
    reader = Reader(desk)
    asked = await reader.poll()
    assert promises(reader) == {"1-1": (PROMISE,)}
    assert words(asked) == (["1-1 of ours"] if asks_for_ours else [])
    assert "tomorrow" not in repr(reader.batches) + repr(reader.state.entries)


@pytest.mark.parametrize("asks_for_ours", [True, False])
async def test_words_of_customers_rules_and_bots_and_what_colleagues_tell_each_other_promise_nothing(
    desk: Desk, clock: FakeClock, asks_for_ours: bool
):
    desk.asks_for_ours = asks_for_ours
    desk.open("1")
    for by in ("customer", "rule", "bot"):
        desk.say("1", by, TEXT)
    desk.say("1", "agent", "Promised him a call back by Friday.", public=False)
    await clock.advance(600)
    reader = Reader(desk)
    assert words(await reader.poll()) == []
    assert promises(reader) == {}


async def test_no_reply_is_asked_for_twice_and_the_events_stay_the_same(desk: Desk, clock: FakeClock):
    desk.open("1")
    desk.say("1", "agent", TEXT)
    desk.say("1", "agent", "Nothing new.")
    await clock.advance(600)
    reader = Reader(desk)
    assert words(await reader.poll()) == ["1-1 of ours", "1-2 of ours"]
    before = dict(reader.told)
    for restarted in (False, True):
        desk.change("1", "owner", None, "tom")
        await clock.advance(15)
        if restarted:
            reader.restart()
        assert words(await reader.poll()) == []
        assert {key: reader.told[key] for key in before} == before
    desk.say("1", "agent", "I will write to you on Wednesday at noon.")  # Monday, 9:10
    await clock.advance(15)
    assert words(await reader.poll()) == ["1-5 of ours"]
    assert promises(reader) == {
        "1-1": (PROMISE,),
        "1-5": (Promised("write", datetime(2026, 11, 4, 12, tzinfo=UTC), "we will: reply"),),
    }


async def test_a_ticket_that_is_closed_with_its_reply_and_comes_back_is_not_asked_for_again(desk: Desk, clock: FakeClock):
    desk.open("1")
    desk.say("1", "agent", TEXT)
    desk.change("1", "status", "open", "resolved")
    await clock.advance(600)
    reader = Reader(desk)
    await reader.poll()
    assert promises(reader) == {"1-1": (PROMISE,)}
    before = dict(reader.told)
    await clock.advance(timedelta(days=30).total_seconds() - 600)
    reader.restart()
    desk.change("1", "status", "resolved", "open")
    asked = await reader.poll()
    assert words(asked) == []
    assert {key: reader.told[key] for key in before} == before
    assert asked[-1] == "look 1"  # as any other open one


async def test_of_a_ticket_that_was_closed_for_long_nothing_is_kept_and_read_anew_it_tells_the_same(desk: Desk, clock: FakeClock):
    desk.open("1")
    desk.say("1", "agent", TEXT)
    desk.change("1", "status", "open", "resolved")
    await clock.advance(60)
    reader = Reader(desk)
    await reader.poll()
    before = dict(reader.told)
    assert list(reader.state.entries) == ["ticket:1"]
    await clock.advance(timedelta(days=30).total_seconds())
    await reader.poll()
    assert list(reader.state.entries) == ["ticket:1"]  # thirty days
    await clock.advance(60)
    await reader.poll()
    assert list(reader.state.entries) == []  # and a minute
    desk.change("1", "status", "resolved", "open")
    await clock.advance(60)
    assert words(await reader.poll()) == ["1-1 of ours"]
    assert {key: reader.told[key] for key in before} == before


async def test_at_first_replies_of_the_last_fourteen_days_are_read_and_older_ones_never(desk: Desk, clock: FakeClock):
    desk.open("1")
    desk.say("1", "agent", TEXT)
    await clock.advance(1)
    desk.say("1", "agent", TEXT)
    await clock.advance(timedelta(days=14).total_seconds())
    reader = Reader(desk)
    assert words(await reader.poll()) == ["1-2 of ours"]
    assert set(promises(reader)) == {"1-2"}
    for days in (1, 40):  # neither a new one nor a restart moves the mark
        await clock.advance(timedelta(days=days).total_seconds())
        desk.say("1", "agent", "Still nothing new.")
        await clock.advance(5)
        reader.restart()
        assert len(words(await reader.poll())) == 1
        assert set(promises(reader)) == {"1-2"}


async def test_the_mark_holds_though_the_first_read_is_cut(desk: Desk, clock: FakeClock):
    for number in range(1, 31):
        desk.open(str(number))
        desk.say(str(number), "agent", TEXT)
    desk.per_page = 50
    await clock.advance(timedelta(days=14).total_seconds())  # to the second
    reader = Reader(desk)
    asked = words(await reader.poll(cut_after=1))
    await clock.advance(3600)
    reader.restart()
    asked += words(await reader.poll())
    assert sorted(asked) == sorted(f"{number}-1 of ours" for number in range(1, 31))


async def test_a_source_that_was_read_by_an_earlier_version_is_read_from_fourteen_days_ago_on(desk: Desk, clock: FakeClock):
    desk.open("1")
    desk.say("1", "agent", TEXT)
    await clock.advance(60)
    reader = Reader(desk)
    await reader.poll()
    assert reader.state.cursor is not None
    del reader.state.cursor["words"]
    reader.state.entries["ticket:1"] = '["1","queue:Support",-1,{},0]'  # as version 0.1 wrote it
    await clock.advance(timedelta(days=13).total_seconds())
    desk.change("1", "owner", None, "tom")
    await clock.advance(5)
    reader.restart()
    assert words(await reader.poll()) == ["1-1 of ours"]
    await clock.advance(timedelta(days=13).total_seconds())
    desk.change("1", "owner", "tom", None)
    await clock.advance(5)
    reader.restart()
    assert words(await reader.poll()) == []
    assert promises(reader) == {"1-1": (PROMISE,)}


async def test_when_asking_fails_in_the_middle_the_next_pass_goes_on_from_there(desk: Desk, clock: FakeClock):
    desk.open("1")
    for _ in range(4):
        desk.say("1", "agent", TEXT)
    desk.fails["1-3"] = [TransientError("429", reason="rate_limit", retry_after=7)]
    await clock.advance(60)
    reader = Reader(desk)
    with pytest.raises(TransientError):
        await reader.poll()
    assert words(desk.asked) == ["1-1 of ours", "1-2 of ours", "1-3 of ours"]
    assert words(await reader.poll()) == ["1-3 of ours", "1-4 of ours"]
    assert set(promises(reader)) == {"1-1", "1-2", "1-3", "1-4"}


async def test_a_pass_over_many_tickets_asks_for_the_new_replies_alone(desk: Desk, clock: FakeClock):
    desk.per_page = 1000
    for number in range(1, 501):
        desk.open(str(number))
        desk.say(str(number), "agent", TEXT)
    await clock.advance(600)
    reader = Reader(desk)
    assert len(words(await reader.poll())) == 500
    for number in range(1, 51):
        desk.say(str(number), "agent", TEXT)
    await clock.advance(15)
    asked = await reader.poll()
    assert len(words(asked)) == 50
    assert len(asked) == 101  # the list, 50 tickets, 50 replies


async def test_an_automatic_answer_of_ours_promises_nothing(desk: Desk, clock: FakeClock):
    desk.open("1")
    desk.say("1", "agent", "Out of office. I will write to you on Wednesday.")
    await clock.advance(60)
    reader = Reader(desk)
    await reader.poll()
    assert promises(reader) == {}


async def test_a_ticket_that_took_another_one_in_knows_its_replies(desk: Desk, clock: FakeClock):
    for number in ("1", "2"):
        desk.open(number)
    desk.say("2", "agent", TEXT)
    await clock.advance(600)
    reader = Reader(desk)
    assert words(await reader.poll()) == ["2-1 of ours"]
    desk.facts["1"] += desk.facts["2"]
    desk.say("1", "agent", "Both are one now.")
    stamp = desk.facts["1"][-1].stamp
    desk.absorbed["1"] = [Ticket("2", "2", stamp, None, {"queue": "Support"}, [Merge(stamp, "1")])]
    del desk.updated["2"]
    await clock.advance(15)
    assert words(await reader.poll()) == ["1-2 of ours"]
    assert promises(reader) == {"2-1": (PROMISE,)}


@pytest.mark.parametrize(
    "text",
    [
        "I will call you tomorrow. " * 40_000,
        "\0\x1b[31m\ud800 I \udfff" * 1_000,
        "> " * 500_000,
        "<" * 1_000_000,
        "\n" * 1_000_000,
    ],
    ids=lambda text: repr(text[:8]),
)
async def test_hostile_words_are_read_within_bounds(desk: Desk, clock: FakeClock, text: str):
    desk.open("1")
    desk.say("1", "agent", text)
    await clock.advance(60)
    reader = Reader(desk)
    await reader.poll()
    assert all(len(each) == 1 for each in promises(reader).values())
    assert len(repr(reader.state.entries)) < 500


GIVEN = "My order number is 4711-23. It never came."
ORDER_NUMBER = Gist(gives=("order_number",))


def given(reader: Reader) -> list[str]:
    assert all(event.gist in (None, ORDER_NUMBER) for event in reader.told.values() if event.kind in ("opened", "received"))
    return [name for (_, name), event in reader.told.items() if event.gist == ORDER_NUMBER]


async def test_what_customers_give_is_read_where_it_comes_along_once_and_nothing_is_asked_for_it(desk: Desk, clock: FakeClock):
    desk.brings_theirs, desk.asks_for_ours = True, False
    desk.opening["1"] = GIVEN
    desk.open("1")
    desk.say("1", "customer", GIVEN)
    desk.say("1", "customer", "Any news?")
    desk.say("1", "agent", "We are looking.")
    desk.say("1", "customer", GIVEN)
    await clock.advance(60)
    reader = Reader(desk)
    assert words(await reader.poll()) == []
    assert given(reader) == ["1-0", "1-1", "1-4"]
    before = dict(reader.told)
    reader.restart()
    desk.opening["1"] = desk.texts["1-1"] = "something else"
    desk.change("1", "owner", None, "tom")
    await clock.advance(60)
    await reader.poll()
    assert {key: reader.told[key] for key in before} == before
    assert "4711" not in repr(reader.told) + repr(reader.state.entries)


async def test_what_customers_give_is_read_of_what_is_asked_for_anyway_and_of_nothing_else(desk: Desk, clock: FakeClock):
    """It is where it may be a mere thank-you, right after our words."""
    desk.asks_for_ours = False
    desk.open("1")
    desk.say("1", "customer", GIVEN)
    desk.say("1", "agent", "We are looking.")
    desk.say("1", "customer", GIVEN)
    desk.say("1", "customer", GIVEN)
    await clock.advance(60)
    reader = Reader(desk)
    assert words(await reader.poll()) == ["1-3"]
    assert given(reader) == ["1-3"]
    reader.restart()
    desk.change("1", "owner", None, "tom")
    await clock.advance(60)
    assert words(await reader.poll()) == []
    assert given(reader) == ["1-3"]


async def test_a_ticket_that_a_colleague_opens_gives_nothing_nor_does_a_machine(desk: Desk, clock: FakeClock):
    desk.opening["1"] = GIVEN
    desk.open("1", by="agent")
    desk.say("1", "agent", "We are looking.")
    desk.say("1", "customer", f"Out of office. {GIVEN}")
    await clock.advance(60)
    reader = Reader(desk)
    await reader.poll()
    assert given(reader) == []


async def test_what_our_replies_say_is_kept(desk: Desk, clock: FakeClock):
    desk.open("1")
    desk.say("1", "agent", "We are unable to process your request.")
    desk.say("1", "agent", "Please send us a photo.")
    await clock.advance(60)
    reader = Reader(desk)
    await reader.poll()
    said = [event.gist for event in reader.told.values() if event.kind == "replied"]
    assert said == [Gist(read=True, refusal="cannot"), Gist(read=True, asks=True, wants=("photo",))]
