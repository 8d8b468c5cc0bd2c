"""The document itself: OpenAPI 3.1, from the table of operations and the schemas. Pure."""

from typing import Any, Final

from monitor import __version__
from monitor.publish.web.openapi.operations import OPERATIONS
from monitor.publish.web.openapi.schemas import SCHEMAS
from monitor.publish.web.openapi.values import Access, Operation, Parameter, Schema, ref

_ABOUT: Final = (
    "Waits of customers, negative contacts and their evidence, as JSON. Names are stable: properties, paths and values may be "
    "added, those that are here stay. Moments are ISO 8601 with a zone, lengths of time are in seconds, shares go from 0 to 1. "
    "What is not known is null, never 0. An error says in words what is wrong and what to do. "
    "Where the configuration has no web.users, nobody needs to log in."
)
#: Without `web.users` nobody needs to log in: then the empty one of the alternatives holds.
_SECURITY: Final[dict[Access, list[dict[str, list[str]]]]] = {"user": [{}, {"user": []}], "token": [{"token": []}]}
_SCHEMES: Final = {
    "user": {"type": "http", "scheme": "basic", "description": "One of web.users. Not needed where there are none."},
    "token": {"type": "http", "scheme": "bearer", "description": "The token of a source of type events."},
}
#: What any operation may be refused with, and when.
_ALWAYS: Final = {
    400: "A parameter is not one of those above, is there twice, or cannot be meant; the words say what to write.",
    401: "Nobody is logged in who may.",
    403: "Logged in as one of web.wall_users, or sent by a page of another site.",
    421: "Asked by a name that is not known to be this monitor's (web.hosts), where nobody needs to log in.",
    503: "Too much is asked at once: try again after Retry-After seconds.",
}


def document() -> dict[str, Any]:
    """The description of the API."""
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Contact-point monitor", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "securitySchemes": _SCHEMES},
    }


def _operation(each: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.summary,
        "description": each.words,
        "security": [alternative for access in each.access for alternative in _SECURITY[access]],
        "responses": {"200": _answered(each), **_refusals(each)},
    }
    if each.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in each.parameters]
    if each.body is not None:
        contents = {kind: {"schema": schema, "example": example} for kind, (schema, example) in each.body.contents.items()}
        described["requestBody"] = {"description": each.body.words, "required": True, "content": contents}
    return described


def _answered(each: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": ref(each.answer)}
    if each.example is not None:
        content["example"] = each.example
    answer: dict[str, Any] = {"description": SCHEMAS[each.answer]["description"], "content": {each.content_type: content}}
    if each.headers:
        answer["headers"] = {name: {"description": words, "schema": {"type": "string"}} for name, words in each.headers.items()}
    return answer


def _refusals(each: Operation) -> dict[str, Any]:
    refused = {**_ALWAYS, **each.refused}
    return {str(status): _refusal(words, each.refused_as.get(status, ref("Error"))) for status, words in sorted(refused.items())}


def _refusal(words: str, schema: Schema) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _parameter(each: Parameter) -> dict[str, Any]:
    schema = {key: value for key, value in each.schema.items() if key != "description"}
    required = {"required": True} if each.place == "path" else {}
    return {
        "name": each.name, "in": each.place, **required, "description": each.words, "schema": schema, "example": each.example,
    }  # fmt: skip
