"""The description of the API: it describes what is answered, and all of it; what it describes is answered as described."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import OpenAPIV31SpecValidator

from monitor.publish.report.values import WeekSummary
from monitor.publish.web.openapi import OPERATIONS, api_routes, document
from monitor.publish.web.openapi.values import Operation
from monitor.publish.web.server import make_app
from tests.publish.report.sample import ENDS, MONDAY, STARTS
from tests.publish.snapshots import contact_centre
from tests.publish.web.answers import CONTACT, evidence, signal_row
from tests.publish.web.fakes import FakeServices
from tests.publish.web.openapi_check import check_answer

#: But for the stream, which has no end (board/test_stream.py).
GETS = [each for each in OPERATIONS if each.method == "get" and each.name != "stream"]
every_get = pytest.mark.parametrize("operation", GETS, ids=lambda each: each.name)


def address(operation: Operation) -> str:
    return operation.path.replace("{contact}", CONTACT).replace("{week}", "2026-W46")


def examples(value: object) -> Iterator[tuple[dict[str, Any], object]]:
    """(schema, example) wherever the document has both."""
    if isinstance(value, dict):
        if "schema" in value and "example" in value:
            yield value["schema"], value["example"]
        for each in value.values():
            yield from examples(each)
    elif isinstance(value, list):
        for each in value:
            yield from examples(each)


def described(value: object, at: str = "") -> Iterator[tuple[str, bool]]:
    """(where, whether it says what it is) for each property of each schema."""
    if isinstance(value, dict):
        for name, schema in value.get("properties", {}).items():
            yield f"{at}.{name}", bool(schema.get("description")) or "$ref" in schema
        for key, each in value.items():
            yield from described(each, f"{at}.{key}")


def test_it_is_valid_openapi():
    OpenAPIV31SpecValidator(document()).validate()


def test_every_example_is_as_described():
    whole, found = document(), list(examples(document()["paths"]))
    assert len(found) > 20
    for schema, example in found:
        jsonschema.validate(example, {**schema, "components": whole["components"]}, format_checker=jsonschema.FormatChecker())


def test_every_property_says_what_it_is_and_every_figure_its_unit():
    schemas = document()["components"]["schemas"]
    assert [where for where, says in described(schemas) if not says] == []
    figures = [schema for each in schemas.values() for name, schema in each.get("properties", {}).items() if "seconds" in name]
    assert len(figures) > 8
    for schema in figures:
        assert "econds" in schema["description"] or schema.get("type") == "integer"


def test_the_router_and_the_document_have_the_same_paths():
    routes = {
        (route.method.lower(), route.resource.canonical)
        for route in make_app(FakeServices()).router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api") and route.method != "HEAD"
    }
    assert routes == {(method, path) for path, methods in document()["paths"].items() for method in methods}


def test_a_handler_without_a_description_is_refused():
    async def handle(_: object) -> Any: ...

    handlers = {each.name: handle for each in OPERATIONS}
    assert len(api_routes(handlers)) == len(OPERATIONS)
    with pytest.raises(ValueError, match="not in the table of operations: secret"):
        api_routes({**handlers, "secret": handle})
    with pytest.raises(KeyError):
        api_routes({})


async def test_it_is_served(client: TestClient):
    answer = await client.get("/api/openapi.json")
    assert (answer.status, answer.content_type, await answer.json()) == (200, "application/json", document())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
async def test_a_parameter_that_is_not_described_is_refused(client: TestClient, operation: Operation):
    path = address(operation)
    answer = await client.request(operation.method, path, params={"refresh": "off"}, data="{}")
    check_answer(operation, answer.status, answer.content_type, await answer.json())
    remedy = f"write {', '.join(operation.query)}" if operation.query else "this address takes none"
    assert (answer.status, await answer.json()) == (400, {"error": f"there is no parameter 'refresh': {remedy}"})


@every_get
async def test_every_answer_is_as_described(client: TestClient, services: FakeServices, operation: Operation):
    services.rows, services.contacts = [signal_row()], {CONTACT: evidence()}
    services.current = replace(contact_centre(), at=ENDS + timedelta(days=2))
    services.summaries = [WeekSummary("2026-W46", MONDAY, STARTS, ENDS, True, True, 100, 7, 3, 4)]
    answer = await client.get(address(operation))
    assert answer.status == 200
    check_answer(operation, answer.status, answer.content_type, await answer.json())


@every_get
async def test_refusals_are_as_described(operation: Operation):
    at = ENDS + timedelta(days=2)
    services = FakeServices(replace(contact_centre(), at=at), accounts={"anna": "x"})
    async with TestClient(TestServer(make_app(services))) as client:
        answer = await client.get(address(operation))
        assert answer.status == 401
        check_answer(operation, answer.status, answer.content_type, await answer.json())
        services.accounts, services.readable = None, False
        answer = await client.get(address(operation))
        assert answer.status == (503 if operation.name in ("signals", "contact", "weeks", "week") else 200)
        check_answer(operation, answer.status, answer.content_type, await answer.json())


def test_names_of_operations_are_words_of_programs():
    assert all(re.fullmatch("[a-z][A-Za-z]+", each.name) for each in OPERATIONS)
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS)
