"""A connector of somebody else's, one file in a package of its own: everything finds it, and nothing else changes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from monitor.cli.import_files import Importer, target_of
from monitor.config.loading import build
from monitor.connector import SeenUntil
from monitor.connectors._discover import source_types
from monitor.daemon.app import Daemon
from monitor.daemon.serve import DaemonServices
from monitor.errors import ConfigError
from monitor.publish.web.server import make_app
from monitor.store.memory import MemoryStore
from monitor.testing import ConnectorContract, FakeClock, SourceScenario, make_context
from tests.cli.conftest import Run, run, write  # noqa: F401  # fixtures
from tests.connectors.third_party import PHONE, SECRET, blocks, installed, machine, record
from tools.config_reference import reference

NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
#: A1 waits a minute, longer than the 20 s of the default policy; A2 waits ten seconds.
RECORDS = [
    record(1, "A1", "drawn", 0, PHONE),
    record(2, "A2", "drawn", 30),
    record(3, "A2", "called", 40),
    record(4, "A1", "called", 60),
    record(5, "A1", "served", 300),
]
EXPORT = b"#tickets 1\n" + b"\n".join(RECORDS) + b"\n#complete 2026-11-02T10:00:00\n"


@pytest.fixture(scope="module", autouse=True)
def ticket_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    with installed(tmp_path_factory.mktemp("site")) as module:
        TestItsContract.module = module
        yield module


def hall(**more: Any) -> dict[str, Any]:
    return {"type": "ticket_machine", "url": "http://127.0.0.1:9", "api_secret": SECRET, **more}


def problems(raw: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        build(raw)
    return sorted(refused.value.problems)


class TestItsContract(ConnectorContract):
    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        async with machine(RECORDS) as port:
            yield SourceScenario(
                {"url": f"http://127.0.0.1:{port}", "api_secret": SECRET},
                contacts={"A1": ["queued", "answered", "ended"], "A2": ["queued", "answered"]},
                personal={PHONE},
                secrets={SECRET},
                places={"counter:P"},
                unreachable={"url": "http://127.0.0.1:9", "api_secret": SECRET},
                archives={"ticket_export": EXPORT},
                push=(SECRET, RECORDS),
            )


class TestConfiguration:
    def test_the_example_of_the_page_is_one(self) -> None:
        [text] = blocks("yaml")
        settings = build({**_yaml(text)})
        assert settings.place_of(settings.contact_points["passports"]) == "counter:P"

    def test_a_misspelt_type_is_recognised(self) -> None:
        assert problems({"sources": {"hall": {"type": "ticket_machin"}}}) == [
            "sources.hall.type: 'ticket_machin' is no source type; did you mean ticket_machine?"
        ]

    def test_a_misspelt_key_of_the_source_is_recognised(self) -> None:
        assert problems({"sources": {"hall": hall(ur="x")}}) == ["sources.hall.ur: unknown key; did you mean url?"]

    def test_a_misspelt_place_is_recognised_and_the_place_is_missing(self) -> None:
        raw = {"sources": {"hall": hall()}, "contact_points": {"passports": {"source": "hall", "countr": "P"}}}
        assert problems(raw) == [
            "contact_points.passports.countr: unknown key; did you mean counter?",
            "contact_points.passports: say which part of hall it is: give counter",
        ]

    def test_places_of_other_types_do_not_fit(self) -> None:
        web = {"type": "events"}
        points = {"a": {"source": "hall", "queue": "P"}, "b": {"source": "web", "counter": "P"}}
        assert problems({"sources": {"hall": hall(), "web": web}, "contact_points": points}) == [
            "contact_points.a.queue: hall is of type ticket_machine: give counter",
            "contact_points.b.counter: events name their contact point themselves; leave counter out",
        ]

    def test_a_place_belongs_to_one_contact_point(self) -> None:
        points = {"a": {"source": "hall", "counter": "P"}, "b": {"source": "hall", "counter": "P"}}
        assert problems({"sources": {"hall": hall()}, "contact_points": points}) == [
            "contact_points.b.counter: 'P' of hall is contact point a already"
        ]

    def test_another_channel_is_refused(self) -> None:
        point = {"source": "hall", "counter": "P", "channel": "phone"}
        assert problems({"sources": {"hall": hall()}, "contact_points": {"a": point}}) == [
            "contact_points.a.channel: all that hall tells of is counter; leave channel out"
        ]


def test_the_reference_describes_it() -> None:
    page = reference(source_types())
    assert "### `type: ticket_machine`" in page
    assert "| `api_secret` | secret | **required**, or `api_secret_file` |" in page
    assert "| `counter` | text | – | Ticket machine: the counter that visitors wait for. |" in page
    assert "| `ticket_machine` | counter | `counter` | exports of ticket machines | yes |" in page
    assert "ticket_machine" not in reference()  # the page in the repository holds what is shipped


class TestCommands:
    def config(self, write: Callable[[dict[str, Any]], Path]) -> Path:  # noqa: F811
        points = {"passports": {"source": "hall", "counter": "P"}}
        return write({"store": "sqlite:contacts.db", "sources": {"hall": hall()}, "contact_points": points})

    def test_check_tries_it(self, run: Run, write: Callable[[dict[str, Any]], Path]) -> None:  # noqa: F811
        said = run("check", "--config", self.config(write))
        assert said.code == 2
        assert "configuration: ok: 1 source, 1 contact point named" in said.out
        assert "hall: FAILED: cannot read http://127.0.0.1:9/records" in said.out
        assert SECRET not in said.all

    def test_import_reads_its_archives(
        self, run: Run, write: Callable[[dict[str, Any]], Path], tmp_path: Path  # noqa: F811
    ) -> None:  # fmt: skip
        (tmp_path / "export").write_bytes(EXPORT)
        config = self.config(write)
        said = run("import", "export", "--config", config)
        expected = "export: 5 events stored into hall, 0 were known, 0 refused, complete until 2026-11-02T10:00:00Z\n"
        assert (said.code, said.out) == (0, expected)
        listed = json.loads(run("signals", "--since", "2026-11-01T00:00:00Z", "--format", "json", "--config", config).out)
        assert [(each["contact_point"], each["native_id"], each["signal"]) for each in listed] == [
            ("passports", "A1", "long_wait")
        ]

    def test_an_archive_belongs_to_a_source_of_the_type(self, tmp_path: Path) -> None:
        (tmp_path / "export").write_bytes(EXPORT)
        with pytest.raises(ConfigError, match="no source takes ticket_export; configure one of type ticket_machine"):
            target_of(build({"sources": {"web": {"type": "events"}}}), tmp_path / "export", None)

    def test_bad_lines_of_an_archive_are_named(self, tmp_path: Path) -> None:
        path = tmp_path / "export"
        path.write_bytes(b"#tickets 1\n" + RECORDS[0] + b"\nnonsense\n#complete soon\n")
        settings = build({"sources": {"hall": hall()}})
        importer = Importer(
            settings, MemoryStore(), FakeClock(NINE + timedelta(hours=2)), b"key", target_of(settings, path, None)
        )
        report = importer.run(path, None, lambda _: None)
        assert (report.stored, report.rejected, report.watermark) == (1, 2, NINE)
        assert [line.removeprefix(f"{path}:").split(":")[0] for line in report.first_bad] == ["3", "4"]


async def test_a_push_over_http_is_stored_and_judged() -> None:
    async with machine([]) as port:
        raw = {
            "store": "memory:",
            "sources": {"hall": hall(url=f"http://127.0.0.1:{port}"), "web": {"type": "events", "token": "another"}},
            "contact_points": {"passports": {"source": "hall", "counter": "P"}},
        }
        clock = FakeClock(NINE + timedelta(hours=1))
        daemon = Daemon(lambda: build(raw), clock)
        await daemon.open()
        task = asyncio.create_task(daemon.run())
        services = DaemonServices(daemon)
        try:
            async with TestClient(TestServer(make_app(services))) as client:
                answer = await client.post("/api/v1/events", headers={"Authorization": "Bearer wrong"}, data=RECORDS[0])
                assert answer.status == 401
                headers = {"Authorization": f"Bearer {SECRET}"}
                answer = await client.post("/api/v1/events", headers=headers, data=b"\n".join([*RECORDS, b"{}"]))
                assert answer.status == 200
                told = await answer.json()
                assert (told["accepted"], [each["line"] for each in told["errors"]]) == (5, [6])
            assert daemon.snapshot().totals["signals_total", ("counter", "passports", "long_wait")] == 1
        finally:
            services.close()
            daemon.stop()
            await clock.advance(1)
            await task


def test_the_wall_clock_of_the_machine_is_in_the_configured_zone(ticket_machine: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(EXPORT)
    context = make_context(timezone=build({"timezone": "Europe/Berlin"}).timezone)
    with path.open("rb") as file:
        records = list(ticket_machine.ARCHIVES[0].read(file, None, context))
    assert records[0].at == NINE - timedelta(hours=1)
    assert records[-1] == SeenUntil(NINE)


def _yaml(text: str) -> dict[str, Any]:
    from monitor.config.files import parse_yaml

    found: dict[str, Any] = parse_yaml(text, "the page")
    return found
