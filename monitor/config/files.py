"""Files -> plain values: the configuration in YAML, and the one line of a secret's file.

Numbers stay as they are written until a model asks for one: YAML would read the extension 0100 as 64, the country NO as
false and the password 0042 as 34. Keys are texts as well.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, ClassVar, Final, Never

import yaml

from monitor.errors import ConfigError

_TAG: Final = "tag:yaml.org,2002:"
_SECRET_BYTES: Final = 64 * 1024


class _Loader(yaml.SafeLoader):
    """YAML with texts, lists, mappings, true, false and null only; a key that stands twice is an error."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # as PyYAML declares it
    yaml_constructors: ClassVar[dict[str | None, Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != f"{_TAG}merge":
                key.tag = f"{_TAG}str"
                if key.value in seen:
                    # Without a value it is perhaps no key but a secret in braces.
                    name = "a key" if value.value == "" else f"the key {key.value}"
                    raise yaml.constructor.ConstructorError(None, None, f"{name} stands twice", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_flag(self, node: yaml.Node) -> bool:
        """True or false; the tag may also stand before something else."""
        if node.value not in ("true", "True", "TRUE", "false", "False", "FALSE"):
            self.refuse_tag(node)
        return node.value in ("true", "True", "TRUE")

    def refuse_tag(self, node: yaml.Node) -> Never:
        """Any other tag, as `!!int`."""
        raise yaml.constructor.ConstructorError(None, None, "a tag", node.start_mark)


for _kind in ("str", "seq", "map", "null"):
    _Loader.add_constructor(_TAG + _kind, getattr(_Loader, f"construct_yaml_{_kind}"))
_Loader.add_constructor(f"{_TAG}bool", _Loader.construct_flag)
_Loader.add_constructor(None, _Loader.refuse_tag)
_Loader.add_implicit_resolver(f"{_TAG}bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(f"{_TAG}null", re.compile("^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(f"{_TAG}merge", re.compile("^<<$"), ["<"])


def parse_yaml(text: str, where: str) -> Any:
    """The values of a YAML text. Raises ConfigError with the line, never with the text that stands there."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506  # a SafeLoader with fewer types
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f" in line {mark.line + 1}" if mark is not None else ""
        problem = f"not YAML{at}: {_yaml_problem(error)}"
    except RecursionError:
        problem = "not YAML that can be read: it is nested too deeply"
    raise ConfigError(f"{where}: {problem}")  # out here it does not keep PyYAML's error, which holds the whole text


def _yaml_problem(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", None) or "it has characters that are not allowed")
    if "'\\t'" in problem:
        return "there is a tab: indent with spaces, and put a value that begins with a tab in quotes"
    if "alias" in problem or "tag" in problem or "anchor" in problem or "cannot start any token" in problem:
        return "a value that begins with one of * & ! % @ ` wants quotes around it"  # it may be a password
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


def read_secret(path: Path) -> str:
    """The one line of a secret's file. Raises ValueError with the reason, never with its content."""
    try:
        with path.open("rb") as file:
            content = file.read(_SECRET_BYTES + 1)
        text = content.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise ValueError(error.strerror or "cannot be read") from None
    except UnicodeDecodeError:
        raise ValueError("it is not text") from None
    if len(content) > _SECRET_BYTES:
        raise ValueError(f"it is larger than {_SECRET_BYTES // 1024} KiB; it must hold the secret and nothing else")
    if not text.strip():
        raise ValueError("it is empty")
    if "\n" in text or "\0" in text:
        raise ValueError("it has several lines; it must hold the secret and nothing else")
    return text
