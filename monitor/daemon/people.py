"""The file that says which numbers and addresses are one customer's: read at the start, hashed, and dropped."""

import csv
import io
from pathlib import Path
from typing import Final

from monitor.config.models import Settings
from monitor.domain.customer import customer_hasher
from monitor.domain.people import People, read_people
from monitor.errors import ConfigError

_MOST_BYTES: Final = 64 * 1024 * 1024
_DELIMITERS: Final = ",;\t"


def people_of(settings: Settings, key: bytes) -> People:
    """Raises ConfigError where the file cannot be read. What stands in it is never shown."""
    file = settings.people.file
    text = "" if file is None else _read(file)
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(_DELIMITERS, key=first.count))
    try:
        return read_people(rows, customer_hasher(key, settings.country), settings.people.shared)
    except csv.Error:
        raise ConfigError(
            f"people.file: {file}: line {rows.line_num} is no line of CSV: look for a quote that is left open"
        ) from None


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"people.file: {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"people.file: {file}: it is not UTF-8 text: save it as CSV in UTF-8") from None
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"people.file: {file}: it is larger than {_MOST_BYTES >> 20} MiB")
    return text
