"""What pydantic found -> one kind line each: the key's path, the value where it is no secret, the remedy."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from monitor.config.files import SECRETS
from monitor.errors import did_you_mean

_MAX_VALUE: Final = 80

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
    "path_type": "write the path of a file here",
    "date_type": "is not a date: write 2026-12-24",
    "date_parsing": "is not a date: write 2026-12-24",
    "date_from_datetime_parsing": "is not a date: write 2026-12-24",
    "date_from_datetime_inexact": "is not a date: write 2026-12-24",
}


def problems(error: ValidationError, model: type[BaseModel], prefix: str = "") -> list[str]:
    """One line each. A validator's text of several lines is several problems, whose paths begin with a dot."""
    lines = []
    for each in error.errors(include_url=False):
        loc = each["loc"]
        where = ".".join(part for part in (prefix, shown_path(loc)) if part)
        if each["type"] == "extra_forbidden":
            lines.append(f"{where}: unknown key{did_you_mean(str(loc[-1]), _keys_at(model, loc[:-1]))}")
        elif each["type"] == "value_error":
            texts = each["msg"].removeprefix("Value error, ").split("\n")
            lines += [where + text if text.startswith(".") else f"{where}: {text}" if where else text for text in texts]
        else:
            context = {key: str(value) for key, value in each.get("ctx", {}).items()}
            words = _WORDS.get(each["type"], each["msg"]).format_map(context)
            value = "" if words.startswith(("write", "is missing")) or _is_secret(loc) else _shown(each["input"])
            lines.append(f"{where}: {value}{words}")
    return lines


def shown_path(loc: tuple[int | str, ...]) -> str:
    """The path as the file has it: signals stand in their policy directly."""
    if loc[:1] == ("policies",) and len(loc) > 2 and loc[2] == "signals":
        loc = (*loc[:2], *(part for part in loc[3:] if part not in ("on", "off")))
    return ".".join(str(part) for part in loc if part != "[key]")


def _is_secret(loc: tuple[int | str, ...]) -> bool:
    return any(part in SECRETS or part == "users" for part in loc)


def _shown(value: object) -> str:
    if not isinstance(value, str | int | float):
        return ""
    text = repr(value) if isinstance(value, str) else str(value)
    return (text if len(text) <= _MAX_VALUE else text[:_MAX_VALUE] + "…") + " "


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    annotation: Any = model
    for part in path:
        inner = next(models_in(annotation), None)
        if inner is not None:
            info = inner.model_fields.get(str(part))
            annotation = info.annotation if info is not None else annotation
        elif get_origin(annotation) in (dict, list):
            annotation = get_args(annotation)[-1]
    inner = next(models_in(annotation), None)
    if inner is None:
        return []
    return [info.alias or name for name, info in inner.model_fields.items()]


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a value of this type may be itself; not those inside a list or mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Annotated, Union, UnionType):
        for inner in get_args(annotation):
            yield from models_in(inner)
