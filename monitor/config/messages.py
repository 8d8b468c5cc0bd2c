"""What pydantic found -> one plain line each: the key's path, the value where it is no secret, the remedy."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.schema import KeyPath, is_secret, is_shown, keys_at, types_at, without_labels
from monitor.errors import did_you_mean

_MAX_VALUE: Final = 80
_HIDDEN: Final = "**********"
#: A secret as short as this is hidden where it stands as a word of its own, not within others.
_SHORT: Final = 6

#: Type of pydantic's error -> what we say, with its context filled in.
_WORDS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing_size": "is too large a number",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "literal_error": "is not one of {expected}",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a number",
    "greater_than": "is too small: more than {gt}",
    "less_than": "is too large: less than {lt}",
    "greater_than_equal": "is too small: at least {ge}",
    "less_than_equal": "is too large: at most {le}",
    "string_type": "write one text here, in quotes where it may be taken for something else",
    "list_type": "write a list here, as [one, two]",
    "dict_type": "write a mapping here, as {{name: …}}",
    "model_type": "write a mapping of keys here, as {{key: value}}",
    "model_attributes_type": "write a mapping of keys here, as {{key: value}}",
    "union_tag_not_found": "is missing its {discriminator}",
    "union_tag_invalid": "{discriminator} is not one of {expected_tags}",
    "path_type": "write the path of a file here",
    "date_type": "is not a date: write 2026-12-24",
    "date_parsing": "is not a date: write 2026-12-24",
    "date_from_datetime_parsing": "is not a date: write 2026-12-24",
    "date_from_datetime_inexact": "is not a date: write 2026-12-24",
}


def problems(error: ValidationError, model: type[BaseModel], prefix: str = "", secrets: Iterable[str] = ()) -> list[str]:
    """One line each. A validator's text of several lines is several problems, whose paths begin with a dot.

    `secrets` are the values that no validator's own words may show.
    """
    return [line for each in error.errors(include_url=False) for line in _lines(each, model, prefix, frozenset(secrets))]


def _lines(found: ErrorDetails, model: type[BaseModel], prefix: str, secrets: frozenset[str]) -> Iterator[str]:
    loc, kind = found["loc"], found["type"]
    unknown = loc[-1:] if kind == "extra_forbidden" else ()
    written = (*without_labels(model, loc[: len(loc) - len(unknown)]), *unknown)
    where = ".".join(part for part in (prefix, shown_path(written)) if part)
    if kind == "extra_forbidden":
        yield f"{where}: unknown key{did_you_mean(str(loc[-1]), keys_at(model, loc[:-1]))}"
    elif kind == "missing" and any(map(is_secret, types_at(model, loc, labels=True))):
        yield f"{where}: is missing; give {loc[-1]} or {loc[-1]}_file"
    elif kind in ("value_error", "assertion_error"):
        for text in without(secrets, re.sub("^(Value|Assertion) (error|failed), ", "", found["msg"])).split("\n"):
            yield where + text if text.startswith(".") else f"{where}: {text}" if where else text
    else:
        words = _in_words(found, secrets)
        value = "" if words.startswith(("write", "is missing")) or not is_shown(model, loc) else _shown(found["input"])
        yield f"{where}: {value}{words}"


def _in_words(found: ErrorDetails, secrets: frozenset[str]) -> str:
    words = _WORDS.get(found["type"])
    if words is None:
        return without(secrets, found["msg"])
    return words.format_map({key: str(value) for key, value in found.get("ctx", {}).items()})


def without(secrets: Iterable[str], text: str) -> str:
    """The text without these values, as they are or as Python writes them; upper and lower case are alike."""
    for secret in sorted(secrets, key=len, reverse=True):
        for written in {secret, secret.strip(), repr(secret)[1:-1]} - {""}:
            pattern = re.escape(written)
            pattern = rf"(?<!\w){pattern}(?!\w)" if len(written) < _SHORT else pattern
            text = re.sub(pattern, _HIDDEN, text, flags=re.IGNORECASE)
    return text


def shown_path(loc: KeyPath) -> str:
    """The path as the file has it: signals stand in their policy directly."""
    if loc[:1] == ("policies",) and len(loc) > 2 and loc[2] == "signals":
        loc = (*loc[:2], *(part for part in loc[3:] if part not in ("on", "off")))
    return ".".join(str(part) for part in loc if part != "[key]")


def _shown(value: object) -> str:
    if not isinstance(value, str | int | float):
        return ""
    text = repr(value) if isinstance(value, str) else str(value)
    return (text if len(text) <= _MAX_VALUE else text[:_MAX_VALUE] + "…") + " "
