"""A file, the environment and secret files -> one checked configuration; all problems at once, one line each.

file (files) -> environment over it (variables) -> secrets from their files (layers) -> models -> what one section says of
another (cross_check). What pydantic finds wrong is put into words by messages. Nothing here opens anything but files.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from monitor.config.cross_check import cross_check
from monitor.config.files import read_file
from monitor.config.layers import ConfigFile, Environment, SecretFiles
from monitor.config.messages import problems as in_words
from monitor.config.models import Settings
from monitor.config.schema import secrets_in
from monitor.config.trees import holds, overlay
from monitor.config.variables import ENV_PREFIX
from monitor.errors import ConfigError, did_you_mean


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The configuration of a file (None: none) with the environment over it. Raises ConfigError with every problem."""
    if path is None:
        return build({}, environ)
    return build(read_file(path), environ, path.parent)


#: What a file of other limits may hold.
_OF_LIMITS: Final = ("policies", "calendars")


def load_under(path: Path | None, environ: Mapping[str, str], limits: Path) -> Settings:
    """The same with other policies and calendars: what the file `limits` says of them goes before all else, key by key; what it
    leaves out is as in the configuration. Raises ConfigError with every problem of that file, one line each, with its name.
    """
    changed = read_file(limits)
    unknown = [key for key in changed if key not in _OF_LIMITS]
    if unknown:
        raise ConfigError(
            *(f"{limits}: {key}: is none of the sections of limits{did_you_mean(key, _OF_LIMITS)}" for key in unknown)
        )
    if not changed:
        raise ConfigError(f"{limits}: holds no limits: write `policies:` there, as in the configuration")
    directory = path.parent if path is not None else Path()
    file = ConfigFile(Settings, read_file(path) if path is not None else {}, directory)
    present = overlay(file.values, Environment(Settings, environ, file).values)
    under = overlay({key: present.get(key) for key in _OF_LIMITS}, changed)
    # The variables of these sections are in `present`: they would go before the file again.
    taken = tuple(f"{ENV_PREFIX}{key.upper()}" for key in _OF_LIMITS)
    rest = {name: text for name, text in environ.items() if not name.upper().startswith(taken)}
    try:
        settings = build({**file.values, **under}, rest, directory)
    except ConfigError as error:
        raise ConfigError(*(f"{limits}: {problem}" for problem in error.problems)) from None
    policies, hours = (set(present.get(key) or ()) for key in _OF_LIMITS)
    # Contact points are not in the file, so that a name which is new in it leads to nothing.
    hours |= {each.calendar for each in settings.policies.values()}
    led_to = {"policies": {*policies, "default"}, "calendars": hours - {None}}
    if strange := [
        f"{limits}: {key}.{name}: nothing in the configuration has it{did_you_mean(name, known)}"
        for key, known in led_to.items()
        for name in changed.get(key) or ()
        if name not in known
    ]:
        raise ConfigError(*strange)
    return settings


def files_with_secrets(path: Path | None, environ: Mapping[str, str]) -> Mapping[str, Path]:
    """The files that hold the secrets of a configuration that `load` takes, by the keys that name them.

    The configuration file itself, where secrets stand in it, is named by `--config`. Raises ConfigError where it cannot be read.
    """
    raw = read_file(path) if path is not None else {}
    file = ConfigFile(Settings, raw, path.parent if path is not None else Path())
    secret_files = SecretFiles(Settings, Environment(Settings, environ, file), file)
    # the address of a store is shown nowhere, but holds no password: that is refused
    inside = any(holds(file.values, each) for each in secrets_in(Settings, file.values) if each != ("store",))
    return {**({"--config": path} if path is not None and inside else {}), **secret_files.files}


def build(raw: Mapping[str, Any], environ: Mapping[str, str] | None = None, directory: Path = Path()) -> Settings:
    """The configuration of values as a file in `directory` has them. Raises ConfigError with every problem, one line each."""
    file = ConfigFile(Settings, raw, directory)
    environment = Environment(Settings, environ or {}, file)
    secret_files = SecretFiles(Settings, environment, file)
    found = list(secret_files.problems)
    try:
        settings = Settings(_build_sources=((environment, secret_files, file), {}))
    except ValidationError as error:
        found += (each for each in in_words(error, Settings) if each.partition(": ")[0] not in secret_files.unread)
    related = cross_check(overlay(overlay(file.values, secret_files.values), environment.values))
    found += (each for each in related if each.partition(": ")[0] not in secret_files.unread)
    problems = [*environment.variables.problems, *(environment.variables.explained(secret_files.named(each)) for each in found)]
    if problems:
        raise ConfigError(*problems)
    return settings
