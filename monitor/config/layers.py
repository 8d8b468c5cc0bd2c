"""The three places a configuration comes from, as sources of pydantic-settings: environment, secret files, YAML file.

pydantic-settings lays them over each other; the first goes before. Its own readers cannot be used as they are: they know
neither a source called `front-desk`, nor numbers that stay as they are written, nor the file of a secret by its type.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from monitor.config.files import read_secret
from monitor.config.schema import KeyPath, SecretFile, paths_in, secret_files_in
from monitor.config.trees import find, holds, overlay, put, remove
from monitor.config.variables import Variables


class _Values(dict[str, Any]):
    """Values as they were given. pydantic-settings can be made to log them, and secrets are among them."""

    def __repr__(self) -> str:
        return f"{len(self)} sections"


class Layer(PydanticBaseSettingsSource):
    """What one place says."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, Any], directory: Path = Path()) -> None:
        """`directory`: where relative paths in it begin; default: where the program was started."""
        super().__init__(settings_cls)
        self.values: Mapping[str, Any] = values
        self.directory: Final = directory

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The value of one section, its key, and that it needs no decoding."""
        key = field.alias or field_name
        return self.values.get(key), key, False

    def __call__(self) -> dict[str, Any]:
        return _Values(self.values)


class ConfigFile(Layer):
    """The YAML file."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, Any], directory: Path = Path()) -> None:
        given = {str(key): value for key, value in values.items() if value is not None}  # None: a title alone
        super().__init__(settings_cls, given, directory)

    def place_paths(self, all_values: Mapping[str, Any]) -> None:
        """Makes the relative paths of keys typed Path begin at the file's directory. `all_values` name the types of sources."""
        for path in paths_in(self.settings_cls, all_values):
            named = find(self.values, path)
            if isinstance(named, str) and named:
                self.values = put(self.values, path, str(self.directory / named))


class Environment(Layer):
    """Variables, which name the keys of the file under it. What they replace as a whole is taken out of the file."""

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str], file: ConfigFile) -> None:
        self.variables = Variables(settings_cls, environ, file.values)
        super().__init__(settings_cls, self.variables.values)
        for path in self.variables.replaced:
            file.values = remove(file.values, path)
        file.place_paths(overlay(file.values, self.values))


class SecretFiles(Layer):
    """The secrets that stand in files of their own: `password_file` for `password`, by the type of the field.

    The keys that name the files are taken out of the other layers: no model knows them.
    """

    def __init__(self, settings_cls: type[BaseSettings], environment: Layer, file: Layer) -> None:
        super().__init__(settings_cls, {})
        self.problems: list[str] = []
        #: Keys that name the file of a secret, and the files that could be read.
        self.files: dict[str, Path] = {}
        self._origins: dict[str, str] = {}  # the key of a secret -> the key that names its file
        #: The secrets that could not be read. Something stands in their place, so that they are not missing as well.
        self.unread: set[str] = set()
        for named in secret_files_in(settings_cls, overlay(file.values, environment.values)):
            for layer in (environment, file):
                if not holds(layer.values, named.file):  # a key without a value
                    layer.values = remove(layer.values, named.file)
            if holds(environment.values, named.file):
                self._take(named, environment)
                file.values = remove(file.values, named.file)
            elif holds(environment.values, named.secret):  # which goes before the file that the file names
                file.values = remove(file.values, named.file)
            elif holds(file.values, named.file):
                self._take(named, file)

    def _take(self, named: SecretFile, layer: Layer) -> None:
        where, value = find(layer.values, named.file), None
        key, file_key = named.secret[-1], named.file[-1]
        if holds(layer.values, named.secret):
            self.problems.append(f"{_written(named.secret[:-1])}: give {key} or {file_key}, not both")
        elif not isinstance(where, str | Path) or not str(where):
            self.problems.append(f"{_written(named.file)}: write the path of a file here")
        else:
            try:
                file = layer.directory / where
                value = read_secret(file)
                self.files[_written(named.file)] = file
                self._origins[_written(named.secret)] = _written(named.file)
            except ValueError as error:
                shown = where if str(where).startswith(("/", ".")) else "the file"  # perhaps it is the secret itself
                begins = "" if Path(where).is_absolute() else f"; a relative path begins at {layer.directory.absolute()}"
                self.problems.append(f"{_written(named.file)}: cannot use {shown}: {error}{begins}")
        layer.values = remove(layer.values, named.file)
        if value is None:
            self.unread.add(_written(named.secret))
            value = "unread"
        if any(isinstance(part, int) for part in named.secret):  # a list is one value: its layer gives it as a whole
            layer.values = put(layer.values, named.secret, value)
        else:
            self.values = put(self.values, named.secret, value)

    def named(self, problem: str) -> str:
        """A problem with a secret, with the file that the secret was read from."""
        key, _, what = problem.partition(": ")
        origin = self._origins.get(key)
        return problem if origin is None else f"{origin}: {self.files[origin]} {what}"


def _written(path: KeyPath) -> str:
    return ".".join(map(str, path))
