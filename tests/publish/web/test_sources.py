"""What the page of sources says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from monitor.domain.snapshot import ReceiverState, Snapshot, SourceState
from monitor.publish.web.board.lines import PointLine
from monitor.publish.web.responses import Pages
from monitor.publish.web.services import Gap
from monitor.publish.web.sources import sources_page
from tests.publish.snapshots import NOW, ago, contact_centre, point, snapshot, source
from tests.publish.web.board.scenes import Scene
from tests.publish.web.fakes import FakeServices
from tests.publish.web.signs import state


def page(current: Snapshot, *gaps: Gap, known: bool = True) -> str:
    return Pages().render("sources.html", {**sources_page(current, gaps if known else None), "refresh": True}).decode()


def row(text: str, name: str) -> str:
    """The row of one source, its line ends as blanks."""
    start = text.index(f'<tr role="row" id="{name}"')
    return " ".join(text[start : text.index("</tr>", start)].split())


class TestHowItIsRead:
    def test_what_is_not_read_stands_first_and_the_head_names_it(self):
        text = page(
            snapshot(
                sources=(
                    source("a-well"),
                    source("b-new", up=None),
                    source("c-down", up=False),
                    replace(source("d-old"), watermark=ago(600)),
                )
            )
        )
        places = [text.index(f'<tr role="row" id="{name}"') for name in ("c-down", "d-old", "b-new", "a-well")]
        assert places == sorted(places)
        assert "3 of 4 not known up to now" in text
        assert "<h1>3 of 4 sources are not known up to now: c-down, d-old, b-new</h1>" in text
        assert "<title>(3) Sources – contact-monitor</title>" in text
        assert '<a href="#c-down">c-down</a>, <a href="#d-old">d-old</a>, <a href="#b-new">b-new</a>' in text

    def test_one_that_is_not_read_is_the_news(self):
        down = replace(source("mail", up=False), since=ago(1310))
        assert "<h1>mail: down for 21 min 50 s</h1>" in page(snapshot(sources=(source(), down)))

    def test_all_read(self):
        text = page(snapshot())
        assert "<h1>pbx is read up to now</h1>" in text
        assert "<h1>All 2 sources are read up to now</h1>" in page(snapshot(sources=(source(), source("log"))))
        assert "<title>Sources – contact-monitor</title>" in text
        assert "What to do" not in text


class TestRows:
    def test_one_that_is_down_says_since_when_why_and_what_to_do(self):
        mail = row(page(contact_centre()), "mail")
        assert state("unknown", "down for 21 min 50 s") in mail
        assert "login refused: check password_file" in mail
        assert "contact-monitor check --config FILE" in mail
        assert '<td role="cell" data-label="Last read">22 min ago</td>' in mail
        assert '<td role="cell" data-label="Complete up to">22 min ago</td>' in mail
        assert 'feeds <a href="/contact-points/info-mail">Info mailbox</a>' in mail

    @pytest.mark.parametrize(
        "blind", [source(up=None), source(up=False), replace(source(), watermark=ago(600))], ids=["new", "down", "behind"]
    )
    def test_one_that_is_not_read_looks_as_its_contact_points_do_on_the_board(self, blind: SourceState):
        scene = Scene(blind).add("line", waits=None)
        assert 'class="row-unknown"' in row(page(scene.snapshot()), "pbx")
        (line,) = scene.board().rows
        assert isinstance(line, PointLine)
        assert line.sign == "unknown"

    def test_one_that_tells_nothing_newer_is_unknown_and_not_well(self):
        behind = row(page(snapshot(sources=(replace(source(), watermark=ago(600)),))), "pbx")
        assert 'class="row-unknown"' in behind
        assert state("unknown", "has told nothing newer for 10 min") in behind
        assert "look at the sender" in behind
        assert "10 min ago" in behind

    def test_one_that_was_never_read(self):
        new = row(page(snapshot(sources=(source(up=None),))), "pbx")
        assert state("unknown", "not read yet") in new
        assert new.count("never") == 2
        assert "feeds no contact point yet" in new

    def test_many_contact_points_are_cut_at_twelve(self):
        points = [point(f"line-{number:02}") for number in range(13)]
        text = row(page(snapshot(*points)), "pbx")
        assert text.count('<a href="/contact-points/') == 12
        assert "and 1 more" in text

    def test_a_contact_point_with_two_channels_is_named_once(self):
        centre = snapshot(point("desk", "email"))
        both = replace(centre, points={**centre.points, "desk/ticket": point("desk", "ticket")})
        assert row(page(both), "pbx").count('<a href="/contact-points/desk">') == 1

    def test_what_is_worth_a_word(self):
        pbx = replace(source(), clock_offset_seconds=-61.0, last_outbound=ago(3 * 86400))
        totals = {
            ("source_records_rejected_total", ("pbx", "asterisk", "malformed")): 2.0,
            ("source_records_rejected_total", ("pbx", "asterisk", "future")): 1.0,
            ("source_records_unmapped_total", ("pbx", "asterisk")): 7.0,
            ("source_records_unmapped_total", ("other", "asterisk")): 5.0,
        }
        text = row(page(snapshot(sources=(pbx,), totals=totals)), "pbx")
        for note in (
            "newest answer of ours 3 d ago",
            "its clock and ours differ by 1 min 1 s",
            "records refused so far: 3",
            "records without a contact point so far: 7",
        ):
            assert f'<span class="facts">{note}</span>' in text

    def test_what_is_not(self):
        assert "facts" not in row(page(snapshot(sources=(replace(source(), clock_offset_seconds=1.0),))), "pbx")


class TestGaps:
    def gap(self, minutes: int, source: str = "pbx", seconds: int = 65) -> Gap:
        return Gap(source, NOW - timedelta(minutes=minutes), NOW - timedelta(minutes=minutes) + timedelta(seconds=seconds))

    def test_each_of_its_own_source_the_newest_first(self):
        text = page(snapshot(sources=(source(), source("log", "queue_log"))), self.gap(30), self.gap(10, "log"), self.gap(20))
        pbx = row(text, "pbx")
        begun = '<time datetime="2026-11-02T09:10:00+00:00">Mon 2 Nov 2026, 09:10:00 UTC</time>'
        assert f'1 min 5 s <span class="facts">{begun}' in pbx
        assert pbx.index("09:10:00 UTC") < pbx.index("09:00:00 UTC")
        assert "09:20:00" in row(text, "log")
        assert "09:20:00" not in pbx

    def test_no_more_than_five_are_listed(self):
        text = row(page(snapshot(), *(self.gap(minutes) for minutes in range(10, 80, 10))), "pbx")
        assert text.count("1 min 5 s") == 5
        assert "2 earlier" in text

    def test_none(self):
        assert "none" in row(page(snapshot()), "pbx")

    def test_a_store_that_cannot_be_read_is_no_reason_to_say_none(self):
        text = row(page(snapshot(), known=False), "pbx")
        assert "not known: the store cannot be read now" in text
        assert ">none<" not in text


class TestHowMany:
    def test_none_yet(self):
        assert "<strong>No source yet:</strong>" in page(replace(snapshot(), sources={}))

    def test_sixty(self):
        states = tuple(source(f"pbx-{number:02}", up=number >= 13) for number in range(60))
        text = page(snapshot(sources=states))
        assert text.count('<tr role="row" id="') == 60
        assert "13 of 60 not known up to now" in text
        assert "and 1 more" in text

    def test_hostile_names_stay_text(self):
        hostile = '"><script>alert(1)</script>\ud800'
        state = replace(source(hostile, hostile, up=False), trouble=hostile)
        text = page(snapshot(point("line", title=hostile, sources=(hostile,)), sources=(state,)))
        assert "<script>" not in text
        assert "&lt;script&gt;" in text


class TestOverHttp:
    async def test_the_first_page_leads_to_it(self, client: TestClient):
        assert '<a href="/sources">' in await (await client.get("/")).text()
        answer = await client.get("/sources")
        assert (answer.status, answer.content_type) == (200, "text/html")

    async def test_gaps_of_a_week_are_asked_for(self, client: TestClient, services: FakeServices):
        week = timedelta(days=7)
        old = Gap("pbx", NOW - week - timedelta(hours=2), NOW - week - timedelta(hours=1))
        services.found_gaps = [old, Gap("pbx", ago(600), ago(300))]
        text = row(await (await client.get("/sources")).text(), "pbx")
        assert text.count("<li>") == 1
        assert "5 min " in text

    async def test_it_answers_while_the_store_cannot_be_read(self, client: TestClient, services: FakeServices):
        services.readable = False
        answer = await client.get("/sources")
        assert answer.status == 200
        assert "the store cannot be read now" in await answer.text()


class TestNotifications:
    def test_without_receivers_nothing_is_said_of_them(self):
        assert "Notifications" not in page(snapshot())

    def test_a_receiver_that_takes_no_messages_says_why_and_what_to_do(self):
        text = page(
            replace(
                snapshot(),
                receivers={
                    "ops": ReceiverState(False, ago(600), "it answers with HTTP status 401"),
                    "mail": ReceiverState(True, ago(3600)),
                    "new": ReceiverState(None),
                },
            )
        )
        told = " ".join(text[text.index("<h2>Notifications</h2>") :].split())
        assert "takes no messages for 10 min" in told
        assert "it answers with HTTP status 401" in told
        assert "contact-monitor notify --test ops" in told
        assert "takes messages for 1 h" in told
        assert "nothing sent since the start" in told
        assert [told.index(name) for name in ("mail", "new", "ops")] == sorted(
            told.index(name) for name in ("mail", "new", "ops")
        )
        assert "pbx is read up to now" in text
