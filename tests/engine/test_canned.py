"""The same words to everybody, and the customer had to ask again: whatever is read first, and however often.

Each customer writes, gets an answer a minute later, and writes once more a minute after that. Customers come an hour apart.
"""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.daemon.app import make_reader
from monitor.domain.event import Event
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.text_reading import TextReader
from monitor.engine.explain import as_contract, as_text, explain
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import KEY, NINE, RunningDaemon, event
from tests.engine.test_news import HOUR, daemon, tell, until, verdicts

OFFICE = Calendar("office", NINE.tzinfo, parse_week({"mon-fri": "09:00-17:30"}))  # type: ignore[arg-type]
read = TextReader(lambda _place, _channel: OFFICE, lambda _place, _channel: b"a secret")
unsketched = TextReader(lambda _place, _channel: OFFICE)

ON = {"policies": {"default": {"canned_reply": {}}}}
CANNED = ("email", "letters", "canned_reply")
MONDAY = "2026-11-02"
TEMPLATE = (
    "Dear {name},\n\nThank you for contacting us. Our engineers have checked your boiler from a distance and the pressure is"
    " within the usual range. Switch it off at the wall for ten minutes and let the display come back before you turn the tap."
    "\n\nAnn"
)
OTHER = (
    "Your contract number {name} was moved to the new tariff on the first of the month, and the difference is credited to you."
)
NAMES = ("Hart", "Osei", "Moreau", "Silva", "Novak", "Adeyemi", "Keller", "Brandt")


def answered(
    number: int, text: str = TEMPLATE, *, customer: str = "", reader: TextReader = read, name: str = "", **details: Any
) -> list[Event]:  # fmt: skip
    """One who writes, gets an answer and has to ask again."""
    at, name = number * HOUR, name or f"m{number}"

    def mail(kind: str, seconds: float, **more: Any) -> Event:
        return event(name, kind, seconds, "name:letters", "email", customer=customer or f"of {name}", **more)

    reply = reader(mail("replied", at + 60, **details), text.format(name=NAMES[number % len(NAMES)]))
    return [mail("received", at), reply, mail("received", at + 120)]


async def told(*stories: list[Event], source: str = "mail", configuration: dict[str, Any] = ON) -> RunningDaemon:
    running = await daemon(MemoryStore(), **configuration)
    await until(running, 48 * HOUR)
    await tell(running, *((source, story) for story in stories))
    return running


@pytest.mark.parametrize(("customers", "signals"), [(5, 0), (6, 1), (8, 3)])
async def test_the_sixth_customer_to_get_these_words_has_a_canned_reply(customers: int, signals: int) -> None:
    running = await told(*map(answered, range(customers)))
    assert verdicts(running.store, CANNED) == (customers, signals)
    moments = sorted(each.row.at for each in running.store.signals(signal="canned_reply"))
    micros = [((NINE.timestamp() + number * HOUR + 120) * 1_000_000) for number in range(5, customers)]
    assert moments == micros  # when he had to ask again


async def test_off_by_default() -> None:
    running = await told(*map(answered, range(6)), configuration={})
    assert not {key for key in running.store.totals() if "canned_reply" in key[1]}


@pytest.mark.parametrize(
    "last",
    [
        answered(5, OTHER),  # other words
        answered(5, customer="of m0"),  # he is one of the five
        answered(5)[:2],  # he does not ask again
        [*answered(5)[:2], answered(5)[2]._replace(courtesy=True)],  # he says thank you
        [*answered(5)[:2], answered(5)[2]._replace(automatic=True)],
        answered(5, TEMPLATE.replace("\n\nAnn", " Which light is on?\n\nAnn")),  # we asked him
        [*answered(5), event("m5", "bounced", 5 * HOUR + 70, "name:letters", "email", event=answered(5)[1].id)],
        [*answered(5)[:2], answered(5, OTHER, id="o")[1]._replace(at=answered(5)[1].at.replace(second=30)), answered(5)[2]],
    ],
    ids=["words", "customer", "silent", "thanks", "machine", "asked", "bounced", "answered once more"],
)
async def test_what_is_no_canned_reply(last: list[Event]) -> None:
    running = await told(*map(answered, range(5)), last)
    assert verdicts(running.store, CANNED)[1] == 0


@pytest.mark.parametrize("details", [{"by": "bot"}, {"by": "rule"}])
async def test_machines_have_templates(details: dict[str, Any]) -> None:
    running = await told(*(answered(number, **details) for number in range(8)))
    assert verdicts(running.store, CANNED) == (0, 0)


async def test_the_words_of_another_source_do_not_count() -> None:
    running = await told(*map(answered, range(5)))
    await tell(running, ("rt", answered(5)))
    assert list(running.store.signals(signal="canned_reply")) == []
    await tell(running, ("mail", answered(6)))
    assert [each.row.contact for each in running.store.signals(signal="canned_reply")] == ["m6"]


async def test_a_reply_that_was_not_sketched_is_not_assessed_and_a_short_one_is_no_template() -> None:
    running = await told(*(answered(number, reader=unsketched) for number in range(8)))
    assert verdicts(running.store, CANNED) == (0, 0)
    running = await told(*(answered(number, "It is done.") for number in range(8)))
    assert verdicts(running.store, CANNED) == (8, 0)


async def test_one_of_the_five_that_did_not_arrive_takes_it_back_and_one_that_is_read_late_makes_it() -> None:
    running = await told(*map(answered, range(6)))
    assert verdicts(running.store, CANNED) == (6, 1)
    bounced = event("m2", "bounced", 3 * HOUR, "name:letters", "email", event=answered(2)[1].id)
    await tell(running, ("mail", [bounced]))
    assert verdicts(running.store, CANNED) == (6, 0)  # counters never go down
    assert running.store.weeks(MONDAY)["letters", "canned_reply", MONDAY] == (5, 0)
    await tell(running, ("mail", answered(3, name="late")))
    assert verdicts(running.store, CANNED) == (7, 1)
    assert running.store.weeks(MONDAY)["letters", "canned_reply", MONDAY] == (6, 1)


async def test_what_is_forgotten_was_never_sent() -> None:
    running = await told(*map(answered, range(6)))
    with running.store.transaction("mail") as unit:
        assert any(news.kind.startswith("worded") for news in unit.news_of(["m0"]))
    ingest = running.coordinator._ingest
    ingest.forget("mail", [("m0", "letters")], now=running.clock.now())
    assert verdicts(running.store, CANNED)[1] == 0


EVENTS = [each for number in range(8) for each in answered(number)]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_order_and_any_repetition_comes_to_the_same(data: st.DataObject) -> None:
    order = data.draw(st.permutations(EVENTS))
    again = data.draw(st.lists(st.sampled_from(EVENTS), max_size=5))
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=24, max_size=24))

    async def play() -> MemoryStore:
        running = await daemon(MemoryStore(), **ON)
        await until(running, 48 * HOUR)
        left = [*order, *again]
        for size in sizes:
            if left[:size]:
                await tell(running, ("mail", left[:size]))
            left = left[size:]
        if left:
            await tell(running, ("mail", left))
        return running.store  # type: ignore[return-value]

    store = asyncio.run(play())
    assert verdicts(store, CANNED) == (8, 3)
    assert sorted(each.row.contact for each in store.signals(signal="canned_reply")) == ["m5", "m6", "m7"]


async def test_explain_says_on_what_it_rests() -> None:
    running = await told(*map(answered, range(6)))
    [found] = running.store.find("m5")
    explained = explain(running.generation.directory, running.store, found)
    assert [each for each in as_contract(explained)["signals"] if each["signal"] == "canned_reply"] == [
        {"signal": "canned_reply", "at": "2026-11-02T14:02:00Z", "related": None, "others": 5}
    ]
    assert "canned_reply (near words to at least 5 others before)" in as_text(explained)
    assert "worded_alike  (of what came at 2026-11-02T14:01:00Z)" in as_text(explained)


async def test_sketches_are_made_where_a_policy_wants_them_and_nowhere_else() -> None:
    running = await daemon(
        MemoryStore(), policies={"vip": {"canned_reply": True}}, contact_points={"letters": {"policy": "vip", "channel": "email"}}
    )
    reader = make_reader(running.generation.settings, "mail", KEY)
    for place, sketched in (("name:letters", True), ("name:others", False)):
        gist = reader(event("m", "replied", 0, place, "email"), TEMPLATE).gist
        assert gist is not None
        assert (gist.sketch is not None) == sketched
