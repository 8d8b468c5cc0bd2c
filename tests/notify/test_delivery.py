"""What arrives where chats, pagers and mail servers would be, and what is told of an address that does not work."""

import asyncio
import io
import json
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from requests.adapters import HTTPAdapter

from monitor.notify import delivery
from monitor.notify.delivery import AppriseSender, is_in_clear, is_loopback, problem
from monitor.notify.wording import Worded
from tests.servers.message_sink import MessageSink

CERTIFICATE = Path(__file__).parents[1] / "connectors" / "certificates" / "valid.pem"
FIRING = Worded("FIRING: R&D: callers <wait>", "2 callers wait & nobody answers.\nPage: http://monitor.example/x", "failure")
OVER = Worded("RESOLVED: R&D: callers wait", "It began and ended.", "success")


@pytest.fixture
async def sink() -> AsyncIterator[MessageSink]:
    async with MessageSink(200) as running:
        yield running


async def send(url: str, said: Worded = FIRING, group: str = "phone/R&D") -> str | None:
    return await asyncio.to_thread(AppriseSender(url).send, said, group)


async def test_a_webhook_gets_title_text_and_how_bad_it_is_as_json(sink: MessageSink) -> None:
    assert await send(f"json://{sink.http}/hook") is None
    [body] = sink.posted["hook"]
    assert (body["title"], body["message"], body["type"]) == (FIRING.title, FIRING.text, "failure")


async def test_ntfy(sink: MessageSink) -> None:
    assert await send(f"ntfy://{sink.http}/alerts") is None
    [body] = sink.posted[""]
    assert (body["topic"], body["title"], body["message"]) == ("alerts", FIRING.title, FIRING.text)


async def test_mail_has_the_title_as_its_subject_and_keeps_its_lines(sink: MessageSink) -> None:
    host = f"mailto://{sink.smtp}?mode=insecure&from=monitor@example.org"
    assert await send(f"{host}&to=ops@example.org,night@example.org") is None
    [mail] = sink.mailed["ops@example.org"]
    assert mail["Subject"] == FIRING.title
    assert mail.get_content().replace("\r\n", "\n").strip() == FIRING.text
    assert len(sink.mailed["night@example.org"]) == 1


@pytest.fixture
def elsewhere(sink: MessageSink, monkeypatch: pytest.MonkeyPatch) -> MessageSink:
    """What goes to hosts of the internet goes to the sink: `host/path`. The adapter is the seam of requests' transport."""
    send = HTTPAdapter.send

    def to_sink(self: HTTPAdapter, request: Any, **options: Any) -> Any:
        request.url = f"http://{sink.http}/{request.url.partition('://')[2]}"
        return send(self, request, **options)

    monkeypatch.setattr(HTTPAdapter, "send", to_sink)
    return sink


SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


async def test_slack(elsewhere: MessageSink) -> None:
    assert await send(SLACK) is None
    [body] = elsewhere.posted["hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"]
    said = json.dumps(body, ensure_ascii=False)
    assert "callers &lt;wait&gt;" in said  # what stands between < and > calls people there
    assert "2 callers wait &amp; nobody answers." in said


async def test_teams_by_a_workflow(elsewhere: MessageSink) -> None:
    url = "workflows://prod-01.westeurope.logic.azure.com:443/643e69f83c8944438d68119179a10a64/KODuebWbDGYFr0z0eu"
    assert await send(url) is None
    [(path, [body])] = elsewhere.posted.items()
    assert path.startswith("prod-01.westeurope.logic.azure.com:443/workflows/643e69f83c8944438d68119179a10a64/triggers/")
    said = json.dumps(body)
    assert "2 callers wait & nobody answers" in said
    assert FIRING.title in said


PAGERDUTY = "pagerduty://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@BBBBBBBBBBBBBBBBBBBB"


async def test_pagerduty_resolves_the_incident_that_it_opened(elsewhere: MessageSink) -> None:
    assert await send(PAGERDUTY) is None
    assert await send(PAGERDUTY, group="phone/other") is None
    assert await send(PAGERDUTY, OVER) is None
    opened, other, closed = elsewhere.posted["events.pagerduty.com/v2/enqueue"]
    assert [each["event_action"] for each in (opened, other, closed)] == ["trigger", "trigger", "resolve"]
    assert opened["dedup_key"] == closed["dedup_key"] != other["dedup_key"]
    assert opened["payload"]["severity"] == "critical"
    assert FIRING.title in opened["payload"]["summary"]


async def test_an_incident_key_of_ones_own_is_left_alone(elsewhere: MessageSink) -> None:
    assert await send(f"{PAGERDUTY}?dedup=mine&action=map", OVER) is None
    [closed] = elsewhere.posted["events.pagerduty.com/v2/enqueue"]
    assert closed["dedup_key"] == "mine"


async def refusing(status: int) -> tuple[web.AppRunner, str]:
    """A server that answers everything with this status."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:1/"} if status == 302 else {})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    return runner, f"{host}:{port}"


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500])
async def test_an_http_status_is_told(status: int) -> None:
    runner, address = await refusing(status)
    assert await send(f"json://{address}/") == f"it answers with HTTP status {status}"
    await runner.cleanup()


async def test_nothing_that_the_library_says_of_an_address_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    runner, address = await refusing(401)
    heard = io.StringIO()
    everything = logging.StreamHandler(heard)
    loggers = logging.getLogger(), logging.getLogger("apprise")
    levels = [each.level for each in loggers]
    loggers[0].addHandler(everything)
    for each in loggers:
        each.setLevel(logging.DEBUG)
    try:
        assert await send(f"json://user:s3cret@{address}/t0ken/") is not None
        assert problem("json://user:s3cret@/t0ken/") is not None
    finally:
        loggers[0].removeHandler(everything)
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
    await runner.cleanup()
    said = [
        line for line in heard.getvalue().splitlines() if "POST /t0ken" not in line
    ]  # the server's own, and urllib3's at debug
    shown = "\n".join(said) + "".join(capfd.readouterr())
    assert "s3cret" not in shown
    assert "t0ken" not in shown


async def test_no_picture_is_fetched_from_elsewhere(elsewhere: MessageSink) -> None:
    await send("workflows://prod-01.westeurope.logic.azure.com:443/643e69f83c8944438d68119179a10a64/KODuebWbDGYFr0z0eu")
    await send(SLACK)
    assert "github" not in json.dumps(elsewhere.posted)


async def test_nobody_there() -> None:
    assert await send("json://127.0.0.1:1/") == "it cannot be reached, or does not take the message"
    assert await send("mailto://127.0.0.1:1?mode=insecure&from=a@example.org&to=b@example.org") == (
        "it cannot be reached, or does not take the message"
    )


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted() -> None:
    taken: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(await reader.read(1))
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    assert await send(f"jsons://127.0.0.1:{port}/") == "it cannot be reached, or does not take the message"
    server.close()
    assert b"".join(taken) == b""


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("json://127.0.0.1:1/", None),
        ("ntfys://ntfy.example.org/alerts", None),
        ("jsons://example.org/?verify=no", "verify=no"),
        ("https://example.org/", "no address that Apprise understands"),
        ("ops@example.org", "no address that Apprise understands"),
        ("", "no address that Apprise understands"),
        ("pagerduty://", "no address that Apprise understands"),
        ("fax://s3cret", "no address that Apprise understands"),
    ],
)
def test_what_is_wrong_with_an_address(url: str, wrong: str | None, capfd: pytest.CaptureFixture[str]) -> None:
    found = problem(url)
    assert found is None if wrong is None else wrong in (found or "")
    assert "s3cret" not in f"{found}{''.join(capfd.readouterr())}"


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("json://example.org/", True),
        ("jsons://example.org/", False),
        ("mailto://user:pass@mail.example.org?from=a@example.org&mode=insecure", True),
        ("mailtos://user:pass@mail.example.org?from=a@example.org", False),
        (SLACK, False),
        (PAGERDUTY, False),
        ("ntfy://ntfy.example.org/alerts", True),
        ("ntfys://ntfy.example.org/alerts", False),
    ],
)
def test_what_crosses_the_network_in_clear(url: str, clear: bool) -> None:
    assert is_in_clear(url) is clear


def test_this_machine_is_no_network() -> None:
    assert is_loopback("json://127.0.0.1:9/")
    assert not is_loopback("json://example.org/")


async def test_a_bug_of_the_library_is_a_message_that_was_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(url: str) -> None:
        raise KeyError(url)

    monkeypatch.setattr(delivery, "_service", broken)
    assert await send("json://s3cret@127.0.0.1:1/") == "the library failed with KeyError, a bug of its own"
