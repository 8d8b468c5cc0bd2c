"""What agents write at each helpdesk, quotes and all as these programs write them, is read for promises.

It is Wednesday, 18 November 2026; the hours are 9:00 to 17:30.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.connectors._redmine_notes import plain_notes
from monitor.testing import FakeClock
from tests.connectors import redmine_desk, rt_desk, scripted_redmine, scripted_znuny, znuny_desk
from tests.connectors.polled_desk import PolledDesk

#: What the one before had promised, and is quoted.
OLD = "I will call you on Friday."
OWN = "Here is the form."
NEW = "We will send you the label tomorrow."
THURSDAY_AT_CLOSING = datetime(2026, 11, 19, 17, 30, tzinfo=UTC)

_RT_HTML = (
    '<div class="gmail_quote">On Wed Nov 18 09:00:00 2026, alice wrote:<br /><blockquote class="gmail_quote" type="cite">'
    f"<p>{OLD}</p></blockquote></div>"
)
_CITE = 'type="cite" style="border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm 4.0pt"'
#: System, whether it is a page, what stands above the own words and below.
REPLIES = [
    ("rt", False, "", f"\n\nOn Wed Nov 18 09:00:00 2026, anna@example.org wrote:\n> Hello,\n> {OLD}\n"),
    ("rt", False, f"On Wed Nov 18 09:00:00 2026, alice wrote:\n> {OLD}\n> Alice\n\n", ""),
    ("rt", False, "", f"\n\nAm Mi 18. Nov 2026, 09:00:00, schrieb alice:\n> {OLD}\n"),
    ("rt", False, "", f"\n\n-- \nAlice Smith\n{OLD}\n"),
    ("rt", True, _RT_HTML + "<p>", "</p>"),
    ("rt", True, "<p>", "</p>" + _RT_HTML),
    ("rt", True, "<p>", f"</p><p>-- <br />Alice Smith<br />{OLD}</p>"),
    ("redmine", False, f"Alice Smith wrote:\n> {OLD}\n\n", ""),
    ("redmine", False, f"Alice Smith wrote in #note-3:\r\n> Anna wrote:\r\n> > Hello?\r\n> {OLD}\r\n\r\n", ""),
    ("redmine", False, f"Alice Smith schrieb in #note-3:\n> {OLD}\n\n", ""),
    ("redmine", False, f"bq. Hello.\n{OLD}\n\n", ""),
    ("redmine", False, f"bq(note). {OLD}\n\n*", "*"),
    ("redmine", False, f"bq.. Hello.\n\n{OLD}\n\np. ", ""),
    ("redmine", False, f"<blockquote>\n{OLD}\n</blockquote>\n", ""),
    ("redmine", False, f"<pre><code>\n{OLD}\n</code></pre>\n", ""),
    ("redmine", False, f"```\n{OLD}\n```\n", ""),
    ("redmine", False, f"<pre>{OLD}</pre>\n", f"\n\nbq. {OLD}"),
    ("znuny", False, "", f"\n\n11/18/2026 09:00 (Europe/London) - Alice Smith wrote:\n\n> {OLD}\n> Alice\n"),
    ("znuny", False, "", f"\n\n1/2/2026 10:00 - Tom schrieb:\n> {OLD}\n"),
    ("znuny", False, "", f'\n\n18.11.2026 09:00 - "Tom Archer" <tom@desk.example> schrieb:\n\n{OLD}\n'),
    ("znuny", False, "", f"\n\nYour team\n\n Alice Smith\n\n--\n Super Support\n {OLD}\n--\n"),
    ("znuny", True, f"11/18/2026 09:00 - Tom wrote:<br/><div  {_CITE}>{OLD}</div><p>", "</p>"),
    ("znuny", True, f"<blockquote {_CITE}>{OLD}</blockquote><p>", "</p>"),
    ("znuny", True, "<p>", f"</p>11/18/2026 09:00 - Tom wrote:<br/><div {_CITE}>{OLD}</div>"),
]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(rt_desk.NOW)


#: Opens a ticket and writes into it: (system, text, whether it is a page) -> the desk.
Write = Callable[[str, str, bool], Awaitable[PolledDesk[Any]]]


@pytest.fixture
async def written(clock: FakeClock) -> AsyncIterator[Write]:
    async with AsyncExitStack() as stack:

        async def write(system: str, text: str, page: bool = False) -> PolledDesk[Any]:
            if system == "rt":
                desk: PolledDesk[Any] = await stack.enter_async_context(rt_desk.scripted_desk(clock))
                desk.server.open("17")
                desk.server.say("17", "alice", text, html=page)
            elif system == "redmine":
                desk = await stack.enter_async_context(redmine_desk.scripted_desk(clock))
                desk.server.open(17)
                desk.server.say(17, scripted_redmine.ALICE, text)
            else:
                desk = await stack.enter_async_context(znuny_desk.scripted_desk(clock))
                desk.server.open(17)
                desk.server.say(17, scripted_znuny.ALICE, text, html=page)
            await clock.advance(60)
            return desk

        yield write


def promises(desk: PolledDesk[Any]) -> list[tuple[str, str, datetime | None]]:
    """(kind of event, deed, due) of all that was found."""
    return [(e.kind, each.deed, each.due) for e in desk.events.values() if e.gist for each in e.gist.promises]


@pytest.mark.parametrize(("system", "page", "above", "below"), REPLIES)
async def test_what_is_quoted_or_signed_was_not_promised_now_and_what_stands_beside_it_was(
    written: Write, system: str, page: bool, above: str, below: str
):
    for own, expected in ((OWN, []), (NEW, [("replied", "send", THURSDAY_AT_CLOSING)])):
        desk = await written(system, above + own + below, page)
        await desk.poll()
        assert promises(desk) == expected


@pytest.mark.parametrize("system", ["rt", "redmine", "znuny"])
async def test_read_again_and_by_another_process_it_tells_the_same(written: Write, clock: FakeClock, system: str):
    desk = await written(system, "I'll call you back tomorrow by 11.", False)
    await desk.poll()
    before = dict(desk.events)
    assert promises(desk) == [("replied", "call", datetime(2026, 11, 19, 11, tzinfo=UTC))]
    if system == "rt":
        desk.server.set("17", "Owner", "bob")
    elif system == "redmine":
        desk.server.set(17, "assigned_to_id", scripted_redmine.BOB)
    else:
        desk.server.set_owner(17, scripted_znuny.ALICE)
    await clock.advance(60)
    desk.restart()
    asked = await desk.poll()
    assert [each for each in asked if "attachment" in each] == []
    assert {key: desk.events[key] for key in before} == before
    assert len(desk.events) == len(before) + 1
    assert "call you back" not in repr(desk.batches) + repr(desk.state.entries)


@pytest.mark.parametrize(
    "piece", ["*", "* a", "_a ", "bq", "bq. ", "<pre ", "<pre>", "```\n", "*a*", "\n", "bq(((", "\ud800*a*\0"], ids=repr
)
def test_notes_of_any_kind_are_read_within_bounds(piece: str):
    assert len(plain_notes(piece * 200_000)) <= 400_000


async def test_notes_among_colleagues_are_not_read(clock: FakeClock):
    text = "Promised him a call back by Friday, will ring her tomorrow."
    async with (
        rt_desk.scripted_desk(clock) as rt,
        redmine_desk.scripted_desk(clock) as redmine,
        znuny_desk.scripted_desk(clock) as znuny,
    ):
        rt.server.open("17")
        rt.server.say("17", "alice", text, kind="Comment")
        redmine.server.open(17)
        redmine.server.say(17, scripted_redmine.ALICE, text, private=True)
        znuny.server.open(17)
        znuny.server.say(17, scripted_znuny.ALICE, text, public=False, channel="Internal", kind="AddNote")
        for desk in (rt, redmine, znuny):
            asked = await desk.poll()
            assert [event.kind for event in desk.events.values() if event.kind in ("noted", "replied")] == ["noted"]
            assert promises(desk) == []
            assert [each for each in asked if "attachment" in each] == []


async def test_neither_files_nor_words_that_are_gone_keep_a_reply_of_request_tracker_from_being_told(clock: FakeClock):
    async with rt_desk.scripted_desk(clock) as desk:
        desk.server.open("17")
        first = desk.server.say("17", "alice", NEW)
        second = desk.server.say("17", "alice", NEW)
        third = desk.server.say("17", "alice", NEW)
        parts = [
            {"id": "90", "ContentType": "multipart/mixed", "Headers": "Subject: é\n"},
            {"id": "91", "ContentType": "text/plain", "Filename": "log.txt"},
            {"id": first, "ContentType": "text/plain"},
        ]
        machine = [{"id": third, "ContentType": "text/plain", "Headers": "Auto-Submitted: auto-replied\n"}]
        desk.server.instead = [
            (f"/transaction/{first}/attachments", 200, {}, json.dumps({"items": parts}).encode()),
            (f"/attachment/{second}", 404, {}, b"{}"),
            (f"/transaction/{third}/attachments", 200, {}, json.dumps({"items": machine}).encode()),
        ]
        asked = await desk.poll()
        assert [kind for kind, *_ in desk.told("17")] == ["opened", "replied", "replied", "replied"]
        assert promises(desk) == [("replied", "send", THURSDAY_AT_CLOSING)]
        assert "/attachment/91" not in asked
        assert len([each for each in asked if "attachment" in each]) == 5


async def test_the_first_read_of_request_tracker_asks_for_no_words_of_long_ago(clock: FakeClock):
    async with rt_desk.scripted_desk(clock) as desk:
        desk.server.open("17")
        desk.server.say("17", "alice", NEW)
        await clock.advance(20 * 24 * 3600)
        desk.server.say("17", "alice", "I'll call you back tomorrow by 11.")  # Tuesday, 8 December
        await clock.advance(60)
        asked = await desk.poll()
        assert promises(desk) == [("replied", "call", datetime(2026, 12, 9, 11, tzinfo=UTC))]
        assert len([each for each in asked if "attachment" in each]) == 2
