"""Routes, headers and errors, over a real socket."""

import asyncio
import contextlib
import gzip
import socket
import struct
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient
from prometheus_client.parser import text_string_to_metric_families

from monitor.domain.snapshot import Snapshot
from monitor.publish.web import middleware
from tests.publish.snapshots import ago, point, snapshot, source, waits
from tests.publish.web.answers import CONTACT, evidence
from tests.publish.web.fakes import FakeServices

PAGES = [
    "/",
    "/metrics",
    "/-/healthy",
    "/-/ready",
    "/api/v1/contact-points",
    "/api/v1/sources",
    "/nowhere",
    "/static/style.css",
    "/contact-points/support-line",
    "/sources",
    "/contact-points/none",
    "/contacts/none",
    "/api/v1/signals",
]


class TestPages:
    async def test_the_first_page(self, client: TestClient):
        answer = await client.get("/")
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert "Support line" in await answer.text()

    async def test_it_shows_the_latest_snapshot(self, client: TestClient, services: FakeServices):
        services.current = snapshot(point("brand-new"))
        assert "brand-new" in await (await client.get("/")).text()

    @pytest.mark.parametrize("path", ["/", "/sources", "/contact-points/support-line", f"/contacts/{CONTACT}"])
    async def test_every_page_refreshes_and_can_be_paused(self, client: TestClient, services: FakeServices, path: str):
        services.contacts[CONTACT] = evidence()
        script = "/static/live.js" if path == "/" else "/static/refresh.js"
        assert script in await (await client.get(path)).text()
        assert "<script" not in await (await client.get(f"{path}?refresh=off")).text()

    async def test_its_sheet_script_and_icon_are_there_and_may_be_kept(self, client: TestClient):
        for name, kind in (("style.css", "text/css"), ("icon.svg", "image/svg+xml"), ("refresh.js", "text/javascript")):
            answer = await client.get(f"/static/{name}")
            assert (answer.status, answer.content_type) == (200, kind)
            assert "immutable" in answer.headers["Cache-Control"]

    @pytest.mark.parametrize("path", ["/static/server.py", "/static/..%2fserver.py", "/static/%2e%2e/pages.py", "/static/"])
    async def test_nothing_else_is_served_as_a_file(self, client: TestClient, path: str):
        assert (await client.get(path)).status == 404

    @pytest.mark.parametrize("path", PAGES)
    async def test_every_answer_is_hardened(self, client: TestClient, path: str):
        headers = (await client.get(path)).headers
        assert headers["Content-Security-Policy"].startswith(
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self';"
        )
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Server"] == "contact-monitor"

    async def test_pages_are_not_kept(self, client: TestClient):
        assert (await client.get("/")).headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("path", PAGES)
    async def test_head_answers_as_get_without_the_body(self, client: TestClient, path: str):
        got, head = await client.get(path), await client.head(path)
        assert (head.status, head.content_type, await head.read()) == (got.status, got.content_type, b"")


class TestMetrics:
    async def test_text(self, client: TestClient):
        answer = await client.get("/metrics")
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        names = {family.name for family in text_string_to_metric_families(await answer.text())}
        assert {"contactpoint_waiting", "process_cpu_seconds"} <= names

    async def test_openmetrics(self, client: TestClient):
        answer = await client.get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
        assert answer.content_type == "application/openmetrics-text"
        assert (await answer.text()).endswith("# EOF\n")

    async def test_packed_when_accepted(self, client: TestClient):
        answer = await client.get("/metrics", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "contactpoint_waiting" in await answer.text()
        plain = await client.get("/metrics", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert len(gzip.compress(await plain.read(), 1)) < len(await plain.read()) / 5

    async def test_only_the_named_series(self, client: TestClient):
        text = await (await client.get("/metrics", params=[("name[]", "contactpoint_open"), ("name[]", "nothing")])).text()
        assert {line.partition("{")[0] for line in text.splitlines() if not line.startswith("#")} == {"contactpoint_open"}

    async def test_many_scrapes_at_once_all_get_the_page_or_are_told_to_come_back(self, client: TestClient):
        answers = await asyncio.gather(*(client.get("/metrics") for _ in range(30)))
        assert {answer.status for answer in answers} <= {200, 503}
        assert [answer.status for answer in answers].count(200) >= 8

    async def test_one_blind_source_leaves_the_page_and_the_others_alone(self, client: TestClient):
        answer = await client.get("/metrics")
        text = await answer.text()
        assert answer.status == 200
        assert 'contactpoint_source_up{kind="imap",source="mail"} 0.0' in text
        assert 'contactpoint_waiting{channel="phone",contact_point="support-line",wait="queue"} 4.0' in text
        assert 'contactpoint_waiting{channel="email"' not in text


class TestProbes:
    async def test_healthy_though_a_source_is_down_and_the_store_cannot_be_read(self, client: TestClient, services: FakeServices):
        services.current, services.readable = snapshot(sources=(source(up=False),)), False
        answer = await client.get("/-/healthy")
        assert (answer.status, await answer.text()) == (200, "healthy\n")

    async def test_ready(self, client: TestClient):
        answer = await client.get("/-/ready")
        assert (answer.status, await answer.text()) == (200, "ready\n")

    @pytest.mark.parametrize(
        ("current", "said"),
        [
            (snapshot(sources=(source("pbx", up=None), source("mail", up=True))), "not ready: not read yet: pbx\n"),
            (snapshot(sources=(source("pbx"),)), "not ready: starting\n"),
        ],
    )
    async def test_not_ready_says_what_is_missing(self, client: TestClient, services: FakeServices, current: Snapshot, said: str):
        services.current = replace(current, ready=False)
        answer = await client.get("/-/ready")
        assert (answer.status, await answer.text()) == (503, said)

    async def test_a_source_that_is_down_does_not_make_it_unready(self, client: TestClient, services: FakeServices):
        services.current = snapshot(sources=(source(up=False),))
        assert (await client.get("/-/ready")).status == 200


class TestReload:
    async def test_accepted(self, client: TestClient, services: FakeServices):
        answer = await client.post("/-/reload")
        assert (answer.status, await answer.text(), services.reloads) == (200, "reloaded\n", 1)

    async def test_refused_with_all_problems(self, client: TestClient, services: FakeServices):
        services.problems = ["sources.pbx: no host", "policies.x: unknown key"]
        answer = await client.post("/-/reload")
        assert answer.status == 400
        assert await answer.text() == "the configuration was refused:\nsources.pbx: no host\npolicies.x: unknown key\n"

    async def test_not_by_get(self, client: TestClient, services: FakeServices):
        answer = await client.get("/-/reload")
        assert (answer.status, answer.headers["Allow"], services.reloads) == (405, "POST", 0)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
        ],
    )
    async def test_not_by_a_page_of_another_site(self, client: TestClient, services: FakeServices, headers: dict[str, str]):
        assert (await client.post("/-/reload", headers=headers)).status == 403
        assert services.reloads == 0

    async def test_by_a_page_of_our_own(self, client: TestClient):
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": f"http://{client.host}:{client.port}"}
        assert (await client.post("/-/reload", headers=headers)).status == 200


class TestJson:
    async def test_contact_points(self, client: TestClient):
        answer = await (await client.get("/api/v1/contact-points")).json()
        assert answer["at"] == "2026-11-02T09:30:00Z"
        points = {point["contact_point"]: point for point in answer["contact_points"]}
        support = points["support-line"]
        assert (support["channel"], support["title"], support["team"]) == ("phone", "Support line", "Customer service")
        assert support["waits"][0] == {
            "wait": "queue",
            "waiting": 4,
            "overdue": 2,
            "due_soon": None,
            "oldest_since": "2026-11-02T09:28:25Z",
            "oldest_business_seconds": 95,
            "next_due": "2026-11-02T09:30:08Z",
        }
        long_wait = {"signal": "long_wait", "objective": 0.9, "week_assessed": 61, "week_signals": 14}
        assert {**long_wait, "limit_seconds": None, "limit_opening_days": None} in support["signals"]

    async def test_a_blind_one_has_no_waits_but_a_reason(self, client: TestClient):
        answer = await (await client.get("/api/v1/contact-points")).json()
        blind = next(point for point in answer["contact_points"] if point["contact_point"] == "info-mail")
        assert blind["waits"] is None
        assert blind["unknown_because"].startswith("source mail has been down")
        assert blind["unknown_since"] == "2026-11-02T09:08:00Z"
        assert {point["unknown_since"] for point in answer["contact_points"] if point is not blind} == {None}

    async def test_sources(self, client: TestClient, services: FakeServices):
        silent = replace(source("web", "events"), watermark=ago(106))
        services.current = snapshot(sources=(source("pbx"), source("mail", "imap", None), silent))
        answer = await (await client.get("/api/v1/sources")).json()
        assert [(state["source"], state["up"], state["reading"], state["watermark"]) for state in answer["sources"]] == [
            ("pbx", True, "up", "2026-11-02T09:29:58Z"),
            ("mail", None, "not read yet", None),
            ("web", True, "behind", "2026-11-02T09:28:14Z"),
        ]


class TestErrors:
    async def test_a_person_gets_a_page(self, client: TestClient):
        answer = await client.get("/nowhere", headers={"Accept": "text/html,*/*"})
        assert (answer.status, answer.content_type) == (404, "text/html")
        assert "404 · Not Found" in await answer.text()

    async def test_a_program_gets_json(self, client: TestClient):
        answer = await client.get("/api/v1/nowhere")
        assert answer.status == 404
        assert await answer.json() == {"error": "there is nothing at '/api/v1/nowhere': /api/openapi.json lists what there is"}
        answer = await client.delete("/api/v1/signals")
        assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
        assert await answer.json() == {"error": "DELETE does nothing here: ask by GET or HEAD"}

    async def test_a_bug_of_ours_shows_no_traceback(self, client: TestClient, services: FakeServices):
        line = point("line", running={"queue": waits(1)})
        services.current = snapshot(replace(line, info=replace(line.info, timezone="Not/AZone")))
        answer = await client.get("/")
        assert answer.status == 500
        assert "Traceback" not in await answer.text()
        assert "zoneinfo" not in (await answer.text()).lower()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    async def test_a_reader_that_leaves_in_the_middle_disturbs_nobody(self, client: TestClient, caplog: pytest.LogCaptureFixture):
        for _ in range(5):
            reader, writer = await asyncio.open_connection(client.host, client.port)
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await reader.readexactly(10)
            # Linger 0: closing sends a reset, as a killed scraper does.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.close()
            await writer.wait_closed()
        assert (await client.get("/-/healthy")).status == 200
        assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]

    async def test_a_reader_that_is_too_slow_is_let_go(
        self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(middleware, "SEND_SECONDS", 0)  # the first write that has to wait for the reader is its last
        services.current = snapshot(*(point(f"line-{n}") for n in range(300)))
        address = client.host, client.port

        def read_all() -> bytes:
            taken = b""
            with socket.socket() as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.connect(address)
                slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                with contextlib.suppress(ConnectionResetError):
                    while chunk := slow.recv(65536):
                        taken += chunk
            return taken

        head, _, body = (await asyncio.to_thread(read_all)).partition(b"\r\n\r\n")
        [length] = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")]
        assert len(body) < length
        monkeypatch.undo()
        assert (await client.get("/-/healthy")).status == 200

    async def test_a_request_of_rubbish_is_refused(self, client: TestClient):
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(b"\x16\x03\x01\x00\xff rubbish\r\n\r\n")
        assert b" 400 " in await reader.readline()
        writer.close()
        await writer.wait_closed()

    async def test_a_head_of_a_megabyte_is_refused(self, client: TestClient):
        answer = await client.get("/", headers={"X-Long": "x" * 100_000})
        assert answer.status == 400
