"""What every connector owes the engine, as a suite of tests that the tests of a connector inherit.

    class TestContract(ConnectorContract):
        module = my_connector

        @asynccontextmanager
        async def source(self):
            async with my_fake_system() as system:
                yield SourceScenario({"port": system.port, "api_secret": "s3cret"}, contacts={"17": ["queued", "left"]})

The tests run their own event loops: no plug-in of pytest is needed.
"""

import asyncio
import builtins
import json
import socket
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from datetime import timedelta
from io import BytesIO
from types import ModuleType
from typing import Any, ClassVar, Final, Literal, TypeVar, get_args, get_origin
from unittest.mock import patch

from monitor.connector import (
    AGENT_STATES,
    CHANNELS,
    KINDS,
    REJECT_REASONS,
    Archive,
    ArchiveRecord,
    Batch,
    ConfigError,
    Connector,
    Context,
    Event,
    Finding,
    Place,
    PushTarget,
    Rejected,
    RejectedLine,
    SourceError,
    SourceSettings,
)
from monitor.testing.context import make_context
from monitor.testing.scenario import PATIENCE, Reading, SourceScenario, collect, kinds_of, recording_hasher, replaced, until

_T = TypeVar("_T")

#: Real seconds in which a live source must report nothing more.
_QUIET: Final = 0.2
#: Beginnings of files that are no archive of anything.
_FOREIGN: Final = (b"", b"\x00" * 64, b"\x89PNG\r\n\x1a\n", b"hello world\n")


class ConnectorContract:
    """Inherit, set `module` (the connector's), and provide `source`."""

    module: ClassVar[ModuleType]
    _read_once: ClassVar[Reading]

    def source(self) -> AbstractAsyncContextManager[SourceScenario]:
        """A fresh source with the same content at each call; entered inside the event loop of one test."""
        raise NotImplementedError

    def connector(self, scenario: SourceScenario, context: Context) -> Connector:
        """Makes the connector; override it where tests need shorter pauses than people do."""
        connect: Callable[[SourceSettings, Context], Connector] = self.module.connect
        return connect(_settings(self.module, scenario.settings), context)

    # what the module declares

    def test_the_module_declares_what_it_is(self) -> None:
        settings = self.module.Settings
        name = self.module.__name__.rpartition(".")[2]
        kind = settings.model_fields["type"].annotation
        assert issubclass(settings, SourceSettings)
        assert (get_origin(kind), get_args(kind)) == (Literal, (name,)), f"type must be Literal[{name!r}], the module's name"
        assert settings.model_config.get("extra") == "forbid"
        assert getattr(self.module, "CHANNEL", None) in (None, *CHANNELS)

    def test_places_are_keys_with_a_description(self) -> None:
        places: Sequence[Place] = getattr(self.module, "PLACES", ())
        assert all(place.key.isidentifier() and place.description and "\n" not in place.description for place in places)
        assert len({place.key for place in places}) == len(places)

    # reading

    def test_connect_opens_nothing(self) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("connect() opens a file or a connection: leave that to read() and check()")

        async def work(scenario: SourceScenario) -> None:
            with patch.object(socket.socket, "connect", refuse), patch.object(builtins, "open", refuse):
                connector = self.connector(scenario, make_context(clock=scenario.clock))
            assert isinstance(connector.live, bool)

        self._run(work)

    def test_every_contact_of_the_source_is_reported(self) -> None:
        reading = self._whole()
        assert reading.events, "the scenario must hold events"

    def test_events_are_complete(self) -> None:
        reading = self._whole()
        places = {place.key for place in getattr(self.module, "PLACES", ())} or {"name"}
        _check_events(reading.events, getattr(self.module, "CHANNEL", None), places, reading.hashes)

    def test_an_event_id_stands_for_one_event(self) -> None:
        seen: dict[tuple[str, str], Event] = {}
        for event in self._whole().events:
            known = seen.setdefault((event.contact, event.id), event)
            assert known.kind == event.kind, f"{event.contact}: {known.kind} and {event.kind} have the same id {event.id}"

    def test_nothing_personal_leaves_the_connector(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            reading = await self._read_all(scenario, Reading())
            shown = repr(reading.batches) + repr(reading.state.entries)
            for each in (*scenario.personal, *scenario.secrets):
                assert each not in shown, f"{each!r} appears in a batch"

        self._run(work)

    def test_what_is_rejected_has_a_known_reason(self) -> None:
        reasons = {rejected.reason for batch in self._whole().batches for rejected in batch.rejected}
        assert reasons <= set(REJECT_REASONS)

    def test_agents_are_counted_by_known_states_at_places(self) -> None:
        places = {place.key for place in getattr(self.module, "PLACES", ())} or {"name"}
        for batch in self._whole().batches:
            for place, counts in (batch.agents or {}).items():
                assert place.partition(":")[0] in places, f"agents at {place!r}, which no Place of PLACES names"
                assert set(counts) <= set(AGENT_STATES), f"agents at {place!r} in states that nobody knows: {sorted(counts)}"
                assert all(type(count) is int and count >= 0 for count in counts.values())

    def test_moments_of_a_batch_have_a_time_zone(self) -> None:
        for batch in self._whole().batches:
            moments = [batch.watermark, batch.newest_outbound]
            if batch.gap is not None:
                moments += [batch.gap.since, batch.gap.until]
            assert all(moment is None or moment.utcoffset() is not None for moment in moments)
            assert batch.watermark is None or batch.live_lag is None, "a batch has a watermark or a live lag, not both"

    def test_a_second_read_from_the_cursor_brings_nothing_new(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            first = await self._read_all(scenario, Reading())
            again = await self._read_all(scenario, first.resumed(), reported=True)
            assert _keys(again.events) <= _keys(first.events)

        self._run(work)

    def test_from_the_beginning_the_same_events_are_read(self) -> None:
        one, other = self._whole(), self._run(self._read_whole)
        assert _keys(one.events) == _keys(other.events)
        assert {e.customer for e in one.events} == {e.customer for e in other.events}

    def test_a_polled_read_can_be_broken_off_after_every_batch(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            if self.connector(scenario, make_context(clock=scenario.clock)).live:
                return  # what it reports depends on the moment: the test of the second read has to do
            whole = await self._read_all(scenario, Reading())
            for count in range(1, len(whole.batches)):
                begun = await self._read_some(scenario, Reading(), count)
                rest = await self._read_all(scenario, begun.resumed(), reported=True)
                assert _keys([*begun.events, *rest.events]) == _keys(whole.events), f"broken off after batch {count}"

        self._run(work)

    def test_cursor_and_state_are_json(self) -> None:
        for batch in self._whole().batches:
            assert batch.cursor is None or json.loads(json.dumps(batch.cursor)) == batch.cursor
            assert all(isinstance(key, str) and isinstance(entry, str | None) for key, entry in batch.state.items())

    def test_closing_in_the_middle_releases_everything(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            connector = self.connector(scenario, make_context(clock=scenario.clock))
            before = asyncio.all_tasks()
            stream = connector.read(None)
            await asyncio.wait_for(anext(stream), PATIENCE)
            await stream.aclose()
            if scenario.open_connections is not None:
                await until(lambda: scenario.open_connections is not None and scenario.open_connections() == 0)
            left = [task for task in asyncio.all_tasks() - before if _is_of(task, type(connector).__module__)]
            assert left == []
            again = await self._read_all(scenario, Reading())
            assert again.has(scenario.contacts)

        self._run(work)

    # check

    def test_check_reports_and_changes_nothing(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            connector = self.connector(scenario, make_context(clock=scenario.clock, places=scenario.places))
            async with asyncio.timeout(PATIENCE):
                findings = [finding async for finding in connector.check()]
            assert findings
            assert all(isinstance(finding, Finding) and finding.text.strip() for finding in findings)
            shown = repr(findings)
            assert not [secret for secret in scenario.secrets if secret in shown]
            if scenario.changes is not None:
                assert list(scenario.changes()) == []

        self._run(work)

    # errors and secrets

    def test_a_source_that_cannot_be_read_is_an_error_of_ours(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            if scenario.unreachable is None:
                return  # a source that nobody connects to is always reachable
            error: Exception | None = None
            try:
                await self._read_all(replaced(scenario, scenario.unreachable), Reading())
            except (SourceError, ConfigError) as found:
                error = found
            assert error is not None, "read() must raise SourceError or ConfigError"
            assert str(error).strip(), "an error says what was tried and what to look at"
            assert not [secret for secret in scenario.secrets if secret in f"{error} {error!r}"]

        self._run(work)

    def test_secrets_are_never_shown(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            settings = _settings(self.module, scenario.settings)
            shown = repr(settings) + settings.model_dump_json()
            for secret in scenario.secrets:
                assert secret not in shown, "give the field of a secret the type SecretStr"

        self._run(work)

    # archives

    def test_archives_are_recognised_and_others_are_not(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            archives = _archives(self.module)
            assert set(scenario.archives) == set(archives), "the scenario holds one file of each archive format"
            for name, archive in archives.items():
                assert archive.title
                others = [content for other, content in scenario.archives.items() if other != name]
                assert archive.sniff(scenario.archives[name][:4096])
                assert not [head for head in (*others, *_FOREIGN) if archive.sniff(head[:4096])]

        self._run(work)

    def test_archives_give_events_the_same_each_time(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            for name, archive in _archives(self.module).items():
                hashes: set[str] = set()
                records = self._read_archive(scenario, name, archive, hashes)
                events = [record for record in records if isinstance(record, Event)]
                assert events
                _check_events(events, getattr(self.module, "CHANNEL", None), None, hashes)
                assert self._read_archive(scenario, name, archive, hashes) == records
                stored = [each for each in records if isinstance(each, Event | Rejected)]
                assert not [each for each in scenario.personal if each in repr(stored)]

        self._run(work)

    def test_a_source_of_its_own_needs_no_settings(self) -> None:
        for archive in _archives(self.module).values():
            if archive.needs_no_source:
                _settings(self.module, {})  # raises where a key is required

    # pushes

    def test_a_push_wants_a_token(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            connector = self.connector(scenario, make_context(clock=scenario.clock))
            declared = getattr(self.module, "ACCEPTS_PUSH", False)
            assert isinstance(connector, PushTarget) is declared is (scenario.push is not None)
            if isinstance(connector, PushTarget) and scenario.push is not None:
                token, _ = scenario.push
                assert connector.admits(token)
                assert not any(connector.admits(wrong) for wrong in (None, "", token[:-1], token + "x"))

        self._run(work)

    def test_a_push_is_answered_when_it_is_stored(self) -> None:
        async def work(scenario: SourceScenario) -> None:
            connector = self.connector(scenario, make_context(clock=scenario.clock))
            if not isinstance(connector, PushTarget) or scenario.push is None:
                return
            _, lines = scenario.push
            arrived: list[Batch] = []
            store_works = asyncio.Event()
            store_works.set()

            async def store() -> None:
                async with aclosing(connector.read(None)) as stream:
                    async for batch in stream:
                        arrived.append(batch)
                        await store_works.wait()

            task = asyncio.create_task(store())
            try:
                await until(lambda: bool(arrived))
                await asyncio.sleep(_QUIET)  # whatever it reads by itself has come
                before = len(arrived)
                store_works.clear()
                offer = asyncio.ensure_future(connector.offer(list(enumerate([*lines, b"\x00 no record"], 1))))
                await until(lambda: len(arrived) > before)
                await asyncio.sleep(_QUIET)
                assert not offer.done(), "the answer must wait for the store"
                store_works.set()
                answer = await asyncio.wait_for(offer, PATIENCE)
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            assert answer.accepted == sum(len(batch.events) for batch in arrived[before:]) > 0
            assert [refused.line for refused in answer.rejected] == [len(lines) + 1]
            assert all(isinstance(each, RejectedLine) and each.reason in REJECT_REASONS for each in answer.rejected)

        self._run(work)

    # how the tests read

    def _run(self, work: Callable[[SourceScenario], Coroutine[Any, Any, _T]]) -> _T:
        async def inside() -> _T:
            async with self.source() as scenario:
                return await work(scenario)

        return asyncio.run(inside())

    def _whole(self) -> Reading:
        """The source, read once for all the tests that only look at what came."""
        if "_read_once" not in type(self).__dict__:
            type(self)._read_once = self._run(self._read_whole)
        return self._read_once

    async def _read_whole(self, scenario: SourceScenario) -> Reading:
        reading = await self._read_all(scenario, Reading())
        assert kinds_of(reading.events) == {contact: sorted(kinds) for contact, kinds in scenario.contacts.items()}
        return reading

    async def _read_all(self, scenario: SourceScenario, reading: Reading, *, reported: bool = False) -> Reading:
        """Reads a polled source to its end, a live one until all its contacts were `reported` and nothing more comes."""
        connector = self._made(scenario, reading)
        if not connector.live:
            return await self._read_some(scenario, reading, None)
        task = asyncio.create_task(collect(connector, reading.state.cursor, reading, None))
        try:
            await until(lambda: bool(reading.batches) or task.done())
            if not reported and scenario.report is not None and not task.done():
                await asyncio.wait_for(scenario.report(connector), PATIENCE)
            if not reported:
                with suppress(TimeoutError):  # the tests say what is missing
                    await until(lambda: task.done() or reading.has(scenario.contacts))
            await asyncio.sleep(_QUIET)
            if task.done():
                task.result()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, SourceError, ConfigError):
                await task
        return reading

    async def _read_some(self, scenario: SourceScenario, reading: Reading, count: int | None) -> Reading:
        """Reads `count` batches, or all."""
        connector = self._made(scenario, reading)
        await asyncio.wait_for(collect(connector, reading.state.cursor, reading, count), PATIENCE)
        return reading

    def _made(self, scenario: SourceScenario, reading: Reading) -> Connector:
        context = make_context(
            clock=scenario.clock, state=reading.state, places=scenario.places, hash_customer=recording_hasher(reading.hashes)
        )  # fmt: skip
        return self.connector(scenario, context)

    def _read_archive(self, scenario: SourceScenario, name: str, archive: Archive, hashes: set[str]) -> list[ArchiveRecord]:
        context = make_context(clock=scenario.clock, places=scenario.places, hash_customer=recording_hasher(hashes))
        return list(archive.read(BytesIO(scenario.archives[name]), _settings(self.module, scenario.settings), context))


def _check_events(events: Sequence[Event], channel: str | None, places: Collection[str] | None, hashes: Collection[str]) -> None:
    for event in events:
        assert isinstance(event.id, str)
        assert event.id
        assert event.contact
        kind, colon, name = event.place.partition(":")
        assert kind, f"place {event.place!r} is not KEY:NAME"
        assert colon, f"place {event.place!r} is not KEY:NAME"
        assert name, f"place {event.place!r} is not KEY:NAME"
        assert places is None or kind in places, f"place {event.place!r} begins with none of {sorted(places or ())}"
        assert event.kind in KINDS - {"reached"}, f"{event.kind} is no kind of event"
        assert event.at.utcoffset() == timedelta(0), f"{event.at} is not in UTC"
        assert event.channel in CHANNELS if channel is None else event.channel == channel
        assert event.customer is None or event.customer in hashes, "a customer is what context.hash_customer returns"


def _keys(events: Sequence[Event]) -> set[tuple[str, str, str]]:
    return {(event.contact, event.id, event.kind) for event in events}


def _settings(module: ModuleType, keys: Mapping[str, Any]) -> SourceSettings:
    found: SourceSettings = module.Settings.model_validate({"type": module.__name__.rpartition(".")[2], **keys})
    return found


def _archives(module: ModuleType) -> dict[str, Archive]:
    return {archive.name: archive for archive in getattr(module, "ARCHIVES", ())}


def _is_of(task: "asyncio.Task[Any]", module: str) -> bool:
    frame = getattr(task.get_coro(), "cr_frame", None)
    return frame is not None and frame.f_globals.get("__name__") == module
