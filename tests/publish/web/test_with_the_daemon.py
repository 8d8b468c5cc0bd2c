"""The real daemon behind the real pages: what is pushed shows up as evidence, over HTTP alone."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs
from yarl import URL

from monitor.daemon.app import Daemon
from monitor.daemon.serve import DaemonServices
from monitor.domain.snapshot import WhoWaits
from monitor.errors import StoreBroken, StoreUnavailable
from monitor.publish.web.server import make_app
from monitor.store.base import ListedSignal
from monitor.testing import FakeClock
from tests.publish.web.openapi_check import check_answer
from tests.publish.web.running import running

NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TOKEN = {"Authorization": "Bearer secret"}
NUMBER = {"customer": "+442079460000"}
NAME = "Straße 1/2 – 100%"


def event(contact: str, kind: str, seconds: float, **details: Any) -> dict[str, Any]:
    at = (NINE + timedelta(seconds=seconds)).isoformat()
    return {"contact": contact, "contact_point": NAME, "channel": "phone", "kind": kind, "at": at, **details}


@pytest.fixture(params=["memory:", "sqlite:{}/contacts.db"])
async def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Daemon]:
    people = tmp_path / "people.csv"
    people.write_text("+442079460000,ann@example.org\n")
    raw: dict[str, Any] = {
        "people": {"file": str(people)},
        "store": request.param.format(tmp_path),
        "timezone": "Europe/Berlin",
        "sources": {"desk": {"type": "events", "token": "secret"}},
    }
    async with running(raw, FakeClock(NINE + timedelta(minutes=5))) as daemon:
        yield daemon


@pytest.fixture
def services(daemon: Daemon) -> Iterator[DaemonServices]:
    services = DaemonServices(daemon)
    yield services
    services.close()


@pytest.fixture
async def client(services: DaemonServices) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(make_app(services))) as client:
        yield client


async def push(client: TestClient, *events: dict[str, Any]) -> None:
    body = "\n".join(map(json.dumps, events))
    answer = await client.post("/api/v1/events", data=body, headers=TOKEN)
    assert (answer.status, (await answer.json())["accepted"]) == (200, len(events))


async def test_a_running_week_is_reported_but_not_judged(client: TestClient):
    assert (await client.get("/api/v1/weeks/2026-W44")).status == 404  # nothing is known of it
    await push(client, event("c1", "queued", 0), event("c1", "answered", 30.5), event("c1", "ended", 90))
    await push(client, event("c2", "queued", 0, contact_point="elsewhere"))
    listed = (await (await client.get("/api/v1/weeks")).json())["weeks"]
    assert [(each["week"], each["complete"], each["objectives_judged"]) for each in listed] == [("2026-W45", False, 0)]
    week = await (await client.get("/api/v1/weeks/2026-W45")).json()
    assert (week["complete"], week["timezone"]) == (False, "Europe/Berlin")
    assert {each["contact_point"]: each["contacts"] for each in week["contact_points"]} == {NAME: 1, "elsewhere": 1}


async def test_who_still_waits_is_shown_as_of_now_and_not_as_of_the_last_push(client: TestClient, daemon: Daemon):
    await push(client, event("c1", "queued", 240))
    assert isinstance(daemon.clock, FakeClock)
    await daemon.clock.advance(600)  # 9:15, and nobody has pushed anything since 9:05
    [waiting] = (await (await client.get("/api/v1/waiting", params={"contact_point": NAME})).json())["waiting"]
    said = await (await client.get(f"/api/v1/contacts/{waiting['contact']}")).json()
    assert said["waits"][0]["waited_seconds"] == 660.0  # since 9:04
    page = await (await client.get(f"/contacts/{waiting['contact']}")).text()
    assert "This customer has been waiting in the queue for 11 min. The limit is 20 s." in page
    assert "10:15:00 CET" in page


async def test_what_two_channels_of_a_contact_point_share_is_told_apart_or_not_told(client: TestClient):
    """A call that waited for 30.5 s of 20, and a visitor who waited for 10."""
    counter = {"channel": "counter"}
    await push(client, event("c1", "queued", 0), event("c1", "answered", 30.5), event("c1", "ended", 90))
    visit = [event("v1", "queued", 0, **counter), event("v1", "answered", 10, **counter), event("v1", "ended", 20, **counter)]

    async def week(channel: str) -> tuple[int | None, int | None]:
        answer = await (await client.get("/api/v1/contact-points")).json()
        [point] = [each for each in answer["contact_points"] if each["channel"] == channel]
        [signal] = [each for each in point["signals"] if each["signal"] == "long_wait"]
        return signal["week_assessed"], signal["week_signals"]

    async def exposed() -> list[str]:
        text = await (await client.get("/metrics")).text()
        lines = [line for line in text.splitlines() if line.startswith("contactpoint_report_week_assessed{")]
        return [line.split('channel="')[1].split('"')[0] for line in lines if 'signal="long_wait"' in line]

    await push(client, event("v0", "queued", 298, **counter))  # who is in time as yet
    assert [await week("phone"), await week("counter"), await exposed()] == [(1, 1), (0, 0), ["phone"]]
    await push(client, *visit)
    assert [await week("phone"), await week("counter"), await exposed()] == [(None, None), (None, None), []]
    board = " ".join((await (await client.get("/")).text()).split())
    assert "SL-D, 1 call<" in board
    assert "SL-D, 1 visitor<" in board
    page = await (await client.get("/contact-points/" + quote(NAME, safe=""))).text()
    said = '<span class="title">waited too long in the queue'
    rows = [row for row in page.split("<tr ")[1:] if said in row and 'data-label="Budget"' in row]
    assert ["<strong>1</strong></a>" in row for row in rows] == [True, False]  # the phone's first; each of one
    assert ["<strong>0</strong>" in row for row in rows] == [False, True]


async def test_from_a_pushed_event_to_its_evidence(client: TestClient):
    await push(
        client,
        event("c1", "queued", 0, customer="+442079460000"),
        event("c1", "answered", 30.5),
        event("c1", "ended", 90),
        event("c2", "queued", 0),
        event("c2", "answered", 10),
        event("c2", "ended", 20),
    )
    [signal] = await (await client.get("/api/v1/signals", params={"contact_point": NAME})).json()
    contact = signal.pop("contact")
    assert signal == {
        "native_id": "c1",
        "contact_point": NAME,
        "channel": "phone",
        "signal": "long_wait",
        "at": "2026-11-02T09:00:20Z",
        "waited_seconds": 30.5,
        "limit_seconds": 20.0,
        "limit_opening_days": None,
        "related": None,
    }
    board = await (await client.get("/")).text()
    link = "/contact-points/Stra%C3%9Fe%201%2F2%20%E2%80%93%20100%25"
    assert f'href="{link}"' in board
    listed = await (await client.get(link)).text()
    assert "Mon 2 Nov 2026, 10:00:20 CET" in listed
    assert f'<a href="/contacts/{contact}">c1</a>' in listed
    shown = await (await client.get(f"/contacts/{contact}")).text()
    assert "by 10.5 s" in shown
    assert 'Source desk calls it <span class="title">c1</span>' in shown
    as_json = await (await client.get(f"/api/v1/contacts/{contact}")).json()
    assert as_json["signals"] == [{"signal": "long_wait", "at": "2026-11-02T09:00:20Z", "related": None}]
    assert set(as_json) == {
        "contact", "native_id", "contact_point", "channel", "source", "events", "waits", "marks", "signals",
        "others",
    }  # fmt: skip
    assert "442079460000" not in shown + listed + json.dumps(as_json)


async def test_what_the_api_answers_is_as_described(client: TestClient, daemon: Daemon):
    """Of a contact on each channel, with whatever its evidence can hold."""
    soon = "2026-11-02T09:45:00Z"
    text = "We cannot help you. I will call you back by 4 pm. Please send us your order number."
    written = [
        event(name, kind, seconds, contact_point=name, channel=channel, **details)
        for name, channel in (("desk", "ticket"), ("box", "email"), ("web", "chat"))
        for kind, seconds, details in (
            ("received", 0, {"customer": "ann@example.org", "text": "My order number is 4711-22."}),
            ("replied", 60, {"text": text, "by": "agent"}),
            ("promised", 70, {"due": soon, "deed": "send"}),
            ("received", 80, {"text": "Please answer."}),
            ("complained", 90, {"sector": "telecoms"}),
            ("rated", 100, {"score": 0.2}),
        )
        if channel != "chat" or kind != "complained"
    ]
    moved = [
        event("desk", "moved", 110, contact_point="desk", channel="ticket", to="second desk"),
        event("desk", "assigned", 120, contact_point="second desk", channel="ticket", to="bob", by="rule"),
        event("desk", "escalated", 130, contact_point="second desk", channel="ticket", policy="default", after=NINE.isoformat()),
    ]
    spoken = [
        event("c1", "queued", 0, **NUMBER), event("c1", "answered", 30), event("c1", "held", 31), event("c1", "ended", 200),
        event("c2", "queued", 210, **NUMBER), event("c2", "left", 240, reason="caller"),
    ]  # fmt: skip
    answer = await client.post("/api/v1/events", data="\n".join(map(json.dumps, [*spoken, *written, *moved])), headers=TOKEN)
    check_answer("pushEvents", answer.status, answer.content_type, await answer.json())
    kinds = set()
    for row in [each.row for each in daemon.store.begun_between(-(2**60), 2**60)]:
        answer = await client.get(f"/api/v1/contacts/{row.id}")
        body = await answer.json()
        check_answer("contact", answer.status, answer.content_type, body)
        kinds |= {each["kind"] for each in body["events"]}
        assert body["waits"] or body["signals"]
    assert {"queued", "received", "replied", "moved", "promised", "rated"} <= kinds
    operations = {"signals": "signals", "waiting": "waiting", "next-limits": "nextLimits", "contact-points": "contactPoints"}
    for path, operation in {**operations, "sources": "sources"}.items():
        answer = await client.get(f"/api/v1/{path}")
        body = await answer.json()
        check_answer(operation, answer.status, answer.content_type, body)
        assert body.get("waiting", True) if isinstance(body, dict) else body
    [callback] = (await (await client.get("/api/v1/waiting?wait=callback")).json())["waiting"]
    assert (callback["contact_point"], callback["since"]) == (NAME, "2026-11-02T09:04:00Z")
    for reason, status in (("by phone", 200), ("by phone", 409), ("", 400)):
        answer = await client.post(f"/api/v1/contacts/{callback['contact']}/settle", json={"reason": reason}, headers=TOKEN)
        assert answer.status == status
        check_answer("settle", answer.status, answer.content_type, await answer.json())
    for body, status in (("nonsense", 400), ("[", 400)):
        answer = await client.post("/api/v1/events", data=body, headers=TOKEN)
        assert answer.status == status
        check_answer("pushEvents", answer.status, answer.content_type, await answer.json())


async def late(client: TestClient, *contacts: str, begun: float = 0) -> None:
    """Calls that waited for too long, all of them at the same moment."""
    await push(
        client, *(event(name, kind, at) for name in contacts for kind, at in (("queued", begun), ("answered", begun + 30)))
    )


async def signals(client: TestClient, **query: str | int) -> tuple[list[str], str]:
    """The names of the contacts on a page of signals, and the cursor of the next one."""
    answer = await client.get("/api/v1/signals", params={"signal": "long_wait", **query})
    assert answer.status == 200
    following = answer.links.get("next", {"url": URL("")})["url"]
    return [each["native_id"] for each in await answer.json()], URL(following).query.get("cursor", "")


async def test_signals_page_by_page_however_many_come_meanwhile(client: TestClient, services: DaemonServices):
    await late(client, "+442079460000", "c2", "c3", "c4", "c5")  # at one moment: the last name first
    await late(client, "d1", begun=60)
    first, cursor = await signals(client, limit=2)
    await late(client, "e1", begun=120)
    second, next_cursor = await signals(client, limit=2, cursor=cursor)
    assert (first, second) == (["d1", "c5"], ["c4", "c3"])
    assert await signals(client, limit=2, cursor=next_cursor) == (["c2", "+442079460000"], "")
    assert (await signals(client, limit=10))[0] == ["e1", "d1", "c5", "c4", "c3", "c2", "+442079460000"]
    _, at_number = await signals(client, limit=6)
    assert len(at_number) == len(cursor) == 28
    assert b"442079460000" not in base64.urlsafe_b64decode(at_number)


async def test_a_cursor_outlives_the_daemon(client: TestClient, daemon: Daemon):
    await late(client, "c1", "c2")
    _, cursor = await signals(client, limit=1)
    other = DaemonServices(daemon)
    async with TestClient(TestServer(make_app(other))) as restarted:
        assert await signals(restarted, limit=1, cursor=cursor) == (["c1"], "")
    other.close()


async def test_a_cursor_that_was_forged_or_whose_signal_was_taken_back_is_refused(client: TestClient, daemon: Daemon):
    await late(client, "c1", "c2")
    _, cursor = await signals(client, limit=1)
    decoded = base64.urlsafe_b64decode(cursor)
    forged = [
        decoded[:-1] + bytes([decoded[-1] ^ 1]),
        bytes([decoded[0] ^ 1]) + decoded[1:],
        decoded[:8] + b"\0" * 13,
        decoded[:8],
        decoded + b"\0",
        b"\x7f" + b"\xff" * 20,
        b"\x80" + b"\0" * 20,
        b"",
    ]
    texts = [base64.urlsafe_b64encode(each).decode() for each in forged]
    for text in [*texts, "!", "A", "....", cursor[:-1]]:
        answer = await client.get("/api/v1/signals", params={"cursor": text})
        assert answer.status == 400, text
        assert "cursor: it is none of this monitor's, or the signal" in (await answer.json())["error"]
    [row] = [each.row for each in daemon.store.signals(signal="long_wait") if each.row.contact == "c2"]
    with daemon.store.transaction("desk") as unit:
        unit.drop_signals([row[:4]])
    assert (await client.get("/api/v1/signals", params={"cursor": cursor})).status == 400


async def test_the_hash_of_the_customer_is_nowhere(client: TestClient, daemon: Daemon):
    await push(client, event("c1", "queued", 0, customer="+442079460000"), event("c1", "answered", 30))
    [found] = daemon.store.find("c1")
    hashed = found.row.customer
    assert hashed
    for path in (f"/contacts/{found.row.id}", f"/api/v1/contacts/{found.row.id}", "/api/v1/signals"):
        assert hashed not in await (await client.get(path)).text()


async def test_who_writes_and_then_calls_is_one_whose_contacts_stand_side_by_side(client: TestClient, daemon: Daemon):
    address = {"customer": "ann@example.org"}
    await push(client, {**event("m1", "received", 0, **address), "channel": "email"}, event("c1", "queued", 60, **NUMBER))
    await push(client, event("c1", "answered", 70), event("stranger", "queued", 60, customer="+442079460001"))
    [[mail], [call]] = [daemon.store.find(name) for name in ("m1", "c1")]
    as_json = await (await client.get(f"/api/v1/contacts/{call.row.id}")).json()
    assert as_json["others"] == [
        {
            "contact": mail.row.id, "contact_point": NAME, "channel": "email", "begun": "2026-11-02T09:00:00Z",
            "begun_by_us": False, "stands": "waiting", "waits": ["reply"], "signals": [],
            "relations": ["came_before", "unanswered"],
        }
    ]  # fmt: skip
    assert {(each["signal"], each["related"]) for each in as_json["signals"]} == {
        ("repeat_contact", mail.row.id), ("lost_context", mail.row.id),
    }  # fmt: skip
    page = await (await client.get(f"/contacts/{call.row.id}")).text()
    assert f'<a href="/contacts/{mail.row.id}">e-mail contact {mail.row.id}</a>' in page
    listed = await (await client.get("/api/v1/signals")).json()
    assert [each["related"] for each in listed if each["signal"] == "lost_context"] == [mail.row.id]
    for shown in (page, json.dumps(as_json), json.dumps(listed)):
        for row in (mail.row, call.row):
            assert row.customer
            assert row.customer not in shown


async def test_a_contact_that_bears_another_ones_id_as_its_name_is_not_taken_for_it(client: TestClient, daemon: Daemon):
    await push(client, event("c1", "queued", 0))
    [found] = daemon.store.find("c1")
    await push(client, event(found.row.id, "queued", 0), event("feedfeedfeedfeed", "queued", 0))
    assert (await (await client.get(f"/api/v1/contacts/{found.row.id}")).json())["native_id"] == "c1"
    assert (await client.get("/api/v1/contacts/feedfeedfeedfeed")).status == 404


async def test_looking_at_a_contact_of_a_former_contact_point_does_not_bring_it_back(client: TestClient, daemon: Daemon):
    await push(client, event("c1", "queued", 0), event("c1", "answered", 30), event("c1", "ended", 40))
    [found] = daemon.store.find("c1")
    with daemon.store.transaction("desk") as unit:
        unit.put_contacts([found.row._replace(contact="old", contact_point="former", id="0" * 16)])
    shown_as = await (await client.get(f"/api/v1/contacts/{'0' * 16}")).json()
    assert shown_as["contact_point"] == "former"
    assert [point.info.name for point in daemon.snapshot().points.values()] == [NAME]
    assert "former" in await (await client.get(f"/contacts/{'0' * 16}")).text()


@pytest.mark.parametrize("error", [StoreUnavailable("busy"), StoreBroken("not a database")])
async def test_a_store_that_fails_is_503(client: TestClient, daemon: Daemon, monkeypatch: pytest.MonkeyPatch, error: Exception):
    def fail(**_: object) -> list[ListedSignal]:
        raise error

    monkeypatch.setattr(daemon.store, "signals", fail)
    with capture_logs() as logged:
        for _ in range(3):
            answer = await client.get("/api/v1/signals")
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        monkeypatch.undo()
        assert (await client.get("/api/v1/signals")).status == 200
    assert [line["event"] for line in logged] == ["pages cannot read the store", "pages can read the store again"]


async def test_a_store_that_hangs_is_503_and_works_again_later(
    client: TestClient, daemon: Daemon, services: DaemonServices, monkeypatch: pytest.MonkeyPatch
):
    await push(client, event("c1", "queued", 0), event("c1", "answered", 30))
    hang = asyncio.Event()
    loop, real = asyncio.get_running_loop(), daemon.store.signals

    def wait_for_it(**wanted: Any) -> Iterator[ListedSignal]:
        asyncio.run_coroutine_threadsafe(hang.wait(), loop).result()
        return real(**wanted)

    monkeypatch.setattr(daemon.store, "signals", wait_for_it)
    monkeypatch.setattr("monitor.daemon.serve.READ_SECONDS", 0.01)
    for _ in range(2):  # the second waits for its turn, in vain too
        assert (await client.get("/api/v1/signals")).status == 503
    monkeypatch.undo()
    hang.set()
    assert len(await (await client.get("/api/v1/signals")).json()) == 1


async def test_a_contact_is_settled_and_its_evidence_says_by_whom_and_why(client: TestClient, daemon: Daemon):
    await push(client, {**event("m1", "received", 0), "channel": "email"})
    [found] = daemon.store.find("m1")
    address = f"/api/v1/contacts/{found.row.id}"
    answer = await client.post(f"{address}/settle", json={"reason": "told her by phone", "by": "Ann"}, headers=TOKEN)
    assert (answer.status, (await answer.json())["settled"]) == (200, ["reply"])
    told = await (await client.get(address)).json()
    assert told["events"] == [
        {"kind": "received", "at": "2026-11-02T09:00:00Z"},
        {"kind": "settled", "at": "2026-11-02T09:05:00Z", "reason": "told her by phone", "by": "Ann"},
    ]
    assert [(each["until"], each["outcome"]) for each in told["waits"]] == [("2026-11-02T09:05:00Z", "kept")]
    page = await (await client.get(f"/contacts/{found.row.id}")).text()
    assert "told her by phone, by Ann" in page
    running = daemon.snapshot().points[NAME].running
    assert running is not None
    assert running["reply"].waiting == 0
    again = await client.post(f"{address}/settle", json={"reason": "once more"}, headers=TOKEN)
    assert again.status == 409
    assert (await (await client.get(address)).json()) == told


async def test_a_contact_that_nobody_knows_is_not_settled(client: TestClient):
    answer = await client.post(f"/api/v1/contacts/{'0' * 16}/settle", json={"reason": "x"}, headers=TOKEN)
    assert answer.status == 404


@pytest.mark.parametrize("error", [StoreUnavailable("busy")])
async def test_a_store_that_takes_nothing_is_503(
    client: TestClient, daemon: Daemon, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    await push(client, {**event("m1", "received", 0), "channel": "email"})
    [found] = daemon.store.find("m1")

    def fail(source: str) -> None:
        raise error

    monkeypatch.setattr(daemon.store, "transaction", fail)
    answer = await client.post(f"/api/v1/contacts/{found.row.id}/settle", json={"reason": "x"}, headers=TOKEN)
    monkeypatch.undo()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


async def test_a_page_waits_for_the_next_push_and_sees_who_waits(client: TestClient, services: DaemonServices, daemon: Daemon):
    version = await services.changed(-1, 60)
    assert services.waiting(NAME, "phone", 10) == {}
    change = asyncio.create_task(services.changed(version, 60))
    await push(client, event("c1", "queued", 295))
    assert await change > version
    [waiting] = services.waiting(NAME, "phone", 10)["queue"].first
    assert (waiting.since, waiting.due_at) == (NINE + timedelta(seconds=295), NINE + timedelta(seconds=315))
    assert services.next_limits(10) == WhoWaits(1, [waiting])
    shown = await services.contact(waiting.contact)
    assert shown is not None
    assert shown.contract["contact"] == waiting.contact
    version = await services.changed(-1, 60)
    assert daemon.clock.now() == NINE + timedelta(minutes=5)
    change = asyncio.create_task(services.changed(version, 0))
    assert await change == version
