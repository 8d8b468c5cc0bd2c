"""What the API is described with: operations, their parameters, and schemas (JSON Schema 2020-12, as OpenAPI 3.1 has it)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Schema = dict[str, Any]
#: Who may: a user of `web.users`, or whoever shows the token of a source that accepts pushes.
Access = Literal["user", "token"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the path, or of the query."""

    name: str
    schema: Schema
    words: str
    example: Any
    place: Literal["query", "path"] = "query"


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: by type of content its schema and an example."""

    words: str
    contents: Mapping[str, tuple[Schema, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a program can ask for.

    `refused`: with which statuses beside those of every operation, and when; `refused_as`: their schema, where it is not Error.
    """

    method: Literal["get", "post"]
    path: str
    name: str  # the operationId
    summary: str
    words: str
    answer: str  # name of the schema of a 200
    example: Any
    parameters: Sequence[Parameter] = ()
    body: Body | None = None
    access: Sequence[Access] = ("user",)
    refused: Mapping[int, str] = field(default_factory=dict)
    refused_as: Mapping[int, Schema] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # of a 200
    content_type: str = "application/json"

    @property
    def query(self) -> tuple[str, ...]:
        """The names that its query may have."""
        return tuple(each.name for each in self.parameters if each.place == "query")


def ref(name: str) -> Schema:
    """The schema of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(words: str, **more: Any) -> Schema:
    return {"type": "string", "description": words, **more}


def one_of(words: str, values: Iterable[str]) -> Schema:
    """One of a closed set of texts."""
    return {"type": "string", "description": words, "enum": list(values)}


def moment(words: str) -> Schema:
    """ISO 8601 in UTC, with `Z`."""
    return {"type": "string", "format": "date-time", "description": words}


def count(words: str, least: int = 0) -> Schema:
    return {"type": "integer", "minimum": least, "description": words}


def seconds(words: str) -> Schema:
    return {"type": "number", "description": f"{words} Seconds."}


def share(words: str) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": 1, "description": words}


def yes_or_no(words: str) -> Schema:
    return {"type": "boolean", "description": words}


def listed(items: Schema, words: str) -> Schema:
    return {"type": "array", "items": items, "description": words}


def or_null(schema: Schema, when: str = "") -> Schema:
    """The same, or null; `when` that is."""
    words = {"description": f"{schema.get('description', '')} Null: {when}.".strip()} if when else {}
    return {**schema, "type": [schema["type"], "null"], **words}


def record(words: str, properties: Mapping[str, Schema], may_have: Mapping[str, Schema] | None = None) -> Schema:
    """An object that has all of these, and may have the others. Later versions may add to it."""
    return {
        "type": "object",
        "description": words,
        "required": list(properties),
        "properties": {**properties, **(may_have or {})},
    }
