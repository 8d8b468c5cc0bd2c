"""One open transaction in SQL. Its statements are compiled once and handed to the driver as they are.

A row costs SQLAlchemy more than it costs the database (docs/decisions/store.md), so rows go to the driver's `executemany`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice, repeat
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql import ClauseElement

from monitor.domain.news import TELLING, News
from monitor.domain.returns import MOST_NEWS, Told
from monitor.errors import CursorMoved
from monitor.store import schema
from monitor.store.base import (
    MOST_COMINGS,
    NO_CURSOR,
    OPEN,
    TOLD_KEPT,
    ContactKey,
    ContactRow,
    CursorRow,
    NamedEvent,
    PlaceRow,
    SignalRow,
    ToldNews,
    TotalKey,
    WeekKey,
)
from monitor.store.engines import SqlEngine

CONTACT_COLUMNS: Final = tuple(schema.contact.c[name] for name in ContactRow._fields)
NEWS_COLUMNS: Final = tuple(schema.news.c[name] for name in News._fields)
SIGNAL_COLUMNS: Final = tuple(schema.signal.c[name] for name in SignalRow._fields)
#: How many values one `IN` may take; a shorter list is filled up with its last value, so that few statements serve all.
_SIZES: Final = (1, 8, 64, 512)
#: How many questions about one customer each are put at once; fewer are filled up with ones that find nothing.
_AT_ONCE: Final = (1, 8, 64)
_FIRST: Final = "0 AS question"
_QUESTION: Final[ColumnElement[Any]] = literal_column("0").label("question")
_BY_PHONE: Final = schema.news.c.channel == literal_column("'phone'")
_ELSEWHERE: Final = (schema.news.c.source != bindparam("own_source")) | (schema.news.c.contact != bindparam("besides"))


#: What tells the news of one source apart.
_NEWS_KEY: Final = tuple(column.name for column in schema.news.primary_key)[1:]
_IN_TABLE: Final = tuple(News._fields.index(column.name) for column in list(schema.news.columns)[1:])


def _news_row(news: News) -> tuple[Any, ...]:
    """Without its source, in the order of the table."""
    return tuple(news[place] for place in _IN_TABLE)


class Statements:
    """Every statement of a transaction as the driver takes it, in the order of its parameters."""

    def __init__(self, engine: SqlEngine) -> None:
        dialect, upsert = engine.dialect, engine.upsert

        def text(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        def among(column: Column[Any], *conditions: Any) -> dict[int, str]:
            found = select(*CONTACT_COLUMNS).where(column.table.c.source == bindparam("source"))
            return {
                size: text(found.where(column.in_([bindparam(f"value_{n}") for n in range(size)]), *conditions))
                for size in _SIZES
            }

        source, contact, signal, state = schema.source.c, schema.contact.c, schema.signal.c, schema.state.c
        self.cursor_row = text(
            select(source.version, source.cursor, source.watermark, source.last_outbound).where(
                source.source == bindparam("source")
            )
        )
        self.first_move = text(insert(schema.source))
        self.move = text(
            update(schema.source)
            .values({name: bindparam(f"new_{name}") for name in ("version", "cursor", "watermark", "last_outbound")})
            .where(source.source == bindparam("name"), source.version == bindparam("seen"))
        )
        self.contacts = among(contact.contact)
        self.owing = {size: text(owed(size, contact.source, contact.customer, contact.owed_until)) for size in _SIZES}
        # Of many customers SQLite would rather go through all contacts of the source: an expression has no index.
        mine = contact.source.concat(literal_column("''")) == bindparam("source")
        self.owed = {size: text(owed(size, *CONTACT_COLUMNS).where(mine)) for size in _SIZES}
        self.due = text(
            select(*CONTACT_COLUMNS)
            .where(contact.source == bindparam("source"), contact.deadline <= bindparam("until"))
            .order_by(contact.deadline, contact.contact, contact.contact_point)
            .limit(bindparam("most"))
            .offset(bindparam("skipped"))
        )
        self.first_words = {
            spoken: {size: text(_first_words(size, condition)) for size in _SIZES}
            for spoken, condition in ((True, _BY_PHONE), (False, _ELSEWHERE | _BY_PHONE))
        }
        news, told = schema.news.c, schema.told.c
        self.news_before = _at_once(text(_news_before()))
        self.came = _at_once(text(_came()))
        self.news_of = {
            size: text(
                select(*NEWS_COLUMNS).where(
                    news.source == bindparam("source"), news.contact.in_([bindparam(f"value_{n}") for n in range(size)])
                )
            )
            for size in _SIZES
        }
        self.put_news = text(upsert(schema.news))
        self.drop_news = text(
            delete(schema.news).where(*(news[name] == bindparam(f"its_{name}") for name in ("source", *_NEWS_KEY)))
        )
        self.put_told = text(upsert(schema.told))
        self.drop_told = text(delete(schema.told).where(told.source == bindparam("source"), told.number < bindparam("before")))
        self.put_heard = text(upsert(schema.heard))
        self.put_contact = text(upsert(schema.contact))
        self.drop_contact = text(
            delete(schema.contact).where(
                contact.source == bindparam("source"),
                contact.contact == bindparam("contact"),
                contact.contact_point == bindparam("contact_point"),
            )
        )

        self.put_named_event = text(upsert(schema.named_event))
        # No index leads from a contact to its events: that would cost every mail, and this is asked for by hand alone.
        event = schema.named_event.c
        is_left = exists().where(contact.source == event.source, contact.contact == event.contact)
        of_source = delete(schema.named_event).where(event.source == bindparam("source"), ~is_left)
        self.drop_named_events = {
            size: text(of_source.where(event.contact.in_([bindparam(f"value_{n}") for n in range(size)]))) for size in _SIZES
        }
        self.put_signal = text(upsert(schema.signal))
        self.drop_signal = text(
            delete(schema.signal).where(
                signal.source == bindparam("source"),
                signal.contact == bindparam("contact"),
                signal.contact_point == bindparam("contact_point"),
                signal.signal == bindparam("signal"),
                signal.occurrence == bindparam("occurrence"),
            )
        )
        self.add_total = text(upsert(schema.total, adding=("value",)))
        self.add_week = text(upsert(schema.week, adding=("assessed", "signals")))
        self.put_place = text(upsert(schema.place))
        place = schema.place.c
        self.drop_places = text(
            delete(schema.place).where(place.source == bindparam("source"), place.contact_point == bindparam("contact_point"))
        )
        self.put_state = text(upsert(schema.state))
        self.drop_state = text(delete(schema.state).where(state.source == bindparam("source"), state.key == bindparam("key")))
        self.put_gap = text(upsert(schema.gap))


def _first_words(size: int, condition: ColumnElement[bool]) -> Select[Any]:
    news = schema.news.c
    return (
        select(news.source, *NEWS_COLUMNS)
        .where(
            news.customer.in_([bindparam(f"customer_{n}") for n in range(size)]),
            news.at > bindparam("after"),
            news.kind == literal_column("'words'"),
            condition,
        )
        .order_by(news.at, news.source, news.contact)
        .limit(bindparam("most"))
        .offset(bindparam("skipped"))
    )


def owed(size: int, *columns: Any) -> Select[Any]:
    """Contacts of so many customers to whom something is owed, or was after a moment."""
    contact = schema.contact.c
    return select(*columns).where(
        contact.customer.in_([bindparam(f"value_{n}") for n in range(size)]),
        contact.owed_since.is_not(None),
        contact.owed_until > bindparam("after"),
    )


def _news_before() -> Select[Any]:
    """The latest news of a customer until a moment."""
    news = schema.news.c
    one = (
        select(_QUESTION, news.source, *NEWS_COLUMNS)
        .where(news.customer == bindparam("customer"), news.at <= bindparam("until"))
        .order_by(news.at.desc(), news.source.desc(), news.contact.desc())
        .limit(literal_column(str(MOST_NEWS)))
        .offset(literal_column("0"))
    )
    return select(one.subquery())


def _came() -> Select[Any]:
    """With which contacts a customer came from a moment on: the first."""
    news = schema.news.c
    one = (
        select(_QUESTION, news.source, news.contact, news.id, news.at)
        .where(
            news.customer == bindparam("customer"), news.at >= bindparam("since"),
            news.kind.in_([literal_column(f"'{kind}'") for kind in TELLING]),
        )
        .order_by(news.at, news.source, news.contact)
        .limit(literal_column(str(MOST_COMINGS)))
        .offset(literal_column("0"))
    )  # fmt: skip
    return select(one.subquery())


def _at_once(one: str) -> dict[int, str]:
    """A question about one customer, so many times in one statement, each with its number. As text: to compile a statement of
    64 parts takes a quarter of a second."""
    return {size: " UNION ALL ".join(one.replace(_FIRST, f"{number} AS question") for number in range(size)) for size in _AT_ONCE}


def in_questions(asked: Sequence[tuple[str, int]], nothing: int) -> Iterator[tuple[Any, ...]]:
    """The parameters of so many questions at once as `_AT_ONCE` has; what fills up asks for nobody at the moment `nothing`."""
    for start in range(0, len(asked), _AT_ONCE[-1]):
        part = asked[start : start + _AT_ONCE[-1]]
        size = next(size for size in _AT_ONCE if size >= len(part))
        yield tuple(chain.from_iterable((*part, *repeat(("", nothing), size - len(part)))))


class SqlUnit:
    """One open transaction on one source's rows."""

    def __init__(self, source: str, connection: Connection, statements: Statements) -> None:
        self._source, self._connection, self._sql = source, connection, statements

    def cursor_row(self) -> CursorRow:
        rows = self._rows(self._sql.cursor_row, (self._source,))
        return as_cursor_row(rows[0]) if rows else NO_CURSOR

    def move(self, version: int, cursor: dict[str, Any] | None, watermark: int | None, last_outbound: int | None) -> None:
        old = self.cursor_row()
        if old.version != version:
            raise CursorMoved(f"source {self._source}: somebody else has read on from version {version} to {old.version}")
        new = (
            version + 1,
            None if cursor is None else json.dumps(cursor),
            old.watermark if watermark is None else watermark,
            old.last_outbound if last_outbound is None else last_outbound,
        )
        if old is NO_CURSOR:
            self._connection.exec_driver_sql(self._sql.first_move, (self._source, *new))
        elif self._connection.exec_driver_sql(self._sql.move, (*new, self._source, version)).rowcount != 1:
            raise CursorMoved(f"source {self._source}: somebody else has read on from version {version}")

    def contacts(self, keys: Iterable[ContactKey]) -> dict[ContactKey, ContactRow]:
        wanted = set(keys)
        rows = self._among(self._sql.contacts, {contact for contact, _ in wanted})
        return {key: row for row in rows if (key := row[:2]) in wanted}

    def contacts_named(self, names: Iterable[str]) -> dict[str, list[ContactRow]]:
        found: defaultdict[str, list[ContactRow]] = defaultdict(list)
        for row in self._among(self._sql.contacts, set(names)):
            found[row.contact].append(row)
        return {name: sorted(rows, key=lambda row: row.contact_point) for name, rows in found.items()}

    def due(self, until: int, limit: int) -> Sequence[ContactRow]:
        return [ContactRow(*row) for row in self._rows(self._sql.due, (self._source, until, limit, 0))]

    def owed(self, since: Mapping[str, int]) -> Sequence[ContactRow]:
        found = []
        for chunk in in_chunks(since):
            rows = self._rows(self._sql.owed[len(chunk)], (*chunk, min(since[name] for name in chunk), self._source))
            found += [row for row in map(ContactRow._make, rows) if (row.owed_until or 0) > since[row.customer or ""]]
        return sorted(found, key=lambda row: (row.owed_since, row[:2]))

    def came(self, since: Mapping[str, int], *, besides: Collection[str] = ()) -> Sequence[ContactRow]:
        found = set()
        for parameters in in_questions(list(since.items()), OPEN):
            rows = self._rows(self._sql.came[len(parameters) // 2], parameters)
            found |= {
                (contact, our_id) for _, source, contact, our_id, _ in rows if source == self._source and our_id not in besides
            }
        of_names = self._among(self._sql.contacts, {contact for contact, _ in found})
        return sorted((row for row in of_names if (row.contact, row.id) in found), key=lambda row: (row.begun, row[:2]))

    def comings(self, asked: Sequence[tuple[Collection[str], int]]) -> list[set[tuple[str, str, int]]]:
        found: list[set[tuple[str, str, int]]] = [set() for _ in asked]
        questions = [(number, name, since) for number, (names, since) in enumerate(asked) for name in set(names)]
        for start, parameters in enumerate(in_questions([question[1:] for question in questions], OPEN)):
            for question, source, contact, _, at in self._rows(self._sql.came[len(parameters) // 2], parameters):
                found[questions[start * _AT_ONCE[-1] + question][0]].add((source, contact, at))
        return found

    def put_news(self, rows: Sequence[News]) -> None:
        self._many(self._sql.put_news, [(self._source, *_news_row(row)) for row in rows])

    def drop_news(self, rows: Sequence[News]) -> None:
        self._many(self._sql.drop_news, [(self._source, *(getattr(row, name) for name in _NEWS_KEY)) for row in rows])

    def news_of(self, contacts: Iterable[str]) -> list[News]:
        found: list[News] = []
        for chunk in in_chunks(set(contacts)):
            found += map(News._make, self._rows(self._sql.news_of[len(chunk)], (self._source, *chunk)))
        return found

    def first_words(self, customers: Iterable[str], after: int, *, spoken: bool, besides: str) -> Told | None:
        apart = () if spoken else (self._source, besides)
        found: list[Told] = []
        for chunk in in_chunks(set(customers)):
            for source, *row in self._rows(self._sql.first_words[spoken][len(chunk)], (*chunk, after, *apart, 1, 0)):
                found.append(Told(source, News(*row)))
        return min(found, key=lambda each: (each.news.at, each.source, each.news.contact), default=None)

    def news_before(self, asked: Sequence[tuple[Collection[str], int]]) -> list[list[Told]]:
        found: list[list[Told]] = [[] for _ in asked]
        questions = [(number, name, until) for number, (names, until) in enumerate(asked) for name in set(names)]
        for start, parameters in enumerate(in_questions([question[1:] for question in questions], -OPEN)):
            for question, source, *row in self._rows(self._sql.news_before[len(parameters) // 2], parameters):
                number = questions[start * _AT_ONCE[-1] + question][0]
                found[number].append(Told(source, News(*row)))
        return found

    def put_told(self, told: ToldNews) -> None:
        self._many(self._sql.put_told, [(self._source, told.number, json.dumps(told.since))])

    def have_heard(self, number: int) -> None:
        self._many(self._sql.put_heard, [(self._source, number)])
        self._many(self._sql.drop_told, [(self._source, number - TOLD_KEPT)])

    def put_contacts(self, rows: Sequence[ContactRow]) -> None:
        self._many(self._sql.put_contact, [(self._source, *row) for row in rows])

    def drop_contacts(self, keys: Sequence[ContactKey]) -> None:
        self._many(self._sql.drop_contact, [(self._source, *key) for key in keys])

    def put_named_events(self, rows: Sequence[NamedEvent]) -> None:
        self._many(self._sql.put_named_event, [(self._source, row.at // schema.DAY, row.event, row.contact) for row in rows])

    def drop_named_events(self, contacts: Collection[str]) -> None:
        for chunk in in_chunks(contacts):
            self._connection.exec_driver_sql(self._sql.drop_named_events[len(chunk)], (self._source, *chunk))

    def put_signals(self, rows: Sequence[SignalRow]) -> None:
        self._many(self._sql.put_signal, [(self._source, *row) for row in rows])

    def drop_signals(self, keys: Sequence[tuple[str, str, str, str]]) -> None:
        self._many(self._sql.drop_signal, [(self._source, *key) for key in keys])

    def add_totals(self, deltas: Mapping[TotalKey, float]) -> None:
        rows = [(self._source, metric, _as_json(labels), delta) for (metric, labels), delta in deltas.items()]
        self._many(self._sql.add_total, rows)

    def add_weeks(self, deltas: Mapping[WeekKey, tuple[int, int]]) -> None:
        self._many(self._sql.add_week, [(self._source, *key, *pair) for key, pair in deltas.items()])

    def put_places(self, rows: Sequence[PlaceRow]) -> None:
        self._many(self._sql.put_place, [(self._source, *row) for row in rows])

    def drop_places(self, contact_point: str) -> None:
        self._many(self._sql.drop_places, [(self._source, contact_point)])

    def write_state(self, entries: Mapping[str, str | None], at: int) -> None:
        kept = [(self._source, key, value, at) for key, value in entries.items() if value is not None]
        self._many(self._sql.put_state, kept)
        self._many(self._sql.drop_state, [(self._source, key) for key, value in entries.items() if value is None])

    def put_gap(self, since: int, until: int) -> None:
        self._many(self._sql.put_gap, [(self._source, since, until)])

    def _many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.exec_driver_sql(sql, rows)

    def _rows(self, sql: str, parameters: tuple[Any, ...]) -> Sequence[Any]:
        return self._connection.exec_driver_sql(sql, parameters).fetchall()

    def _among(self, by_size: Mapping[int, str], values: Iterable[str]) -> Iterator[ContactRow]:
        for chunk in in_chunks(values):
            for row in self._rows(by_size[len(chunk)], (self._source, *chunk)):
                yield ContactRow(*row)


@lru_cache(maxsize=16_384)  # the same few labels come with every batch
def _as_json(labels: tuple[str, ...]) -> str:
    return json.dumps(labels)


def in_chunks(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """`values` in tuples whose lengths are of `_SIZES`, the last one filled up by repeating its last value."""
    rest = iter(values)
    while chunk := tuple(islice(rest, _SIZES[-1])):
        size = next(size for size in _SIZES if size >= len(chunk))
        yield chunk + chunk[-1:] * (size - len(chunk))


def as_cursor_row(row: Sequence[Any]) -> CursorRow:
    """(version, cursor as JSON, watermark, last_outbound) as stored -> CursorRow."""
    version, cursor, watermark, last_outbound = row
    return CursorRow(version, None if cursor is None else json.loads(cursor), watermark, last_outbound)
