"""What the models say of a key, found by type: which values are secret, which keys a mapping takes, where names are free.

A secret is a field typed SecretStr, whatever its name and however deep it lies. A value that is no SecretStr and must not
be shown either (a store's address may hold a password) is declared with `repr=False`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints, is_typeddict

from pydantic import AliasChoices, BaseModel, RootModel, Secret, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from monitor.connector import SourceSettings
from monitor.connectors._discover import source_types

#: Keys and indexes from the top of a configuration to a value.
KeyPath = tuple[str | int, ...]

_FILE: Final = "_file"
_SECRET_TYPES: Final = (SecretStr, SecretBytes, Secret)


class SecretFile(NamedTuple):
    """A key that names a file, and the secret that this file holds."""

    secret: KeyPath
    file: KeyPath


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a value of this type may be itself; not those inside a list or mapping."""
    for each in _alternatives(annotation):
        if _is_model(each):
            yield each


def is_secret(annotation: Any) -> bool:
    """Whether a value of this type may itself be a secret."""
    return any(map(_is_secret_type, _alternatives(annotation)))


def holds_secret(annotation: Any, _above: frozenset[Any] = frozenset()) -> bool:
    """Whether a value of this type may be a secret or hold one, at any depth."""
    for each in _alternatives(annotation):
        if _is_secret_type(each):
            return True
        if _has_fields(each):
            if each not in _above and any(holds_secret(inner, _above | {each}) for inner in _fields(each).values()):
                return True
        elif any(holds_secret(inner, _above) for inner in get_args(each)):
            return True
    return False


def is_shown(model: type[BaseModel], loc: KeyPath) -> bool:
    """Whether the value at a place of pydantic's own notation may be shown: neither it nor what lies in it is secret."""
    return not any(map(holds_secret, types_at(model, loc, labels=True)))


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys that a mapping of this model takes, with the files of its secrets."""
    return [*_fields(model), *(key + _FILE for key in _keys_with_files(model))]


def keys_at(model: type[BaseModel], loc: KeyPath) -> list[str]:
    """The keys that the mapping at a place of pydantic's own notation takes."""
    return [key for each in types_at(model, loc, labels=True) if _is_model(each) for key in keys_of(each)]


def types_at(annotation: Any, path: KeyPath, tree: Any = None, *, labels: bool = False) -> list[Any]:
    """The types that the value at a path may have. `tree` holds the values that choose between models of sources.

    `labels`: the path comes from pydantic, which also names members of unions in it; these are passed over.
    """
    here = list(_alternatives(annotation))
    for part in path:
        member = _labelled(here, part) if labels else None
        if member is not None:
            here = [member]
            continue
        below = [inner for each in here for inner in _below(_chosen(each, tree), part)]
        tree = tree.get(part) if isinstance(tree, Mapping) else None
        if below or not labels:
            here = below
    return here


def without_labels(model: type[BaseModel], loc: KeyPath) -> KeyPath:
    """A place of pydantic's own notation as a file has it: without the members of unions that are named in it."""
    here: list[Any] = [model]
    written: list[str | int] = []
    for part in loc:
        member = _labelled(here, part)
        below = [member] if member is not None else [inner for each in here for inner in _below(each, part)]
        if part == "[key]" or (below and member is None):
            written.append(part)
        here = below or here
    return tuple(written)


def _labelled(alternatives: Sequence[Any], part: str | int) -> Any:
    """The one of several models whose `type` (or whatever chooses) is `part`; it may also be the name of a key in it."""
    models = [each for each in alternatives if _is_model(each)]
    for each in models if len(models) > 1 else ():
        if any(get_origin(inner) is Literal and part in get_args(inner) for inner in _fields(each).values()):
            return each
    return None


def takes_free_names(annotation: Any) -> bool:
    """Whether it is a mapping in which any name with one value is complete: a misspelt name would make another entry."""
    return any(_is_complete_alone(get_args(each)[-1]) for each in _alternatives(annotation) if _is_mapping(each))


def secrets_in(annotation: Any, tree: Any) -> Iterator[KeyPath]:
    """Where secrets stand, or could stand, in the mappings of a configuration that a model describes."""
    for path, model, _ in _described(annotation, tree, ()):
        yield from ((*path, key) for key in _secret_keys(model))


def secret_files_in(annotation: Any, tree: Any) -> list[SecretFile]:
    """The keys of a configuration that name the file of a secret, as `password_file` does for `password`."""
    found = {}
    for path, model, mapping in _described(annotation, tree, ()):
        for key in _keys_with_files(model):
            if key + _FILE in mapping:
                found[*path, key] = (*path, key + _FILE)
    return [SecretFile(secret, file) for secret, file in found.items()]


def paths_in(annotation: Any, tree: Any) -> set[KeyPath]:
    """Where the mappings of a configuration name files by keys typed Path; the files of secrets are not among them."""
    return {
        (*path, key) for path, model, mapping in _described(annotation, tree, ()) for key in _path_keys(model) & mapping.keys()
    }


def secret_values(annotation: Any, tree: Any) -> set[str]:
    """Every text that stands where a secret belongs, whatever its shape; and those of unknown keys: one may be misspelt."""
    if not holds_secret(annotation):
        return set()
    types = [_chosen(each, tree) for each in _alternatives(annotation)]
    inner: list[tuple[Any, Any]] | None = None  # type and value of what lies in it, where it has a shape that fits
    if not is_secret(annotation):
        if isinstance(tree, Mapping) and any(map(_has_fields, types)):
            fields = [_fields(each) for each in types if _has_fields(each)]
            inner = [(known[key], value) for key, value in tree.items() for known in fields if key in known]
            inner += [(SecretStr, value) for key, value in tree.items() if not any(key in known for known in fields)]
        elif isinstance(tree, Mapping) and any(map(_is_mapping, types)):
            inner = [(get_args(each)[-1], value) for each in types if _is_mapping(each) for value in tree.values()]
        elif isinstance(tree, list):
            inner = [(below, value) for each in types for below in get_args(each) for value in tree]
    if inner is None:
        return set(_texts(tree, ()))
    return set().union(*(secret_values(below, value) for below, value in inner))


def _described(annotation: Any, tree: Any, path: KeyPath) -> Iterator[tuple[KeyPath, type[BaseModel], Mapping[str, Any]]]:
    """The mappings of a tree that a model describes."""
    if not isinstance(tree, Mapping | list):
        return
    for each in _alternatives(annotation):
        if isinstance(tree, Mapping) and _is_model(each):
            model = _chosen(each, tree)
            yield path, model, tree
            for key, inner in _fields(model).items():
                if key in tree:
                    yield from _described(inner, tree[key], (*path, key))
        elif _is_mapping(each) and isinstance(tree, Mapping):
            for key, value in tree.items():
                yield from _described(get_args(each)[-1], value, (*path, key))
        elif isinstance(tree, list):
            for inner in get_args(each):
                for number, value in enumerate(tree):
                    yield from _described(inner, value, (*path, number))


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The types a value may have, without `Annotated`, unions, names of types and root models around them."""
    origin = get_origin(annotation)
    named = getattr(annotation, "__value__", None) or getattr(annotation, "__supertype__", None)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for inner in get_args(annotation):
            yield from _alternatives(inner)
    elif named is not None:
        yield from _alternatives(named)
    elif _is_model(annotation) and issubclass(annotation, RootModel):
        yield from _alternatives(annotation.model_fields["root"].annotation)
    else:
        yield annotation


def _below(annotation: Any, part: str | int) -> Iterator[Any]:
    if _has_fields(annotation):
        inner = _fields(annotation).get(str(part))
        if inner is not None:
            yield from _alternatives(inner)
    elif _is_mapping(annotation):
        yield from _alternatives(get_args(annotation)[-1])
    elif isinstance(part, int):
        for inner in get_args(annotation):
            yield from _alternatives(inner)


def _chosen(annotation: Any, tree: Any) -> Any:
    """The model of a source is chosen by its `type`."""
    if annotation is SourceSettings and isinstance(tree, Mapping):
        kind = tree.get("type")
        found = source_types().get(kind) if isinstance(kind, str) else None
        return annotation if found is None else found.settings
    return annotation


@lru_cache(maxsize=256)
def _fields(annotation: Any) -> Mapping[str, Any]:
    """Keys as they are written to the types of their values; what is never to be shown counts as a secret."""
    if not _is_model(annotation):
        return get_type_hints(annotation, include_extras=True)
    fields = {}
    for name, info in annotation.model_fields.items():
        for key in _written(name, info):
            fields[key] = info.annotation if info.repr else _Hidden
    return fields


class _Hidden(Secret[Any]):
    """Stands for the type of a field that is declared with `repr=False`."""


def _written(name: str, info: FieldInfo) -> Sequence[str]:
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return [each for each in alias.choices if isinstance(each, str)] or [name]
    return [alias if isinstance(alias, str) else name]


@lru_cache(maxsize=256)
def _secret_keys(model: type[BaseModel]) -> Sequence[str]:
    return [key for key, inner in _fields(model).items() if is_secret(inner)]


@lru_cache(maxsize=256)
def _path_keys(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(key for key, inner in _fields(model).items() if Path in _alternatives(inner))


@lru_cache(maxsize=256)
def _keys_with_files(model: type[BaseModel]) -> Sequence[str]:
    """The secrets that may also stand in a file; a model that declares `KEY_file` itself means something else by it."""
    fields = _fields(model)
    return [key for key in _secret_keys(model) if fields[key] is not _Hidden and key + _FILE not in fields]


def _is_complete_alone(annotation: Any) -> bool:
    return is_secret(annotation) or any(
        all(is_secret(info.annotation) for info in model.model_fields.values() if info.is_required())
        for model in models_in(annotation)
    )


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _has_fields(annotation: Any) -> bool:
    return isinstance(annotation, type) and (_is_model(annotation) or is_dataclass(annotation) or is_typeddict(annotation))


def _is_mapping(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _is_secret_type(annotation: Any) -> bool:
    bare = get_origin(annotation) or annotation
    return isinstance(bare, type) and issubclass(bare, _SECRET_TYPES)


def _texts(value: Any, above: tuple[int, ...]) -> Iterator[str]:
    """Every text and number in a value; YAML's anchors may make a value hold itself."""
    if isinstance(value, Mapping | list | tuple):
        if id(value) not in above:
            inner = [*value, *value.values()] if isinstance(value, Mapping) else value
            for each in inner:
                yield from _texts(each, (*above, id(value)))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
