"""The pages behind a figure, over a real socket: a contact point with its signals, and one contact."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient

from monitor.publish.web.details import exact_duration, said_against, short_duration
from monitor.publish.web.point_pages import week_lines
from monitor.publish.web.services import SignalsWanted
from tests.publish.snapshots import NOW, point, snapshot, source, waits
from tests.publish.web.answers import CONTACT, evidence, other, signal_row, wait
from tests.publish.web.fakes import FakeServices
from tests.publish.web.signs import state

PERSON = {"Accept": "text/html"}
ODD_NAMES = [
    "a/b",
    "//a//b/",
    "100%",
    "100%25",
    "%2F",
    "two words",
    "Münchner Straße",
    "<script>alert(1)</script>",
    "a?b#c",
    "a+b",
    "../x",
    "a/..",
    "...",
    "index",
    "'\"&",
]


async def page(client: TestClient, path: str) -> str:
    """A page's text, its line ends as blanks."""
    answer = await client.get(path, headers=PERSON)
    assert answer.status == 200
    assert answer.content_type == "text/html"
    return " ".join((await answer.text()).split())


class TestContactPoint:
    async def test_it_says_who_waits_as_the_board_does(self, client: TestClient):
        text = await page(client, "/contact-points/support-line")
        assert "<h1>Support line</h1>" in text
        assert "phone · open · Customer service" in text
        assert "<h2>This week</h2>" in text  # which has one channel only
        assert state("breached", "over the limit now") in text
        assert "<strong>4</strong> in the queue" in text
        assert "longest 1 min 35 s · next limit in 8 s" in text

    async def test_closed(self, client: TestClient):
        text = await page(client, "/contact-points/web-chat")
        assert "<b>closed</b>" in text
        assert state("closed", "closed") in text

    async def test_a_blind_one_says_unknown_and_why(self, client: TestClient):
        text = await page(client, "/contact-points/info-mail")
        assert state("unknown", "unknown") in text
        assert "source mail has been down for 21 min 50 s: login refused: check password_file" in text
        assert "here in the last 7 days, as far as is known." in text

    async def test_each_signal_against_its_objective(self, client: TestClient):
        text = await page(client, "/contact-points/support-line")
        row = text[text.index('<span class="title">waited too long in the queue</span> <span class="sub">long wait</span>') :]
        row = row[: row.index("</tr>")]
        # 61 assessed, 14 negative: 47 of 61 went well, 77.04 %, and 90 % are the objective.
        link = "/signals?contact_point=support-line&amp;signal=long_wait&amp;since=2026-11-02T00%3A00%3A00Z"
        assert f'<a href="{link}"><strong>14</strong></a> <span class="of">of 61</span>' in row
        assert "77 %" in row
        assert "90 %" in row
        assert "missed" in row
        assert "nothing assessed yet" in text

    async def test_the_signals_behind_the_figures(self, client: TestClient, services: FakeServices):
        services.rows = [signal_row(), signal_row(signal="abandoned", waited_seconds=None, limit_seconds=None)]
        text = await page(client, "/contact-points/support-line")
        assert '<time datetime="2026-11-02T09:28:25+00:00">Mon 2 Nov 2026, 09:28:25 GMT</time>' in text
        assert "1 min 35.5 s" in text
        assert '<td role="cell" data-label="Limit" class="figure">20 s</td>' in text
        assert f'<a href="/contacts/{CONTACT}">1762075670.15</a>' in text
        assert '<span class="title">gave up</span>' in text
        assert services.asked == [SignalsWanted(NOW - timedelta(days=7), contact_points=frozenset({"support-line"}), limit=100)]

    async def test_opening_days_are_no_hours_and_not_nothing(self, client: TestClient, services: FakeServices):
        objectives, days = {"late_resolution": 0.85, "late_reply": 0.9}, {"late_resolution": 3, "late_reply": 1}
        services.current = snapshot(point("desk", "ticket", objectives=objectives, opening_days=days))
        late = {"channel": "ticket", "waited_seconds": 90_000.0, "limit_seconds": None}
        services.rows = [signal_row(signal="late_resolution", **late, limit_opening_days=3)]
        text = await page(client, "/contact-points/desk")
        assert text.count('<td role="cell" data-label="Limit">3 opening days</td>') == 1
        assert '<td role="cell" data-label="Limit">1 opening day</td>' in text
        assert '<td role="cell" data-label="Limit" class="figure">3 opening days</td>' in text
        answer = await (await client.get("/api/v1/contact-points")).json()
        limits = {each["signal"]: each["limit_opening_days"] for each in answer["contact_points"][0]["signals"]}
        assert limits == days

    async def test_moments_are_in_the_zone_of_the_contact_point(self, client: TestClient, services: FakeServices):
        services.current = snapshot(point("line", timezone="Asia/Tokyo"))
        services.rows = [signal_row(contact_point="line")]
        text = await page(client, "/contact-points/line")
        assert "Mon 2 Nov 2026, 18:28:25 JST" in text
        assert "When (Asia/Tokyo)" in text

    async def test_without_signals_it_says_so(self, client: TestClient):
        assert "<strong>None.</strong> No customer met a negative contact here" in await page(client, "/contact-points/reception")

    @pytest.mark.parametrize(("rows", "listed", "more"), [(99, 99, False), (100, 100, False), (101, 100, True)])
    async def test_the_newest_hundred(self, client: TestClient, services: FakeServices, rows: int, listed: int, more: bool):
        services.rows = [signal_row()] * rows
        text = await page(client, "/contact-points/support-line")
        assert text.count(f"/contacts/{CONTACT}") == listed
        assert ("The newest 100 of them" in text) is more

    async def test_a_signal_leads_to_the_contact_that_it_rests_on(self, client: TestClient, services: FakeServices):
        services.rows = [signal_row(signal="repeat_contact", related="fedcba9876543210"), signal_row()]
        text = await page(client, "/contact-points/support-line")
        assert text.count('after <a href="/contacts/fedcba9876543210">fedcba9876543210</a>') == 1

    async def test_a_signal_whose_contact_is_gone_leads_nowhere(self, client: TestClient, services: FakeServices):
        services.rows = [signal_row(contact="")]
        text = await page(client, "/contact-points/support-line")
        assert "not kept any more" in text
        assert "/contacts/" not in text

    async def test_a_contact_point_with_two_channels_shows_both(self, client: TestClient, services: FakeServices):
        services.current = replace(snapshot(), points={"desk": point("desk", "ticket"), "desk/email": point("desk", "email")})
        services.rows = [signal_row(channel="email")]
        text = await page(client, "/contact-points/desk")
        assert "This week, ticket" in text
        assert "This week, e-mail" in text
        assert '<span class="of">e-mail</span>' in text

    @pytest.mark.parametrize("name", ODD_NAMES)
    async def test_the_board_leads_to_it_whatever_it_is_called(self, client: TestClient, services: FakeServices, name: str):
        services.current = snapshot(point(name, running={"queue": waits(1)}))
        link = f"/contact-points/{quote(name, safe='')}"
        assert f'href="{link}"'.replace("'", "&#39;") in await page(client, "/")
        assert await raw_status(client, link) == 200
        assert services.asked[-1].contact_points == {name}

    async def test_everything_is_escaped(self, client: TestClient, services: FakeServices):
        hostile = '"><script>alert(1)</script>'
        services.current = snapshot(point(hostile, title=hostile, team=hostile, running=None, sources=(hostile,)),
                                    sources=(replace(source(hostile, hostile, False), trouble=hostile),))  # fmt: skip
        services.rows = [signal_row(native_id=hostile, contact_point=hostile)]
        text = await page(client, "/contact-points/" + quote(hostile, safe=""))
        assert "<script>" not in text
        assert "alert(1)" in text

    async def test_an_unknown_one_names_the_nearest(self, client: TestClient):
        answer = await client.get("/contact-points/suport-lines", headers=PERSON)
        text = await answer.text()
        assert answer.status == 404
        assert '<a href="/contact-points/support-line">support-line</a>' in text
        assert "info-mail" not in text

    @pytest.mark.parametrize(
        "path",
        ["%00", "%ff", "%ED%A0%80", "x" * 5000, "%3Cscript%3E", "..%2f..%2fetc", "\xff"],
    )
    async def test_rubbish_is_an_unknown_one(self, client: TestClient, path: str):
        assert await raw_status(client, f"/contact-points/{path}") in (400, 404)

    async def test_half_a_character_does_not_cost_the_page(self, client: TestClient, services: FakeServices):
        services.current = snapshot(point("a\ud800b"))
        assert "/contact-points/a%3Fb" in await page(client, "/")
        assert (await client.get("/contact-points/a%3Fb", headers=PERSON)).status == 404


async def raw_status(client: TestClient, path: str) -> int:
    """The status of exactly this path, which a client's own library would tidy up."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("latin-1"))
    status = (await reader.readline()).split()[1]
    await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(status)


class TestContact:
    @pytest.fixture(autouse=True)
    def known(self, services: FakeServices) -> None:
        services.contacts[CONTACT] = evidence()

    async def test_its_evidence(self, client: TestClient):
        text = await page(client, f"/contacts/{CONTACT}")
        assert '<a href="/contact-points/support-line">Support line</a>' in text
        assert 'Source pbx calls it <span class="title">1762075670.15</span>' in text
        assert state("breached", "waited too long in the queue") in text
        assert "Judged up to <time" in text
        assert "Mon 2 Nov 2026, 09:29:58 GMT" in text

    async def test_the_arithmetic_of_a_wait_that_was_too_long(self, client: TestClient):
        text = await page(client, f"/contacts/{CONTACT}")
        row = text[text.index('<span class="title">in the queue</span>') :]
        row = row[: row.index("</tr>")]
        assert "around the clock" in row
        assert "<strong>1 min 35.5 s</strong>" in row
        assert '<td role="cell" data-label="Limit">20 s <span class="facts">due <time' in row
        assert "over the limit" in row
        assert "by 1 min 15.5 s" in row

    async def test_a_wait_that_goes_on_in_opening_hours(self, client: TestClient):
        text = await page(client, f"/contacts/{CONTACT}")
        row = text[text.index('<span class="title">to be called back') :]
        row = row[: row.index("</tr>")]
        assert "in the opening hours of office" in row
        assert "It goes on. The limit falls at 13:28:35." in row
        assert "still open" in row

    @pytest.mark.parametrize(
        ("due", "days", "expected"),
        [
            ("2026-11-05T17:30:00Z", 3, '3 opening days <span class="facts">due <time datetime="2026-11-05T17:30:00+00:00">'),
            (None, 3, "3 opening days</td>"),  # its clock stands still
            # the deadline of a sector has neither
            ("2026-11-05T17:30:00Z", None, ' <span class="facts">due <time datetime="2026-11-05T17:30:00+00:00">'),
            (None, None, "none</td>"),
        ],
    )
    async def test_a_limit_without_a_fixed_length(
        self, client: TestClient, services: FakeServices, due: str | None, days: int | None, expected: str
    ):
        solution = wait("resolution", "2026-11-02T09:27:00Z", None, 178.0, None, due, "open", days)
        services.contacts[CONTACT] = evidence(waits=[solution])
        assert f'<td role="cell" data-label="Limit">{expected}' in await page(client, f"/contacts/{CONTACT}")

    @pytest.mark.parametrize(
        ("waited", "limit", "by"),
        [
            (120.0, 120.0, None),
            (120.25, 120.0, "by 0.25 s"),
            (120.0005, 120.0, "by 0.001 s"),
            (120.000001, 120.0, "by less than 1 ms"),
            (90_000.0, None, None),
        ],
    )
    async def test_by_how_much_it_is_over_the_limit(
        self, client: TestClient, services: FakeServices, waited: float, limit: float | None, by: str | None
    ):
        since, until, due = "2026-11-02T09:20:00Z", "2026-11-02T09:22:00.25Z", "2026-11-02T09:22:00Z"
        services.contacts[CONTACT] = evidence(waits=[wait("hold", since, until, waited, limit, due, "breached")])
        text = await page(client, f"/contacts/{CONTACT}")
        row = text[text.index('<span class="title">on hold</span>') :]
        row = row[: row.index("</tr>")]
        assert "over the limit" in row
        assert ('<span class="facts">by ' in row) == (by is not None)
        assert by is None or by in row

    async def test_a_promise_is_over_its_moment_not_over_its_grace(self, client: TestClient, services: FakeServices):
        """Made at nine for ten, kept at eleven: it was not two hours over a limit of nothing."""
        since, until, due = "2026-11-02T09:00:00Z", "2026-11-02T11:00:00Z", "2026-11-02T10:00:00Z"
        services.contacts[CONTACT] = evidence(waits=[wait("promise", since, until, 7200.0, 0.0, due, "breached")])
        text = await page(client, f"/contacts/{CONTACT}")
        assert "over the limit" in text
        assert '<span class="facts">by ' not in text

    @pytest.mark.parametrize(
        ("promise", "shown"),
        [
            (
                {"deed": "call", "rule": "we will: call", "kept_by": {"kind": "called_out"}, "late_seconds": 3600.0},
                ["to call, found by the rule we will: call · around the clock", "by 1 h</span>", "kept: customer called</span>"],
            ),
            (
                {"deed": "send", "kept_by": {"kind": "reached", "channel": "phone", "contact": "00ff"}, "late_seconds": 0.000001},
                [
                    "to send something · around", "by less than 1 ms</span>",
                    'kept: heard from us in another contact, <a href="/contacts/00ff">00ff</a>',
                ],
            ),
            ({"kept_by": {"kind": "fulfilled"}}, ["kept: promise kept</span>"]),
            ({}, []),
        ],
    )  # fmt: skip
    async def test_what_was_promised_and_what_kept_it(
        self, client: TestClient, services: FakeServices, promise: dict[str, object], shown: list[str]
    ):
        since, until, due = "2026-11-02T09:00:00Z", "2026-11-02T11:00:00Z", "2026-11-02T10:00:00Z"
        row = wait("promise", since, until, 7200.0, None, due, "breached")
        services.contacts[CONTACT] = evidence(promise, waits=[row])
        text = await page(client, f"/contacts/{CONTACT}")
        assert [each for each in shown if each not in text] == []
        assert ("kept:" in text) == ("kept_by" in promise)

    async def test_what_a_text_promises_stands_with_its_event(self, client: TestClient, services: FakeServices):
        promises = [
            {"deed": "call", "due": "2026-11-03T11:00:00Z", "rule": "we will: call"},
            {"deed": "refund", "due": None, "rule": "<b>"},
        ]
        said = [
            {"kind": "replied", "at": "2026-11-02T09:27:00Z", "promises": promises},
            {"kind": "promised", "at": "2026-11-02T09:28:00Z", "deed": "visit"},
        ]
        services.contacts[CONTACT] = evidence(events=said)
        text = await page(client, f"/contacts/{CONTACT}")
        assert "promises to call by" in text
        assert "11:00" in text
        assert "(rule we will: call), promises to give money back, no time stated (rule &lt;b&gt;)</span>" in text
        assert '<span class="of">to come</span>' in text

    async def test_marks_outcomes_and_events(self, client: TestClient):
        text = await page(client, f"/contacts/{CONTACT}")
        assert '<span class="title">gave up</span> <span class="of">not in target</span>' in text
        assert '<span class="title">gave up</span> <span class="of">the caller hung up</span>' in text
        assert '<span class="title">left unanswered</span> <span class="of">+ 1 min 35 s</span>' in text

    async def test_with_what_he_came_before_and_where_he_waited(self, client: TestClient, services: FakeServices):
        other = "fedcba9876543210"
        before = {"channel": "email", "contact": other, "since": "2026-11-02T09:00:00Z"}
        services.contacts[CONTACT] = evidence(
            signals=[{"signal": "lost_context", "at": "2026-11-02T09:27:00Z", "related": other}],
            events=[
                {"kind": "came_again", "at": "2026-11-02T09:27:00Z", "reason": "asked", **before},
                {"kind": "started_anew", "at": "2026-11-02T09:27:00Z", "reason": "unanswered", **before},
                {"kind": "reached", "at": "2026-11-02T09:28:00Z", "channel": "phone", "contact": other},
                {"kind": "came_again", "at": "2026-11-02T09:29:00Z", "reason": "shared"},
            ],
        )
        text = await page(client, f"/contacts/{CONTACT}")
        mail = f'<a href="/contacts/{other}">e-mail contact {other}</a>'
        assert f'had come before</span> <span class="of"></span> <span class="of">{mail}</span>' in text
        assert "as we had asked, until Mon 2 Nov 2026, 09:00:00 GMT" in text
        assert f'started anew</span> <span class="of"></span> <span class="of">{mail}</span>' in text
        assert "without an answer there, since Mon 2 Nov 2026, 09:00:00 GMT" in text
        assert f'<a href="/contacts/{other}">phone contact {other}</a>' in text
        assert (
            'had come before</span> <span class="of">+ 2 min</span> <span class="of">with a number or address that many' in text
        )
        assert 'had to start anew</span> <span class="facts inline"><time datetime="2026-11-02T09:27:00+00:00">' in text
        assert f'after <a href="/contacts/{other}">{other}</a>' in text

    async def test_the_contacts_of_the_same_customer_stand_beside_it_in_time(self, client: TestClient, services: FakeServices):
        mail = other(signals=["late_reply"], stands="waiting", waits=["reply"], relations=["came_before", "unanswered"])
        call = other("1" * 16, channel="phone", contact_point="former", begun="2026-11-02T10:00:00Z", begun_by_us=True,
                     stands="not_reached", relations=["settled_callback"])  # fmt: skip
        services.contacts[CONTACT] = evidence(others=[mail, call])
        text = await page(client, f"/contacts/{CONTACT}")
        table = text[text.index('<h2 id="others">The same customer</h2>') : text.index('<h2 id="events">Events</h2>')]
        before, this, after = table.index("fedcba9876543210"), table.index("this contact<"), table.index("1" * 16)
        assert before < this < after
        here = '<tr role="row" class="here" aria-current="true"> <th role="rowheader" scope="row">'
        assert f'{here}<time datetime="2026-11-02T09:27:00+00:00">' in table
        assert '<a href="/contacts/fedcba9876543210">e-mail contact fedcba9876543210</a>' in table
        assert '<a href="/contact-points/info-mail">Info mailbox</a>' in table
        assert state("breached", "awaiting a first reply") + ' <span class="facts">first reply too late' in table
        assert "the customer came here again after it; was unanswered when the customer came here" in table
        assert 'begun by us</span> <span class="sub">former</span>' in table
        assert state("none", "we did not reach the customer") in table

    async def test_nobody_else_is_no_heading(self, client: TestClient):
        assert "The same customer" not in await page(client, f"/contacts/{CONTACT}")

    async def test_nothing_wrong(self, client: TestClient, services: FakeServices):
        kept = wait("queue", "2026-11-02T09:27:00Z", "2026-11-02T09:27:12Z", 12.0, 20.0, "2026-11-02T09:27:20Z", "kept")
        void = wait("hold", "2026-11-02T09:28:00Z", "2026-11-02T09:28:12Z", 12.0, None, None, "void")
        services.contacts[CONTACT] = evidence(signals=[], marks=[], waits=[kept, void])
        text = await page(client, f"/contacts/{CONTACT}")
        assert "nothing went wrong so far" in text
        assert "within the limit" in text
        assert "does not count" in text
        assert "Other moments" not in text

    async def test_a_contact_point_that_is_no_more_is_named_without_a_link(self, client: TestClient, services: FakeServices):
        services.contacts[CONTACT] = evidence(contact_point="former")
        text = await page(client, f"/contacts/{CONTACT}")
        assert "former" in text
        assert "/contact-points/former" not in text

    async def test_everything_is_escaped(self, client: TestClient, services: FakeServices):
        hostile = '"><script>alert(1)</script>'
        services.contacts[CONTACT] = evidence(
            native_id=hostile, source=hostile, contact_point=hostile,
            marks=[{"mark": hostile, "at": "2026-11-02T09:28:35Z", "reason": hostile}],
            events=[{"kind": hostile, "at": "2026-11-02T09:28:35Z"}],
        )  # fmt: skip
        text = await page(client, f"/contacts/{CONTACT}")
        assert "<script>" not in text
        assert "alert(1)" in text

    async def test_a_contact_that_goes_on_for_ever_shows_its_newest_events(self, client: TestClient, services: FakeServices):
        events = [{"kind": f"noted-{n}", "at": "2026-11-02T09:28:35Z"} for n in range(502)]
        services.contacts[CONTACT] = evidence(events=events)
        text = await page(client, f"/contacts/{CONTACT}")
        assert "The newest 500; 2 earlier ones" in text
        assert "noted-1<" not in text
        assert "noted-2<" in text

    @pytest.mark.parametrize(
        "name",
        [
            "0" * 16,
            "0123456789ABCDEF",
            CONTACT[:-1],
            CONTACT + "0",
            "1762075670.15",
            "%00",
            "%3Cscript%3E",
            CONTACT + "%0A",
            "../x",
        ],
    )
    @pytest.mark.parametrize("path", ["/contacts/", "/api/v1/contacts/"])
    async def test_anything_else_is_unknown(self, client: TestClient, path: str, name: str):
        assert await raw_status(client, path + name) == 404

    async def test_as_json_it_is_what_explain_says(self, client: TestClient):
        answer = await client.get(f"/api/v1/contacts/{CONTACT}")
        assert (answer.status, await answer.json()) == (200, evidence().contract)


@pytest.mark.parametrize(
    "path", ["/contact-points/support-line", f"/contacts/{CONTACT}", "/api/v1/signals", f"/api/v1/contacts/{CONTACT}"]
)
async def test_a_store_that_cannot_be_read_is_a_matter_of_waiting(client: TestClient, services: FakeServices, path: str):
    services.readable = False
    answer = await client.get(path, headers=PERSON)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    text = await answer.text()
    assert "the store cannot be read now" in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("assessed", "bad", "objective", "share", "met"),
    [
        (20, 1, 0.95, "95 %", True),
        (10_000, 501, 0.95, "94.9 %", False),  # 94.99 % must not read as 95
        (1000, 1, 0.999, "99.9 %", True),
        (3, 0, 1.0, "100 %", True),
        (1001, 1, 1.0, "99.9 %", False),
        (7, 7, 0.9, "0 %", False),
        (0, 0, 0.9, "", None),
    ],
)
def test_the_share_against_the_objective(assessed: int, bad: int, objective: float, share: str, met: bool | None):
    state = point("line", objectives={"long_wait": objective})
    weeks = {("line", "long_wait", "2026-11-02"): (assessed, bad)} if assessed else {}
    [line] = week_lines(state, snapshot(state, weeks=weeks))
    assert (line.share, line.met) == (share, met)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (0.0004, "0 s"),
        (0.25, "0.25 s"),
        (20.4, "20.4 s"),
        (59.9996, "1 min"),
        (120.001, "2 min 0.001 s"),
        (3600, "1 h"),
        (3660.9, "1 h 1 min"),
        (93784.2, "26 h 3 min 4 s"),
    ],
)
def test_what_is_compared_is_told_exactly(seconds: float, said: str):
    assert exact_duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "limit", "said"),
    [
        (75.001, 20.0, "1 min 15 s"),
        (119.999, 120.0, "1 min 59 s"),  # within the limit, and said to be
        (120.0, 120.0, "2 min"),  # which was reached to the microsecond
        (120.000001, 120.0, "just over 2 min"),
        (121.0, 120.0, "2 min 1 s"),
        (13.7, 13.5, "just over 13.5 s"),  # five rings of a country may end within a second
        (0.4, 0.0, "just over 0 s"),
        (0.4, None, "0 s"),
        (14_459.0, 14_400.0, "just over 4 h"),
        (14_460.0, 14_400.0, "4 h 1 min"),
        (93_784.2, None, "26 h 3 min"),
    ],
)
def test_a_headline_is_rounded_and_never_reads_as_the_limit_that_was_passed(seconds: float, limit: float | None, said: str):
    assert said_against(seconds, limit) == said


@pytest.mark.parametrize(
    ("seconds", "limit", "said"),
    [
        (190.552, 120.0, "3 min 10 s"),
        (19.999, 20.0, "19 s"),
        (20.0, 20.0, "20 s"),
        (20.4, 20.0, "20.4 s"),  # "20 s of 20 s" would not be over
        (0.4, 0.0, "0.4 s"),  # not nothing
        (0.0, 0.0, "0 s"),
        (14_459.0, 14_400.0, "4 h 59 s"),
        (14_460.5, 14_400.0, "4 h 1 min"),
    ],
)
def test_in_a_drawing_a_wait_is_rounded_unless_it_would_read_as_within_its_limit(seconds: float, limit: float, said: str):
    assert short_duration(seconds, limit) == said
