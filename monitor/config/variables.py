"""Environment variables -> the keys they stand for: `CONTACT_MONITOR__SOURCES__FRONT_DESK__PASSWORD=…`.

Case does not count, and every character of a key that no variable's name may hold is written `_`: so a variable is read
against the names that the file has.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from monitor.config.files import parse_yaml
from monitor.config.schema import KeyPath, secrets_in, takes_free_names, types_at
from monitor.config.trees import overlay, put
from monitor.errors import ConfigError, nearest

ENV_PREFIX: Final = "CONTACT_MONITOR__"
_SURELY_MEANT: Final = 0.75


class _Chosen(NamedTuple):
    """A variable, the keys it stands for, and its text."""

    variable: str
    path: tuple[str, ...]
    text: str


class Variables:
    """What the environment says, as a tree of its own, and which variable said what."""

    def __init__(self, model: type[BaseModel], environ: Mapping[str, str], file: Mapping[str, Any]) -> None:
        self.problems: list[str] = []
        #: Mappings that a variable gives as a whole: nothing of them stays as the file has it.
        self.replaced: list[KeyPath] = []
        self._model = model
        self._file = file
        self._began: dict[str, tuple[str, str]] = {}  # where a variable adds to the file -> variable, nearest key
        # A variable for a part of what another gives as a whole goes before it.
        chosen = sorted(self._chosen(environ), key=lambda each: len(each.path))
        self.values: Mapping[str, Any] = self._read(chosen)
        for each in chosen:
            self._note(each)

    def explained(self, problem: str) -> str:
        """The problem, and which variable it comes from where it does."""
        where = problem.partition(": ")[0]
        for began, (variable, near) in self._began.items():
            if where == began or where.startswith(began + "."):
                hint = f"; did you mean {near}?" if near and "did you mean" not in problem else ""
                return f"{problem}{hint} (from {variable})"
        return problem

    def _chosen(self, environ: Mapping[str, str]) -> Iterable[_Chosen]:
        for variable, text in environ.items():
            name = variable.upper()
            if name.startswith(ENV_PREFIX):
                path = self._keys(name.removeprefix(ENV_PREFIX).lower().split("__"))
                if "" in path:
                    self.problems.append(f"{variable}: no key is named like this; write {ENV_PREFIX}SOURCES__NAME__PASSWORD")
                else:
                    yield _Chosen(variable, path, text)
            elif name.startswith(ENV_PREFIX[:-1]) and "__" in name:
                self.problems.append(f"{variable}: it begins with one underscore too few; write {ENV_PREFIX}…")

    def _keys(self, parts: list[str]) -> tuple[str, ...]:
        """The keys that these parts of a variable's name stand for."""
        tree: Any = self._file
        path = []
        while parts:
            known = _names(tree)
            for count in range(1, len(parts) + 1):  # a key may hold `__` itself
                key = known.get(_plain("__".join(parts[:count])))
                if key is not None:
                    break
            else:
                key, count = parts[0], 1
            path.append(key)
            tree = tree.get(key) if isinstance(tree, Mapping) else None
            parts = parts[count:]
        return tuple(path)

    def _read(self, chosen: Iterable[_Chosen]) -> dict[str, Any]:
        secrets = self._secrets(chosen)
        values: dict[str, Any] = {}
        for variable, path, text in chosen:
            value: Any = text
            if text[:1] in ("[", "{") and path not in secrets:  # a password may begin so
                try:
                    value = parse_yaml(text, variable)
                except ConfigError as error:
                    self.problems += error.problems
                    continue
                if isinstance(value, Mapping):
                    self.replaced.append(path)
            values = put(values, path, value)
        return values

    def _secrets(self, chosen: Iterable[_Chosen]) -> set[KeyPath]:
        """Where secrets are; which keys a source has depends on its type, which a variable may give."""
        as_texts: Any = {}
        for each in chosen:
            as_texts = put(as_texts, each.path, each.text)
        return set(secrets_in(self._model, overlay(self._file, as_texts))) if as_texts else set()

    def _note(self, chosen: _Chosen) -> None:
        """Where the variable leaves what the file has, and what it may have meant there."""
        variable, path, _ = chosen
        tree: Any = self._file
        for depth, key in enumerate(path):
            if not isinstance(tree, Mapping) or key not in tree:
                siblings = _names(tree)
                near = next(iter(nearest(_plain(key), siblings, 1)), "")
                self._began[".".join(path[: depth + 1])] = variable, siblings.get(near, "")
                if self._is_name(path[:depth]) and nearest(_plain(key), siblings, 1, _SURELY_MEANT):
                    self.problems.append(f"{variable}: {path[depth - 1]} has no {key}; did you mean {siblings[near]}?")
                return
            tree = tree[key]
        self._began[".".join(path)] = variable, ""

    def _is_name(self, path: tuple[str, ...]) -> bool:
        """Whether the keys there are names that people give, so that none is unknown."""
        return any(map(takes_free_names, types_at(self._model, path, self._file)))


def _names(tree: Any) -> dict[str, str]:
    return {_plain(key): str(key) for key in tree} if isinstance(tree, Mapping) else {}


def _plain(key: object) -> str:
    return re.sub(r"[^a-z0-9]", "_", str(key).lower())
