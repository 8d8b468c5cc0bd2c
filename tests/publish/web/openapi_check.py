"""Holds an answer against the description of the API: its status, its type and its body, and nothing that is not described."""

from functools import cache
from typing import Any

import jsonschema

from monitor.publish.web.openapi import OPERATIONS, document
from monitor.publish.web.openapi.values import Operation


def check_answer(operation: Operation | str, status: int, content_type: str, body: object) -> None:
    """Raises AssertionError for a status or type that is not described, ValidationError for a body that is not as described."""
    if isinstance(operation, str):
        operation = next(each for each in OPERATIONS if each.name == operation)
    answers = _strict_document()["paths"][operation.path][operation.method]["responses"]
    assert str(status) in answers, f"{operation.name}: status {status} is not described: {body}"
    contents = answers[str(status)]["content"]
    assert content_type in contents, f"{operation.name}: {content_type} is not described"
    schema = {**contents[content_type]["schema"], "components": _strict_document()["components"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(body)


@cache
def _strict_document() -> dict[str, Any]:
    """The document, but that nothing may be in an answer that is not in it."""
    strict = _strict(document())
    assert isinstance(strict, dict)
    return strict


def _strict(value: object) -> object:
    if isinstance(value, dict):
        closed = {"additionalProperties": False} if "properties" in value and "required" in value else {}
        return {**{key: _strict(each) for key, each in value.items()}, **closed}
    return [_strict(each) for each in value] if isinstance(value, list) else value
