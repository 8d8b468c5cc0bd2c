"""Nested mappings and lists as they come from files: reading, changing and laying one over the other, without touching either."""

from collections.abc import Mapping
from typing import Any, Final

from monitor.config.schema import KeyPath

_ABSENT: Final = object()


def holds(tree: Any, path: KeyPath) -> bool:
    """Whether something stands at a path; a key whose value is null does not count."""
    found = _find(tree, path)
    return found is not None and found is not _ABSENT


def find(tree: Any, path: KeyPath) -> Any:
    """The value at a path; None where nothing stands."""
    found = _find(tree, path)
    return None if found is _ABSENT else found


def put(tree: Any, path: KeyPath, value: Any) -> Any:
    """The tree with a value at a path; mappings that are missing on the way are made."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(tree, list) and isinstance(key, int):
        return [put(each, rest, value) if number == key else each for number, each in enumerate(tree)]
    mapping = tree if isinstance(tree, Mapping) else {}
    return {**mapping, key: put(mapping.get(key), rest, value)}


def remove(tree: Any, path: KeyPath) -> Any:
    """The tree without what stands at a path."""
    if _find(tree, path) is _ABSENT:
        return tree
    *way, last = path
    parent = find(tree, tuple(way))
    return put(tree, tuple(way), {key: value for key, value in parent.items() if key != last})


def overlay(below: Any, above: Any) -> Any:
    """Two trees as one: where both have a mapping they are joined, elsewhere `above` goes before."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: overlay(below.get(key), value) for key, value in above.items()}}


def _find(tree: Any, path: KeyPath) -> Any:
    for key in path:
        if isinstance(tree, Mapping):
            tree = tree.get(key, _ABSENT)
        elif isinstance(tree, list) and isinstance(key, int) and key < len(tree):
            tree = tree[key]
        else:
            return _ABSENT
    return tree
