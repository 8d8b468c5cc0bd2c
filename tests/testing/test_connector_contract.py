"""Each fault put into the documentation's example fails the test of the contract that is there for it.

That the example itself passes is shown by tests/connectors/test_third_party.py.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType

import aiohttp
import pytest

from monitor.testing import ConnectorContract, SourceScenario
from tests.connectors.third_party import PHONE, SECRET, blocks, machine, record

RECORDS = [record(1, "A1", "drawn", 0, PHONE), record(2, "A1", "called", 40), record(3, "A2", "drawn", 50)]
EXPORT = b"#tickets 1\n" + b"\n".join(RECORDS) + b"\n"

#: What is right in the example, what stands there instead, and the test that must fail.
FAULTS = [
    ('Literal["ticket_machine"]', 'Literal["machine"]', "test_the_module_declares_what_it_is"),
    ('CHANNEL: Final = "counter"', 'CHANNEL: Final = "desk"', "test_the_module_declares_what_it_is"),
    ('"Ticket machine: the counter that visitors wait for."', '""', "test_places_are_keys_with_a_description"),
    ("return TicketMachine(settings", "open(__file__).close(); return TicketMachine(settings", "test_connect_opens_nothing"),
    ('{"after": newest}', '{"after": newest + 1}', "test_every_contact_of_the_source_is_reported"),
    ('PLACES[0].named(record["counter"])', 'record["counter"]', "test_events_are_complete"),
    ("return at.astimezone(UTC)", "return at.replace(tzinfo=None)", "test_events_are_complete"),
    ('"called": "answered"', '"called": "picked_up"', "test_every_contact_of_the_source_is_reported"),
    ("context.hash_customer(phone)", '"0123456789abcdef"', "test_events_are_complete"),
    ("context.hash_customer(phone)", "phone", "test_nothing_personal_leaves_the_connector"),
    ('id=str(record["record"])', 'id="1"', "test_an_event_id_stands_for_one_event"),
    ('id=str(record["record"])', "id=str(datetime.now())", "test_from_the_beginning_the_same_events_are_read"),
    ('after = cursor["after"]', 'after = cursor["befor"]', "test_a_second_read_from_the_cursor_brings_nothing_new"),
    ('{"after": newest}', '{"after": newest, "at": datetime.now(UTC)}', "test_cursor_and_state_are_json"),
    ('{"after": newest}', '{"after": (newest)}, watermark=datetime.now()', "test_moments_of_a_batch_have_a_time_zone"),
    ('yield Finding(True, f"{self._settings.url} answers")', "return; yield", "test_check_reports_and_changes_nothing"),
    ("url} answers", "api_secret.get_secret_value()} is right", "test_check_reports_and_changes_nothing"),
    ("(aiohttp.ClientError, TimeoutError)", "ZeroDivisionError", "test_a_source_that_cannot_be_read_is_an_error_of_ours"),
    ("api_secret: SecretStr", "api_secret: str", "test_secrets_are_never_shown"),
    ("return head.startswith(_EXPORT_HEAD)", "return bool(head)", "test_archives_are_recognised_and_others_are_not"),
    ("yield _parsed(line, context)[1]", "yield _parsed(line, context)[1]._replace(contact='')",
     "test_archives_give_events_the_same_each_time"),
    ("hmac.compare_digest(own.encode(), token.encode())", "own.startswith(token)", "test_a_push_wants_a_token"),
    ("ACCEPTS_PUSH: Final = True", "ACCEPTS_PUSH: Final = False", "test_a_push_wants_a_token"),
    ("await self._pushed.store(batch)",
     "0; __import__('asyncio').create_task(self._pushed.store(batch)).add_done_callback(lambda t: t.exception())",
     "test_a_push_is_answered_when_it_is_stored"),
]  # fmt: skip


def contract_of(source: str) -> ConnectorContract:
    """The suite over a module with this text."""
    found = ModuleType("ticket_machine")
    found.__file__ = __file__
    exec(compile(source, "ticket_machine.py", "exec"), found.__dict__)

    class Suite(ConnectorContract):
        module = found

        @asynccontextmanager
        async def source(self) -> AsyncIterator[SourceScenario]:
            async with machine(RECORDS, page=1) as port:
                yield SourceScenario(
                    {"url": f"http://127.0.0.1:{port}", "api_secret": SECRET},
                    contacts={"A1": ["queued", "answered"], "A2": ["queued"]},
                    personal={PHONE},
                    secrets={SECRET},
                    unreachable={"url": "http://127.0.0.1:9", "api_secret": SECRET},
                    archives={"ticket_export": EXPORT},
                    push=(SECRET, RECORDS),
                )

    return Suite()


@pytest.mark.parametrize(("right", "wrong", "test"), FAULTS)
def test_a_fault_is_seen(right: str, wrong: str, test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.testing.scenario.PATIENCE", 1.0)  # some faults are that something never comes
    text = blocks("python")[0]
    assert right in text
    with pytest.raises((AssertionError, KeyError, TypeError, aiohttp.ClientError)):
        getattr(contract_of(text.replace(right, wrong)), test)()
