"""The page for the first source: what it says to write is what the monitor takes."""

from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from monitor.config.loading import load
from monitor.connectors._discover import source_types
from monitor.publish.web.connecting import FIRST_SOURCES, FirstSource
from tests.publish.snapshots import snapshot
from tests.publish.web.fakes import FakeServices

DOCS = Path(__file__).parents[3] / "docs"

every_source = pytest.mark.parametrize("source", FIRST_SOURCES, ids=lambda source: source.type)


def test_every_type_that_is_shipped_is_there():
    assert [source.type for source in FIRST_SOURCES if source.type not in source_types()] == []
    assert {name for name, kind in source_types().items() if kind.shipped} == {source.type for source in FIRST_SOURCES}


@every_source
def test_what_it_says_to_write_is_a_whole_configuration(source: FirstSource, tmp_path: Path):
    (tmp_path / "monitor.yaml").write_text(source.yaml)
    if source.secret:
        assert f"_file: {source.secret}" in source.yaml
        (tmp_path / source.secret).write_text("CHANGE-ME")
    settings = load(tmp_path / "monitor.yaml", {})
    assert {name: each.type for name, each in settings.sources.items()} == {source.name: source.type}


@every_source
def test_it_has_an_account_and_a_page_of_the_documentation(source: FirstSource):
    assert source.account
    assert source.type in (DOCS / source.docs).read_text() or source.type == "events"


async def test_an_empty_board_leads_to_it(client: TestClient, services: FakeServices):
    services.current = replace(snapshot(), sources={})
    text = await (await client.get("/")).text()
    assert 'href="/connect"' in text
    answer = await client.get("/connect", headers={"Accept": "text/html"})
    page = await answer.text()
    assert answer.status == 200
    for wanted in (
        "type: asterisk",
        "contact-monitor check --config FILE",
        "docs/connect-mailbox.md",
        "read = system,call,agent,cdr",
    ):
        assert wanted in page
    assert [tag for tag in ("<form", "<input", "<textarea") if tag in page] == []
