"""`/signals`: the filter, who waits now, page after page, the same as CSV."""

import csv
import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientPayloadError
from aiohttp.test_utils import TestClient

from monitor.domain.snapshot import Waiting, WhoWaits
from monitor.errors import StoreUnavailable
from monitor.publish.web.services import SignalsPage, SignalsWanted
from tests.publish.snapshots import NOW, ago, contact_centre, point, snapshot
from tests.publish.web.answers import CONTACT, signal_row
from tests.publish.web.fakes import FakeServices
from tests.publish.web.signs import state
from tests.publish.web.test_details import PERSON, page


def waiting(contact: str, seconds: float, limit: float | None = 20.0, wait: str = "queue", **more: Any) -> Waiting:
    due = None if limit is None else ago(seconds) + timedelta(seconds=limit)
    is_over = due is not None and due < NOW
    said = {"contact_point": "support-line", "channel": "phone", "business_seconds": None, **more}
    place, business = (said["contact_point"], said["channel"]), said["business_seconds"]
    return Waiting(contact * 16, *place, wait, ago(seconds), due, is_over, False, business, limit)


#: 385,600 s are 4 d 11 h 6 min.
PASSED = "limit passed 4 d 11 h ago"


class TestFilter:
    async def test_by_contact_point_signal_team_and_time(self, client: TestClient, services: FakeServices):
        query = {"contact_point": "info-mail", "team": "Customer service", "signal": "late_reply", "since": "24h", "until": "1h"}
        text = await (await client.get("/signals", params=query)).text()
        asked = SignalsWanted(NOW - timedelta(days=1), NOW - timedelta(hours=1), frozenset({"info-mail"}), "late_reply")
        assert services.asked == [asked]
        assert '<option value="info-mail" selected>Info mailbox</option>' in text
        assert '<option value="Customer service" selected>Customer service</option>' in text
        assert '<option value="late_reply" selected>first reply too late</option>' in text
        assert 'name="since" value="24h"' in text

    async def test_what_a_form_leaves_empty_is_not_asked_for(self, client: TestClient, services: FakeServices):
        answer = await client.get("/signals?contact_point=&team=&signal=&since=&until=&refresh=off")
        assert answer.status == 200
        assert services.asked == [SignalsWanted(NOW - timedelta(days=7))]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("since=yesterday", "since: "),
            ("until=7d&since=1h", "until: "),
            ("signal=late_replies", "signal: there is no signal"),
            ("team=sale", "did you mean"),
            ("who=me", "there is no parameter"),
            ("limit=5000", "limit: "),
            ("cursor=nonsense%20", "cursor: "),
        ],
    )
    async def test_what_cannot_be_meant_is_refused_by_name_and_remedy(
        self, client: TestClient, services: FakeServices, query: str, said: str
    ):
        answer = await client.get(f"/signals?{query}", headers=PERSON)
        assert (answer.status, answer.content_type) == (400, "text/html")
        assert said in await answer.text()

    async def test_a_contact_point_that_is_no_more_can_be_asked_for(self, client: TestClient, services: FakeServices):
        services.rows = [signal_row(contact_point="former")]
        text = await page(client, "/signals?contact_point=former")
        assert '<option value="former" selected>former</option>' in text
        assert "/contact-points/former" not in text

    @pytest.mark.parametrize("address", ["/signals", "/signals.csv"])
    async def test_a_contact_point_that_never_was_is_not_one_without_signals(
        self, client: TestClient, services: FakeServices, address: str
    ):
        answer = await client.get(address, params={"contact_point": "suport-line"}, headers=PERSON)
        assert answer.status == 404
        assert "did you mean" in await answer.text()
        assert "support-line" in await answer.text()

    async def test_nothing_found_says_what_to_do(self, client: TestClient):
        text = await page(client, "/signals?signal=long_hold")
        assert "<strong>None.</strong>" in text
        assert '<a href="/signals">Show all of the last 7 days</a>' in text
        assert "Show all" not in await page(client, "/signals")


class TestPages:
    async def test_each_row_leads_to_its_evidence_and_its_contact_point(self, client: TestClient, services: FakeServices):
        services.rows = [signal_row()]
        text = await page(client, "/signals")
        assert f'<a href="/contacts/{CONTACT}">1762075670.15</a>' in text
        assert '<a href="/contact-points/support-line">Support line</a>' in text
        assert "Mon 2 Nov 2026, 09:28:25 GMT" in text

    async def test_older_ones_follow_with_the_same_filter(self, client: TestClient, services: FakeServices):
        services.rows = [signal_row(native_id=f"c{number}") for number in range(250)]
        text = await page(client, "/signals?signal=long_wait&since=30d")
        assert (">c99<" in text, ">c100<" in text) == (True, False)
        link = text[text.index('<a href="/signals?') : text.index('" rel="next"')].split('href="')[-1].replace("&amp;", "&")
        query = parse_qs(urlsplit(link).query)
        assert (query["signal"], query["since"]) == (["long_wait"], ["2026-10-03T09:30:00+00:00"])
        text = await page(client, link)
        assert (">c99<" in text, ">c100<" in text, ">c199<" in text) == (False, True, True)
        assert "back to the newest" in text
        assert "Who waits now" not in text

    async def test_hostile_names_are_text(self, client: TestClient, services: FakeServices):
        hostile = '"><script>alert(1)</script>'
        services.current = snapshot(point(hostile, title=hostile, team=hostile, running=None))
        services.rows = [signal_row(contact_point=hostile, native_id=hostile, signal=hostile)]
        answer = await client.get("/signals", params={"contact_point": hostile}, headers=PERSON)
        text = await answer.text()
        assert answer.status == 200
        assert "<script>" not in text
        assert "alert(1)" in text


class TestWhoWaits:
    async def test_over_the_limit_first_then_by_the_next_limit(self, client: TestClient, services: FakeServices):
        found = WhoWaits(6, [waiting("c", 5), waiting("a", 95), waiting("b", 12), waiting("d", 48), waiting("e", 99, None)])
        services.who_waits["support-line", "phone"] = {"queue": found}
        text = await page(client, "/signals?contact_point=support-line")
        # Due at +15 s, -75 s, +8 s, -28 s, never.
        order = [text.index(f"/contacts/{contact * 16}") for contact in "adbce"]
        assert order == sorted(order)
        assert "5 of 6, those over the limit first (on the line before letters)" in text
        assert "over for 1 min 15 s" in text
        assert "limit in 8 s" in text
        assert "no limit" in text
        assert '<strong>1 min 35 s</strong> <span class="of">in the queue</span>' in text

    async def test_a_backlog_of_letters_does_not_hide_who_hangs_on_the_line(self, client: TestClient, services: FakeServices):
        letters = [waiting(f"{number:x}", 90_000 + number, 14_400.0, "callback") for number in range(1, 15)]
        services.who_waits["support-line", "phone"] = {
            "callback": WhoWaits(60, letters), "queue": WhoWaits(2, [waiting("f", 21), waiting("0", 19)]),
        }  # fmt: skip
        text = await page(client, "/signals")
        # The caller of 21 s is over his 20 s and first; he of 19 s is not over, so that all letters come before him.
        listed = re.findall(r'/contacts/([0-9a-f])\1{15}"', text)
        assert listed[0] == "f"
        assert listed[-1] == "0"
        assert listed[1] == "e"  # the letter that is over for longest

    async def test_a_signal_shows_the_waits_that_it_judges(self, client: TestClient, services: FakeServices):
        services.who_waits["support-line", "phone"] = {
            "queue": WhoWaits(1, [waiting("a", 95)]), "hold": WhoWaits(1, [waiting("b", 48, 120.0, "hold")]),
        }  # fmt: skip
        text = await page(client, "/signals?signal=long_hold")
        assert "b" * 16 in text
        assert "a" * 16 not in text
        assert "Who waits now" not in await page(client, "/signals?signal=abandoned")

    async def test_opening_hours_are_said_and_never_days(self, client: TestClient, services: FakeServices):
        letter = waiting(
            "a", 400_000, 500_000.0, "reply", contact_point="service-desk", channel="ticket", business_seconds=90_061.0
        )
        services.who_waits["service-desk", "ticket"] = {"reply": WhoWaits(1, [letter])}
        assert "<strong>25 h 1 min of opening hours</strong>" in await page(client, "/signals?team=IT")

    @pytest.mark.parametrize(
        ("who", "said"),
        [
            # 90,061 s of opening hours are 25 h 1 min 1 s; four of them are the limit, which fell 385,600 s ago by the clock
            (waiting("a", 400_000, 14_400.0, "reply", business_seconds=90_061.0), "over for 21 h 1 min"),
            (waiting("a", 400_000, 14_400.0, "reply", business_seconds=14_400.5), "just over"),
            (waiting("a", 400_000, 14_400.0, "reply", business_seconds=9.0)._replace(limit_seconds=None), PASSED),
            (waiting("a", 20.4), "just over"),
            (waiting("a", 21), "over for 1 s"),
        ],
    )  # fmt: skip
    async def test_how_far_over_is_measured_as_the_wait_is(
        self, client: TestClient, services: FakeServices, who: Waiting, said: str
    ):
        services.who_waits["support-line", "phone"] = {who.wait: WhoWaits(1, [who])}
        assert state("breached", said) in await page(client, "/signals")

    async def test_where_nobody_can_tell_it_says_so(self, client: TestClient):
        text = await page(client, "/signals?contact_point=info-mail")
        assert 'Nobody can tell who waits at</strong> <a href="/contact-points/info-mail">Info mailbox</a>' in text
        assert "Nobody, as far as is known." in text

    async def test_it_is_bounded_at_many_contact_points(self, client: TestClient, services: FakeServices):
        services.current = snapshot(
            *(point(f"p{n}", running=contact_centre().points["support-line"].running) for n in range(300))
        )
        many = WhoWaits(100, [waiting("a", 95)] * 100)
        services.who_waits = {(f"p{n}", "phone"): {"queue": many} for n in range(300)}
        text = await page(client, "/signals")
        assert text.count("over for") == 50
        assert "50 of 30000" in text


class TestCsv:
    async def rows(self, client: TestClient, query: str = "") -> list[dict[str, str]]:
        answer = await client.get(f"/signals.csv{query}")
        assert (answer.status, answer.content_type) == (200, "text/csv")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="signals.csv"'
        return list(csv.DictReader(io.StringIO(await answer.text())))

    async def test_all_pages_of_the_same_filter(self, client: TestClient, services: FakeServices):
        services.cursors = [f"after-{number}" for number in range(2501)]
        services.rows = [signal_row(native_id=f"c{number}") for number in range(2500)]
        rows = await self.rows(client, "?signal=long_wait&since=24h&contact_point=&until=")
        assert [row["native_id"] for row in rows] == [f"c{number}" for number in range(2500)]
        assert services.asked[0] == SignalsWanted(NOW - timedelta(days=1), signal="long_wait", limit=1000)
        assert rows[0]["waited_seconds"] == "95.5"

    async def test_none_is_the_head_alone(self, client: TestClient):
        assert await self.rows(client) == []

    @pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", " =1"])
    async def test_a_spreadsheet_sees_no_formula(self, client: TestClient, services: FakeServices, cell: str):
        services.rows = [signal_row(native_id=cell, contact_point=cell)]
        [row] = await self.rows(client)
        assert (row["native_id"], row["contact_point"]) == ("'" + cell, "'" + cell)

    @pytest.mark.parametrize("query", ["limit=5", "cursor=x", "since=never", "format=csv"])
    async def test_what_cannot_be_meant_is_refused(self, client: TestClient, services: FakeServices, query: str):
        assert (await client.get(f"/signals.csv?{query}")).status == 400
        assert services.asked == []

    async def test_it_is_bounded(self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("monitor.publish.web.server.MOST_PORTIONS", 2)
        services.cursors = [f"after-{number}" for number in range(3001)]
        services.rows = [signal_row()] * 3000
        assert len(await self.rows(client)) == 2000

    async def test_a_store_that_cannot_be_read_is_said_before_anything_is_sent(self, client: TestClient, services: FakeServices):
        services.readable = False
        assert (await client.get("/signals.csv")).status == 503

    async def test_what_cannot_be_read_to_its_end_is_cut_off(self, client: TestClient, services: FakeServices):
        """So that nobody takes a part for the whole."""

        async def signals(wanted: SignalsWanted) -> SignalsPage:
            if wanted.cursor is not None:
                raise StoreUnavailable("store secret.db: gone")
            return SignalsPage([signal_row()], "more")

        services.signals = signals  # type: ignore[method-assign]
        with pytest.raises(ClientPayloadError):
            await (await client.get("/signals.csv")).text()


def test_every_filter_of_the_page_is_one_of_the_api() -> None:
    from monitor.publish.web.query import SIGNALS_PARAMETERS
    from monitor.publish.web.signal_pages import FILTERS

    assert set(FILTERS) | {"limit", "cursor"} == set(SIGNALS_PARAMETERS)
