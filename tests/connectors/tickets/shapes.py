"""Answers in which something is of another type than it ever was: answers are kept, and given again with one value changed.

`told` keeps what a real pass was answered; `faults` makes a pass of each change and says which it did not survive as it must.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any, Final
from unittest.mock import patch

from monitor.connector import Batch
from monitor.connectors._http.answers import Answer, Problem
from monitor.connectors._http.client import HttpClient
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.errors import AuthError, ConfigError, SourceError, TransientError

JUNK: Final[list[Any]] = [
    None, True, 3, -1, 10**40, "x", "", [], {}, [[]], [3], [None], {"id": []}, {"key": 3},
]  # fmt: skip
#: Where a whole pass is made for each change: a number, a text, an object, each of a kind that is hard to bear.
FEW: Final[list[Any]] = [10**40, "x", {"id": []}]

#: Words by which a record says what it is of.
_KINDS: Final = ("type", "field_name", "attribute", "object", "property", "HistoryType", "Type", "Field")
_ATTEMPTS: Final = 3
_NOTHING: Final = object()

Path = tuple[Any, ...]
#: What was asked for -> the JSON that was the answer.
Told = dict[tuple[str, str, str], Any]


def paths(data: Any, before: Path = ()) -> Iterator[Path]:
    """To everything that is in it."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, each in inside:
        yield (*before, step)
        yield from paths(each, (*before, step))


def _unlike(data: Any) -> Iterator[Path]:
    """The same without what has the same place in a list's row of the same kind as another: records differ by a word or two."""
    seen = set()
    for path in paths(data):
        row: Any = data
        kind = []
        for step in path[:-1]:
            row = row[step]
            kind += [str(row.get(key)) for key in _KINDS if key in row] if isinstance(row, dict) else []
        place = tuple("*" if isinstance(step, int) else step for step in path), tuple(kind), type(row)
        if place not in seen:
            seen.add(place)
            yield path


def put(data: Any, path: Path, junk: Any) -> Any:
    """The same with `junk` at `path`; what lies beside the path is shared."""
    if not path:
        return junk
    changed = dict(data) if isinstance(data, dict) else list(data)
    changed[path[0]] = put(data[path[0]], path[1:], junk)
    return changed


def _key(method: str, path: str, params: Any, body: Any) -> tuple[str, str, str]:
    return method, path, json.dumps([params, body], sort_keys=True)


async def told(connector: HelpdeskConnector) -> Told:
    """All that one pass is answered."""
    kept: Told = {}
    ask = HttpClient._ask

    async def asked(client: HttpClient, method: str, path: str, params: Any, body: Any, *cost: int) -> Answer | Problem:
        answer = await ask(client, method, path, params, body, *cost)
        if isinstance(answer, Answer):
            kept[_key(method, path, params, body)] = answer.body
        return answer

    with patch.object(HttpClient, "_ask", asked):
        rejected = [each async for batch in connector.read(None) for each in batch.rejected]
        assert not rejected, rejected
    return kept


@contextmanager
def telling(answers: Told, now: datetime) -> Iterator[None]:
    """Every HttpClient is answered so; what was never asked for at a path is answered as something else was there."""
    like = {path: body for (_, path, _), body in answers.items()}

    async def asked(_client: HttpClient, method: str, path: str, params: Any, body: Any, *_cost: int) -> Answer | Problem:
        known = answers.get(_key(method, path, params, body), like.get(path, _NOTHING))
        return Problem("missing", 404) if known is _NOTHING else Answer(known, {}, now)

    with patch.object(HttpClient, "_ask", asked), patch("monitor.connectors._http.client._tls", lambda _settings: True):
        yield


def _storable(batch: Batch) -> None:
    """As the store takes it: numbers of 64 bits, text that is UTF-8. Raises OverflowError, UnicodeEncodeError."""
    for each in chain(*batch.events, *batch.state.items(), *batch.names.items()):
        if isinstance(each, int):
            each.to_bytes(8, signed=True)
        else:
            str(each).encode()
    json.dumps(batch.cursor, ensure_ascii=False).encode()


async def _read(connector: HelpdeskConnector) -> None:
    """A pass; what one ticket made fail three times running is set aside."""
    for attempt in range(_ATTEMPTS):
        try:
            async for batch in connector.read(None):
                _storable(batch)
        except TransientError:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return


async def faults(answers: Told, make: Callable[[], HelpdeskConnector], now: datetime, junk: Any, of_one: str) -> list[str]:
    """Changes after which a pass ends otherwise than it may.

    Of requests whose path matches `of_one`, which tell of one ticket, none may stop the others; any other may be taken for a
    server that nobody knows.
    """
    found = []
    for key, body in answers.items():
        for path in ((), *_unlike(body)):
            try:
                with telling({**answers, key: put(body, path, junk)}, now):
                    await _read(make())
            except (AuthError, ConfigError):
                pass
            except SourceError as error:
                if re.search(of_one, key[1]):
                    found.append(f"{junk!r} at {key[1]} {path}: {error}")
            except Exception as error:
                found.append(f"{junk!r} at {key[1]} {path}: {type(error).__name__} {error}")
    return found
