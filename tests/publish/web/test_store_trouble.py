"""What pages, probes, programs and the metrics say while the store takes no writes."""

import re
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient

from monitor.domain.snapshot import Snapshot, StoreTrouble
from tests.publish.snapshots import ago, point, snapshot, source
from tests.publish.web.fakes import FakeServices

FULL = StoreTrouble("the disk is full", "make room on the disk on which it lies", ago(130))
NOTICE = (
    "<strong>The store cannot be written: the disk is full,</strong> for 2 min 10 s. What to do: make room on the disk on which "
    "it lies. Figures stand still meanwhile; nothing is lost, and it is tried again by itself."
)
PAGES = ["/", "/sources", "/contact-points/line"]


def full(trouble: StoreTrouble = FULL) -> Snapshot:
    """A source has told something that was not stored."""
    down = replace(source("pbx", up=False), trouble=trouble.words, to_do=trouble.to_do, since=ago(130))
    return replace(snapshot(point("line", running=None), sources=(down, source("mail", "imap"))), store_trouble=trouble)


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_with_figures_says_why_since_when_and_what_to_do(client: TestClient, services: FakeServices, path: str):
    services.current = full()
    answer = await client.get(path)
    assert answer.status == 200
    text = (await answer.text()).replace("\u00a0", " ")
    assert NOTICE in re.sub("</?span[^>]*>", "", text)  # a span that grows says so
    services.current = replace(full(), store_trouble=None)
    assert "The store cannot be written" not in await (await client.get(path)).text()


@pytest.mark.parametrize("path", PAGES)
async def test_hostile_words_stay_text(client: TestClient, services: FakeServices, path: str):
    services.current = full(StoreTrouble("<script>alert(1)</script>", "<script>", ago(1)))
    assert "<script>" not in await (await client.get(path)).text()


async def test_the_source_that_is_held_up_says_what_helps_the_store(client: TestClient, services: FakeServices):
    services.current = full()
    text = await (await client.get("/sources")).text()
    assert re.search("<h1>[a-z]+: down for [0-9]", text)
    assert '<p class="said">the store cannot be written: the disk is full</p>' in text
    assert "<strong>What to do:</strong> Make room on the disk on which it lies.</p>" in text
    assert "contact-monitor check" not in text


async def test_it_is_not_ready_but_healthy(client: TestClient, services: FakeServices):
    services.current = full()
    answer = await client.get("/-/ready")
    assert (answer.status, await answer.text()) == (503, "not ready: the store cannot be written: the disk is full\n")
    assert answer.headers["Retry-After"] == "5"
    assert (await client.get("/-/healthy")).status == 200
    services.current = replace(full(), store_trouble=None)
    assert (await client.get("/-/ready")).status == 200


@pytest.mark.parametrize("path", ["/api/v1/sources", "/api/v1/contact-points"])
async def test_programs_are_told(client: TestClient, services: FakeServices, path: str):
    services.current = full()
    assert (await (await client.get(path)).json())["store"] == {
        "up": False,
        "trouble": "the store cannot be written: the disk is full",
        "to_do": "make room on the disk on which it lies",
        "since": "2026-11-02T09:27:50Z",
    }
    services.current = replace(full(), store_trouble=None)
    assert (await (await client.get(path)).json())["store"] == {"up": True, "trouble": None, "to_do": None, "since": None}


async def test_prometheus_is_told(client: TestClient, services: FakeServices):
    services.current = full()
    lines = (await (await client.get("/metrics")).text()).splitlines()
    assert "contactpoint_store_up 0.0" in lines
    assert 'contactpoint_source_up{kind="asterisk",source="pbx"} 0.0' in lines
    services.current = replace(full(), store_trouble=None)
    assert "contactpoint_store_up 1.0" in (await (await client.get("/metrics")).text()).splitlines()
