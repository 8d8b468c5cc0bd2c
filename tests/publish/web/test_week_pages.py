"""The pages of weeks: the list with its news, the report between head and foot, its forms, one team's part."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiohttp.test_utils import TestClient

from monitor.domain.weeks import week_name
from monitor.publish.report.values import WeekSummary
from monitor.publish.web import weeks as weeks_module
from monitor.publish.web.services import MailCount
from tests.publish.handout.test_document import HOSTILE, Reader
from tests.publish.report.sample import BILLING, COUNTER, ENDS, MONDAY, REPORT, STARTS, at
from tests.publish.snapshots import contact_centre
from tests.publish.web.fakes import FakeServices

RUNNING = MONDAY + timedelta(7)
BEFORE = MONDAY - timedelta(7)
WELL = "Every objective was met in week 45, 4 of 4"


def summary(
    monday: date, news: str = "", *, complete: bool = True, gap: bool = False, met: int = 3, of: int = 4, judged: int = 100
) -> WeekSummary:
    starts, breached = STARTS + (monday - MONDAY), 7 if judged else 0
    return WeekSummary(week_name(monday), monday, starts, starts + timedelta(7), complete, gap, judged, breached, met, of, news)


@pytest.fixture
def services() -> FakeServices:
    """On the Wednesday after the sample's week."""
    return FakeServices(
        current=replace(contact_centre(), at=ENDS + timedelta(days=2)),
        summaries=[summary(RUNNING, complete=False, met=0, of=0), summary(MONDAY, gap=True), summary(BEFORE, WELL, met=4)],
    )


async def read(client: TestClient, path: str) -> Reader:
    answer = await client.get(path)
    assert answer.status == 200, await answer.text()
    return Reader(await answer.text())


class TestTheList:
    async def test_the_news_of_the_last_whole_week_stands_first(self, client: TestClient) -> None:
        page = await read(client, "/weeks")
        assert page.words.startswith("Billing line: 431 of 1,104 callers waited too long")
        assert [link for link in page.links() if link.startswith("/weeks/")] == [
            "/weeks/2026-W47",
            "/weeks/2026-W46",
            "/weeks/2026-W45",
        ]
        assert "2026-W47 Mon 16 Nov to Sun 22 Nov 2026 not over, so not judged 7 of 100 –" in page.words
        assert "; a source was not seen for a part of it 7 of 100 3 of 4" in page.words
        assert "2026-W45 Mon 2 Nov to Sun 8 Nov 2026 Every objective was met in week 45, 4 of 4 7 of 100 4 of 4" in page.words

    async def test_every_whole_week_says_its_news_and_that_a_source_was_not_seen_once(
        self, client: TestClient, services: FakeServices
    ) -> None:
        unseen = "Every objective was met in week 43, 4 of 4; pbx could not be seen for a part of it"
        services.summaries = [
            *services.summaries,
            summary(BEFORE - timedelta(7), "Sales: 7 of 100 callers gave up", gap=True),
            summary(BEFORE - timedelta(14), unseen, gap=True, met=4),
            summary(BEFORE - timedelta(21), "Nothing was judged in week 42", of=0, judged=0),
        ]
        page = await read(client, "/weeks")
        assert "Sales: 7 of 100 callers gave up; a source was not seen for a part of it 7 of 100" in page.words
        assert f"{unseen} 7 of 100" in page.words
        assert "Nothing was judged in week 42 – –" in page.words

    async def test_before_anything_was_judged_it_says_what_brings_a_week(
        self, client: TestClient, services: FakeServices
    ) -> None:
        services.summaries = []
        page = await read(client, "/weeks")
        assert "No week yet" in page.words

    async def test_a_store_that_cannot_be_read(self, client: TestClient, services: FakeServices) -> None:
        services.readable = False
        for path in ("/weeks", "/weeks/2026-W46", "/weeks/2026-W46.pdf"):
            answer = await client.get(path)
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
            assert "secret.db" not in await answer.text()


class TestAWeek:
    async def test_it_is_the_report_between_head_and_foot(self, client: TestClient) -> None:
        page = await read(client, "/weeks/2026-W46")
        assert [tag for tag, _ in page.tags].count("h1") == 1
        assert "431 of 1,104 missed 60.9 % 80 %" in page.words
        assert "Not seen: Thu 12 Nov 10:20 to 14:05, source mail." in page.words
        links = page.links()
        assert {"/contacts/00000000000000a1", "/contact-points/billing", "/weeks/2026-W45", "/weeks/2026-W47"} <= set(links)
        assert {f"/weeks/2026-W46.{form}" for form in ("pdf", "html", "md", "csv")} <= set(links)
        assert "/api/v1/weeks/2026-W46" in links

    async def test_nothing_in_it_needs_more_than_our_sheets(self, client: TestClient) -> None:
        answer = await client.get("/weeks/2026-W46")
        page = Reader(await answer.text())
        assert not [attributes for _, attributes in page.tags if "style" in attributes]
        assert not {"style", "script"} & {tag for tag, _ in page.tags}
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")

    async def test_a_team_sees_its_own(self, client: TestClient) -> None:
        page = await read(client, "/weeks/2026-W46?team=Orders")
        assert "Orders <mailbox>" in page.words
        assert "Billing line" not in page.words
        assert "/weeks/2026-W46.pdf?team=Orders" in page.links()
        answer = await client.get("/weeks/2026-W46?team=Sales")
        assert answer.status == 404
        assert "no contact point has the team 'Sales'; there are Billing, Orders" in await answer.text()

    async def test_names_are_text(self, client: TestClient, services: FakeServices) -> None:
        services.reports[MONDAY] = replace(
            REPORT, contact_points=(replace(BILLING, title=HOSTILE, team=HOSTILE), replace(COUNTER, team="B"))
        )
        page = await read(client, "/weeks/2026-W46")
        assert "script" not in {tag for tag, _ in page.tags}
        assert HOSTILE in page.words

    async def test_what_became_of_its_mails(self, client: TestClient, services: FakeServices) -> None:
        services.mailed = [MailCount("perhaps", 1, at(16, 7, 1)), MailCount("sent", 3, at(16, 7))]
        page = await read(client, "/weeks/2026-W46")
        assert "This report was mailed to 3, Mon 16 Nov 2026, 07:00 GMT." in page.words
        assert (
            "perhaps mailed to 1, cut off while it was sent; it is not sent again by itself, Mon 16 Nov 2026, 07:01 GMT."
            in page.words
        )

    @pytest.mark.parametrize(
        ("path", "status", "problem"),
        [
            ("/weeks/46", 400, "'46' is no week"),
            ("/weeks/9999-W01", 404, "9999-W01 has not begun"),
            ("/weeks/2020-W01", 404, "nothing is known of 2020-W01: /weeks lists the weeks that are known"),
            ("/weeks/2026-W46.docx", 404, "there is no such form of a report; there are pdf, html, md, csv"),
            ("/weeks/2020-W01.pdf", 404, "nothing is known of 2020-W01"),
        ],
    )
    async def test_what_is_no_week_is_refused_with_the_remedy(
        self, client: TestClient, path: str, status: int, problem: str
    ) -> None:
        answer = await client.get(path)
        assert answer.status == status
        assert problem in await answer.text()


class TestForms:
    @pytest.mark.parametrize(
        ("form", "kind", "begins"),
        [
            ("pdf", "application/pdf", b"%PDF-"),
            ("html", "text/html", b"<!doctype html>"),
            ("md", "text/markdown", b"# Billing line: 431 of 1,104"),
            ("csv", "text/csv", b"week,contact_point,channel,team"),
        ],
    )
    async def test_each_is_a_file_to_keep(self, client: TestClient, form: str, kind: str, begins: bytes) -> None:
        answer = await client.get(f"/weeks/2026-W46.{form}")
        assert answer.status == 200
        assert answer.content_type == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="week-2026-W46.{form}"'
        assert (await answer.read()).startswith(begins)

    async def test_a_file_has_whole_addresses_and_the_team_alone(self, client: TestClient) -> None:
        answer = await client.get("/weeks/2026-W46.html?team=Billing")
        page = Reader(await answer.text())
        assert any(link.startswith("http://127.0.0.1:") and link.endswith("/contacts/00000000000000a1") for link in page.links())
        assert "Orders" not in page.words
        assert answer.headers["Content-Disposition"] == 'attachment; filename="week-2026-W46-team.html"'

    async def test_what_was_drawn_is_kept_while_the_report_is_the_same(
        self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drawn: list[str] = []
        form = weeks_module.FORMS["md"]._replace(draw=lambda report, _: drawn.append(report.week) or "x")
        monkeypatch.setitem(weeks_module.FORMS, "md", form)  # type: ignore[call-overload]
        for _ in range(3):
            await client.get("/weeks/2026-W46.md")
        assert drawn == ["2026-W46"]
        services.reports[MONDAY] = replace(REPORT)
        await client.get("/weeks/2026-W46.md")
        assert len(drawn) == 2
