"""How tickets are read: passes, pages, cuts, what is asked for and what is not."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from monitor.connectors._tickets.facts import Merge, Ticket
from monitor.errors import DataError, TransientError
from monitor.testing import FakeClock
from tests.connectors.tickets.desk import Desk
from tests.connectors.tickets.desk_reader import Reader


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(clock: FakeClock) -> Desk:
    return Desk(clock)


def opened(desk: Desk, count: int) -> None:
    for number in range(1, count + 1):
        desk.open(str(number))


async def test_the_first_read_takes_what_changed_within_the_backfill(desk: Desk, clock: FakeClock):
    desk.open("1")
    await clock.advance(60)
    desk.open("2")
    await clock.advance(3600)
    reader = Reader(desk, backfill=timedelta(seconds=3600))
    desk.overlap = timedelta(0)
    assert await reader.poll() == ["list None", "ticket 2", "look 2"]


async def test_then_only_what_changed_is_asked_for(desk: Desk, clock: FakeClock):
    opened(desk, 7)
    await clock.advance(600)
    reader = Reader(desk)
    first = await reader.poll()
    assert [each for each in first if each.startswith("list")] == ["list None", "list 3", "list 6"]
    assert [each for each in first if each.startswith("ticket")] == [f"ticket {n}" for n in range(1, 8)]
    desk.say("4", "agent")
    await clock.advance(15)
    assert await reader.poll() == ["list None", "ticket 4"]
    assert reader.kinds("4") == ["opened", "replied"]
    await clock.advance(15)
    assert await reader.poll() == ["list None"]  # it is listed once more, and known


async def test_what_changes_again_within_the_second_of_the_read_is_read_again(desk: Desk, clock: FakeClock):
    desk.open("1")
    reader = Reader(desk)
    await reader.poll()
    desk.say("1", "agent")  # in that very second: the ticket looks as it did
    await clock.advance(15)
    assert "ticket 1" in await reader.poll()
    assert reader.kinds("1") == ["opened", "replied"]
    await clock.advance(15)
    assert await reader.poll() == ["list None"]


async def test_the_watermark_is_the_beginning_of_the_pass_and_comes_with_its_end(desk: Desk, clock: FakeClock):
    opened(desk, 7)
    began = clock.now()
    reader = Reader(desk)
    await reader.poll()
    assert [batch.watermark for batch in reader.batches[:-1]] == [None] * (len(reader.batches) - 1)
    assert reader.batches[-1].watermark == began - desk.lag


@pytest.mark.parametrize(
    ("ahead", "judged_until"), [(timedelta(minutes=10), timedelta(0)), (timedelta(minutes=-10), timedelta(minutes=-10))]
)
async def test_nothing_is_judged_beyond_the_servers_clock_or_ours(
    desk: Desk, clock: FakeClock, ahead: timedelta, judged_until: timedelta
):
    desk.ahead = ahead
    reader = Reader(desk)
    await reader.poll()
    assert reader.batches[-1].watermark == clock.now() + judged_until - desk.lag


async def test_a_pass_that_is_cut_anywhere_goes_on_where_it_was(desk: Desk, clock: FakeClock):
    desk.per_page = 50
    opened(desk, 70)
    await clock.advance(600)
    whole = Reader(desk)
    await whole.poll()
    pieces = len(whole.batches)
    assert pieces == 5  # 20, 20, 10 of one page, 20 of the next, the end
    for cut in range(1, pieces):
        reader = Reader(desk)
        asked = await reader.poll(cut_after=cut)
        reader.restart()
        asked += await reader.poll()
        assert reader.events == whole.events
        assert len([each for each in asked if each.startswith("ticket")]) == 70  # none twice
        assert reader.batches[-1].watermark is not None


async def test_a_pass_that_was_cut_says_nothing_of_what_changed_since_it_began(desk: Desk, clock: FakeClock):
    desk.per_page = 10
    opened(desk, 30)
    await clock.advance(600)
    began = clock.now()
    reader = Reader(desk)
    await reader.poll(cut_after=2)  # on the second page
    await clock.advance(3600)
    desk.say("5", "agent")  # behind the mark
    reader.restart()
    await reader.poll()
    assert reader.batches[-1].watermark == began - desk.lag
    assert reader.kinds("5") == ["opened"]
    await reader.poll()
    assert reader.kinds("5") == ["opened", "replied"]
    assert reader.batches[-1].watermark == clock.now() - desk.lag


async def test_a_ticket_that_changes_while_pages_are_turned_hides_no_other(desk: Desk, clock: FakeClock):
    opened(desk, 9)
    await clock.advance(600)

    def change(mark: str | None) -> None:
        if mark is not None:
            desk.say("1", "customer")

    desk.on_page = change
    reader = Reader(desk)
    await reader.poll()
    assert {contact for contact, _ in reader.events} == {str(n) for n in range(1, 10)}


async def test_nothing_new_is_written_when_nothing_changed(desk: Desk, clock: FakeClock):
    desk.open("1")
    await clock.advance(600)
    reader = Reader(desk)
    await reader.poll()
    for _ in range(3):
        await clock.advance(15)
        await reader.poll()
        [batch] = reader.batches
        assert (batch.events, batch.cursor, batch.state) == ([], None, {})
        assert batch.watermark == clock.now() - desk.lag


async def test_what_was_idle_for_long_is_still_asked_for_from_its_last_news_after_a_restart(desk: Desk, clock: FakeClock):
    desk.open("1")
    await clock.advance(600)
    reader = Reader(desk)
    await reader.poll()
    await clock.advance(3600)
    await reader.poll()
    desk.say("1", "agent")
    reader.restart()
    await clock.advance(15)
    await reader.poll()
    assert reader.kinds("1") == ["opened", "replied"]


async def test_a_filter_that_the_server_does_not_understand_is_told(desk: Desk, clock: FakeClock):
    desk.open("1")
    await clock.advance(timedelta(days=60).total_seconds())
    desk.filter_works = False
    with pytest.raises(TransientError, match="does not understand the filter") as caught:
        await Reader(desk).poll()
    assert caught.value.reason == "protocol"


async def test_the_first_read_says_how_far_it_is_and_later_ones_nothing(desk: Desk, clock: FakeClock):
    desk.per_page = 100
    opened(desk, 60)
    await clock.advance(600)
    desk.slowness = 2.5  # four at a time: 12.5 s for twenty
    reader = Reader(desk)
    with capture_logs() as logs:
        await reader.poll(cut_after=2)
        reader.restart()
        await reader.poll()
        for number in range(1, 41):
            desk.say(str(number), "agent")
        await reader.poll()
    said = [(line["tickets"], line["of"]) for line in logs if line["event"] == "first read"]
    assert said == [(20, 60), (40, 60), (60, 60)]


# records that cannot be used


async def test_a_ticket_that_cannot_be_understood_is_set_aside_and_counted_once(desk: Desk, clock: FakeClock):
    opened(desk, 3)
    await clock.advance(600)
    desk.fails["2"] = [DataError("it has no owner")]
    reader = Reader(desk)
    await reader.poll()
    rejected = [each for batch in reader.batches for each in batch.rejected]
    assert [(each.reason, each.sample, each.count) for each in rejected] == [("malformed", "ticket 2: it has no owner", 1)]
    assert {contact for contact, _ in reader.events} == {"1", "3"}
    await clock.advance(15)
    assert await reader.poll() == ["list None"]


async def test_a_ticket_on_which_the_server_fails_each_time_is_set_aside_at_the_third(desk: Desk, clock: FakeClock):
    opened(desk, 3)
    await clock.advance(600)
    desk.fails["2"] = [TransientError("500") for _ in range(5)]
    reader = Reader(desk)
    for _ in range(2):
        with pytest.raises(TransientError):
            await reader.poll()
    await reader.poll()
    assert [each.reason for batch in reader.batches for each in batch.rejected] == ["unreadable"]
    assert {contact for contact, _ in reader.events} == {"1", "3"}


async def test_a_server_that_is_busy_is_not_a_broken_record(desk: Desk, clock: FakeClock):
    opened(desk, 1)
    desk.fails["1"] = [TransientError("429", reason="rate_limit", retry_after=7) for _ in range(9)]
    reader = Reader(desk)
    for _ in range(5):
        with pytest.raises(TransientError) as caught:
            await reader.poll()
        assert caught.value.retry_after == 7


async def test_a_moment_of_the_day_after_tomorrow_is_refused(desk: Desk, clock: FakeClock):
    desk.open("1")
    desk.ahead = timedelta(days=1, seconds=1)
    desk.say("1", "customer")
    desk.ahead = timedelta(0)
    reader = Reader(desk)
    await reader.poll()
    assert [each.reason for batch in reader.batches for each in batch.rejected] == ["future"]


# words


async def test_words_are_looked_at_once_and_only_where_they_may_be_thanks(desk: Desk, clock: FakeClock):
    desk.open("1")
    for by, text in (
        ("customer", "Hello?"),
        ("rule", "We got it"),
        ("agent", "Done"),
        ("customer", "Thank you!"),
        ("customer", "But it fails"),
        ("customer", "Hello?"),
    ):
        await clock.advance(60)
        desk.say("1", by, text)
    await clock.advance(600)
    reader = Reader(desk)
    asked = await reader.poll()
    assert [each for each in asked if each.startswith("words")] == ["words 1-4", "words 1-5"]
    received = {event.id: event.courtesy for batch in reader.batches for event in batch.events if event.kind == "received"}
    assert received == {"1-1": False, "1-4": True, "1-5": False, "1-6": False}
    assert "Thank" not in repr(reader.batches) + repr(reader.state.entries)
    await clock.advance(60)
    desk.say("1", "agent", "Now?")
    await clock.advance(60)
    desk.say("1", "customer", "Thanks!")
    reader.restart()
    await clock.advance(60)
    assert [each for each in await reader.poll() if each.startswith("words")] == ["words 1-8"]
    received = {event.id: event.courtesy for batch in reader.batches for event in batch.events if event.kind == "received"}
    assert received == {"1-1": False, "1-4": True, "1-5": False, "1-6": False, "1-8": True}


# what is not there any more


@pytest.mark.parametrize("why", ["deleted", "out_of_sight"])
async def test_an_open_ticket_that_is_gone_is_discarded_where_it_was(desk: Desk, clock: FakeClock, why: str):
    opened(desk, 2)
    desk.change("2", "queue", "Support", "Billing")
    await clock.advance(600)
    reader = Reader(desk)
    await reader.poll()
    desk.hidden["2"] = why  # type: ignore[assignment]
    await clock.advance(59.9)
    await reader.poll()
    assert reader.kinds("2")[-1] == "assigned"
    await clock.advance(0.1)
    await reader.poll()
    [event] = reader.batches[-1].events
    assert (event.kind, event.reason, event.contact, event.place) == ("discarded", why, "2", "queue:Billing")
    await clock.advance(60)
    assert await reader.poll() == ["list None", "look 1" if why == "deleted" else "look 1 2"]
    assert [event.kind for batch in reader.batches for event in batch.events] == []  # once


async def test_a_ticket_that_comes_back_into_sight_waits_again(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    await clock.advance(600)
    reader = Reader(desk)
    await reader.poll()
    kinds = []
    for hidden in ({"2": "out_of_sight"}, {}, {"2": "out_of_sight"}, {}):
        desk.hidden = hidden  # type: ignore[assignment]
        reader.restart()
        await clock.advance(60)
        await reader.poll()
        kinds.append([(event.kind, event.id) for event in reader.batches[-1].events])
    assert [[kind for kind, _ in each] for each in kinds] == [["discarded"], ["restored"], ["discarded"], ["restored"]]
    assert len({name for each in kinds for _, name in each}) == 4


@pytest.mark.parametrize("why", ["deleted", "out_of_sight"])
async def test_a_ticket_that_comes_back_by_a_change_is_restored_with_it(desk: Desk, clock: FakeClock, why: str):
    """Out of a bin, too, and though another process had seen it go."""
    desk.open("2")
    await clock.advance(600)
    reader = Reader(desk)
    await reader.poll()
    desk.hidden["2"] = why  # type: ignore[assignment]
    await clock.advance(60)
    await reader.poll()
    reader.restart()
    del desk.hidden["2"]
    desk.change("2", "status", "open", "resolved")
    await clock.advance(15)
    await reader.poll()
    assert [event.kind for batch in reader.batches for event in batch.events][-2:] == ["resolved", "restored"]
    await clock.advance(60)
    assert await reader.poll() == ["list None"]


async def test_closed_tickets_are_not_looked_for(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    desk.change("1", "status", "open", "resolved")
    await clock.advance(600)
    reader = Reader(desk)
    assert (await reader.poll())[-1] == "look 2"
    assert list(reader.state.entries) == ["ticket:2"]


async def test_many_open_tickets_are_looked_for_in_turn(desk: Desk, clock: FakeClock):
    desk.per_page = 1000
    opened(desk, 150)
    await clock.advance(600)
    reader = Reader(desk)
    looks = []
    for _ in range(3):
        looks.append((await reader.poll())[-1].split()[1:])
        await clock.advance(60)
    assert [len(look) for look in looks] == [100, 50, 100]
    assert sorted(looks[0] + looks[1]) == sorted(str(n) for n in range(1, 151))
    assert looks[2] == looks[0]


# rights


async def test_what_the_account_cannot_see_is_told_when_it_changes(desk: Desk, clock: FakeClock):
    reader = Reader(desk)
    desk.why = ("no comments",)
    await reader.poll()
    assert reader.batches[-1].untold is not None
    assert reader.batches[-1].untold.why == ("no comments",)
    await reader.poll()
    assert reader.batches[-1].untold is None
    desk.why = ()
    await reader.poll()
    assert reader.batches[-1].untold is not None
    assert reader.batches[-1].untold.why == ()


async def test_check_says_it_as_a_failure(desk: Desk):
    desk.why = ("no comments",)
    findings = [finding async for finding in Reader(desk).connector.check()]
    assert [(finding.ok, finding.text) for finding in findings] == [(True, "is there"), (False, "no comments")]


async def test_an_automatic_answer_of_the_customer_is_told_as_one(desk: Desk, clock: FakeClock):
    desk.open("1")
    for by, text in (("agent", "Done"), ("customer", "Out of office until Monday"), ("customer", "Thanks!")):
        await clock.advance(60)
        desk.say("1", by, text)
    await clock.advance(600)
    reader = Reader(desk)
    await reader.poll()
    received = [(event.automatic, event.courtesy) for event in reader.batches[0].events if event.kind == "received"]
    assert received == [(True, False), (False, True)]


async def test_a_ticket_that_another_one_took_in_is_merged_where_it_was(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    desk.change("2", "queue", "Support", "Billing")
    await clock.advance(600)
    reader = Reader(desk)
    await reader.poll()
    desk.say("1", "agent")
    desk.absorbed["1"] = [absorbed(desk, "2", into="1"), absorbed(desk, "77", into="1")]  # nobody ever heard of the other one
    del desk.updated["2"]
    await clock.advance(15)
    await reader.poll()
    told = [(e.kind, e.contact, e.to, e.place) for batch in reader.batches for e in batch.events if e.contact in ("2", "77")]
    assert told == [
        ("merged", "2", "1", "queue:Billing"),
        ("opened", "77", None, "queue:Support"),
        ("assigned", "77", None, "queue:Support"),
        ("merged", "77", "1", "queue:Support"),
    ]
    await clock.advance(60)
    assert await reader.poll() == ["list None", "look 1"]


def absorbed(desk: Desk, number: str, *, into: str) -> Ticket:
    stamp = desk.facts[into][-1].stamp
    return Ticket(number, number, stamp, None, {"queue": "Support"}, [Merge(stamp, into)])
