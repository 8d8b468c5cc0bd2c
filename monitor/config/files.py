"""Configuration as written -> plain values: a YAML file, the environment over it, secrets read from their files.

Numbers stay as they are written until a model asks for one: YAML would read the extension 0100 as 64, the country NO as
false and the password 0042 as 34. A value from the environment is then read exactly as one from the file.
"""

import re
from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import yaml

from monitor.errors import ConfigError

ENV_PREFIX: Final = "CONTACT_MONITOR__"
#: Keys whose values are never shown; each may be given as `KEY_file` instead.
SECRETS: Final = ("password", "token", "key")
#: Sections in which a name alone is complete: a variable that misspells one would make another.
_NAMED: Final = ("contact_points", "policies", "calendars")
_NAMED_BELOW: Final = ("accounts", "users")
_SURELY_MEANT: Final = 0.75
_SECRET_BYTES: Final = 64 * 1024


class _Loader(yaml.SafeLoader):
    """YAML with texts, lists, mappings, true, false and null only; a key that stands twice is an error."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # as PyYAML declares it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen and name != "<<":
                raise yaml.constructor.ConstructorError(None, None, f"the key {name} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("^<<$"), ["<"])


def parse_yaml(text: str, where: str) -> Any:
    """The values of a YAML text. Raises ConfigError with the line, never with the text that stands there."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506  # a SafeLoader with fewer types
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f" in line {mark.line + 1}" if mark is not None else ""
        raise ConfigError(f"{where}: not YAML{at}: {_yaml_problem(error)}") from None
    except RecursionError:
        raise ConfigError(f"{where}: not YAML that can be read: it is nested too deeply") from None


def _yaml_problem(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", None) or "it has characters that are not allowed")
    if "alias" in problem or "tag" in problem or "anchor" in problem or "cannot start any token" in problem:
        return "a value that begins with one of * & ! % @ ` or a tab wants quotes around it"  # it may be a password
    return problem


def read_file(path: Path) -> dict[str, Any]:
    """The values of a configuration file. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: cannot read the configuration: {why}") from None
    parsed = parse_yaml(text, str(path))
    if parsed is not None and not isinstance(parsed, dict):
        raise ConfigError(f"{path}: a configuration is a mapping of keys, as `sources:`")
    return parsed or {}


class Overlay:
    """The environment over a file: `CONTACT_MONITOR__SOURCES__PBX__PASSWORD=…`.

    Case does not count, and every character of a key that no variable's name may hold is written `_`.
    """

    def __init__(self, raw: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._began: dict[str, tuple[str, str]] = {}  # where a variable adds to the file -> variable, near key
        tree: dict[str, Any] = dict(raw)
        chosen = []
        for variable, value in environ.items():
            name = variable.upper()
            if name.startswith(ENV_PREFIX):
                path = self._path(raw, name.removeprefix(ENV_PREFIX).lower().split("__"))
                if "" in path:
                    self.problems.append(f"{variable}: no key is named like this; write {ENV_PREFIX}SOURCES__NAME__PASSWORD")
                else:
                    chosen.append((variable, path, value))
            elif name.startswith(ENV_PREFIX[:-1]) and "__" in name:
                self.problems.append(f"{variable}: it begins with one underscore too few; write {ENV_PREFIX}…")
        for _, path, _ in chosen:
            tree = _put(tree, _twin(path), None, remove=True)
        for variable, path, value in chosen:
            structured = value[:1] in ("[", "{")
            tree = _put(tree, path, parse_yaml(value, variable) if structured else value)
            self._note(raw, variable, path)
        self.raw = tree

    def explained(self, problem: str) -> str:
        """The problem, and which variable it comes from where it does."""
        where = problem.partition(": ")[0]
        for began, (variable, near) in self._began.items():
            if where == began or where.startswith(began + "."):
                hint = f"; did you mean {near}?" if near and "did you mean" not in problem else ""
                return f"{problem}{hint} (from {variable})"
        return problem

    def _path(self, raw: Mapping[str, Any], parts: list[str]) -> list[str]:
        """The keys that these parts of a variable's name stand for."""
        tree: Any = raw
        path = []
        while parts:
            known = {_plain(key): str(key) for key in tree} if isinstance(tree, Mapping) else {}
            for count in range(1, len(parts) + 1):  # a key may hold `__` itself
                key = known.get(_plain("__".join(parts[:count])))
                if key is not None:
                    break
            else:
                key, count = parts[0], 1
            path.append(key)
            tree = tree.get(key) if isinstance(tree, Mapping) else None
            parts = parts[count:]
        return path

    def _note(self, raw: Mapping[str, Any], variable: str, path: list[str]) -> None:
        tree: Any = raw
        for depth, key in enumerate(path):
            if not isinstance(tree, Mapping) or key not in tree:
                siblings = {_plain(each): str(each) for each in tree} if isinstance(tree, Mapping) else {}
                near = next(iter(get_close_matches(_plain(key), siblings, n=1)), "")
                self._began[".".join(path[: depth + 1])] = variable, siblings.get(near, "")
                named = depth > 0 and ((depth == 1 and path[0] in _NAMED) or path[depth - 1] in _NAMED_BELOW)
                if named and get_close_matches(_plain(key), siblings, cutoff=_SURELY_MEANT):
                    self.problems.append(f"{variable}: {path[depth - 1]} has no {key}; did you mean {siblings[near]}?")
                return
            tree = tree[key]
        self._began[".".join(path)] = variable, ""


def _plain(key: object) -> str:
    return re.sub(r"[^a-z0-9]", "_", str(key).lower())


def _twin(path: list[str]) -> list[str]:
    """`password_file` for `password` and the other way round: the environment replaces either."""
    last = path[-1]
    if last in SECRETS:
        return [*path[:-1], last + "_file"]
    if last.removesuffix("_file") in SECRETS:
        return [*path[:-1], last.removesuffix("_file")]
    return []


def _put(tree: Mapping[str, Any], path: list[str], value: Any, *, remove: bool = False) -> dict[str, Any]:
    out = dict(tree)
    if not path:
        return out
    key, rest = path[0], path[1:]
    if rest:
        below = out.get(key)
        if isinstance(below, Mapping) or not remove:
            out[key] = _put(below if isinstance(below, Mapping) else {}, rest, value, remove=remove)
    elif remove:
        out.pop(key, None)
    else:
        out[key] = value
    return out


def with_secrets(where: str, raw: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Reads `token_file`, `password_file` and `key_file` into the key they stand for; appends to `problems`."""
    out = dict(raw)
    for key, value in raw.items():
        plain = key.removesuffix("_file")
        if key == "accounts" and isinstance(value, Mapping):
            out[key] = {
                name: with_secrets(f"{where}.{key}.{name}", account, problems) if isinstance(account, Mapping) else account
                for name, account in value.items()
            }
        elif key.endswith("_file") and plain in SECRETS and isinstance(value, str | Path):
            del out[key]
            if plain in raw:
                problems.append(f"{where}: give {plain} or {key}, not both")
                continue
            try:
                out[plain] = _read_secret(Path(value))
            except ValueError as error:
                problems.append(f"{where}.{key}: cannot use {value}: {error}")
                out[plain] = "unread"
    return out


def _read_secret(path: Path) -> str:
    """The one line of a secret's file. Raises ValueError with the reason, never with its content."""
    try:
        with path.open("rb") as file:
            text = file.read(_SECRET_BYTES).decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from None
    except UnicodeDecodeError:
        raise ValueError("it is not text") from None
    if not text.strip():
        raise ValueError("it is empty")
    if "\n" in text or "\0" in text:
        raise ValueError("it has several lines; it must hold the secret and nothing else")
    return text
