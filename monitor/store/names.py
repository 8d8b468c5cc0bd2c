"""Contacts by the names that people use, in SQL: our id, the source's own name, an event that has a name.

Ids and events are filed by days (`schema.contact_id`, `schema.named_event`). A look-up goes from one day that holds any to the
next: it costs the same however many contacts a day has.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, exists, func, select, tuple_

from monitor.store import schema
from monitor.store.base import ContactRow, FoundContact, holds_event
from monitor.store.unit import CONTACT_COLUMNS

Connecting = Callable[[], AbstractContextManager[Connection]]

#: Rows that a listing holds in memory.
_READ_AT_ONCE: Final = 500
#: How many old names `prune` looks at in one go.
_LOOKED_AT_ONCE: Final = 2_000
_BEFORE_ALL_DAYS: Final = -(2**31)


def contacts(connection: Connection, *conditions: ColumnElement[bool], order: Sequence[Any] = ()) -> Iterator[FoundContact]:
    """Contacts that fulfil these conditions, as they are asked for."""
    wanted = select(schema.contact.c.source, *CONTACT_COLUMNS).where(*conditions).order_by(*order)
    with streamed(connection, wanted) as rows:
        for source, *row in rows:
            yield FoundContact(source, ContactRow(*row))


def streamed(connection: Connection, wanted: Select[*tuple[Any, ...]]) -> AbstractContextManager[Iterable[Sequence[Any]]]:
    """Rows as they are asked for. To be closed: a listing that nobody finishes would keep its cursor on the server."""
    return connection.execute(wanted.execution_options(yield_per=_READ_AT_ONCE))


def by_id(connection: Connection, contact_id: str) -> Iterator[FoundContact]:
    """Contacts of this id of ours."""
    return contacts(connection, schema.begun_day.in_(_values(schema.begun_day)), schema.contact.c.id == contact_id)


def by_own_name(connection: Connection, name: str) -> Iterator[FoundContact]:
    """Contacts that their source calls so. The name leads no index of its own: asking each source costs one look-up each."""
    contact = schema.contact.c
    for source in _all(connection, contact.source):
        yield from contacts(connection, contact.source == source, contact.contact == name)


def by_event(connection: Connection, event_id: str) -> Iterator[FoundContact]:
    """Contacts that hold this event, of those that have a name."""
    contact, event = schema.contact.c, schema.named_event.c
    for source in _all(connection, event.source):
        days = _values(event.day, event.source == source)
        wanted = select(event.contact).where(event.source == source, event.day.in_(days), event.event == event_id)
        for name in sorted(set(connection.execute(wanted).scalars())):
            found = contacts(connection, contact.source == source, contact.contact == name)
            yield from (each for each in found if holds_event(each.row.record, event_id))


def prune_events(reading: Connecting, writing: Connecting, before: int) -> Iterator[int]:
    """Drop the named events of contacts that are gone. An event of a contact that was over by `before` is no younger itself.

    Each step is one short transaction, and none where nothing is to be dropped.
    """
    event = schema.named_event.c
    with reading() as connection:
        sources = list(_all(connection, event.source))
    for source in sources:
        key, last = (event.day, event.event, event.contact), (_BEFORE_ALL_DAYS, "", "")
        while True:
            old = (event.source == source, event.day <= before // schema.DAY, tuple_(*key) > last)
            part = select(*key, _is_kept(event.source, event.contact)).where(*old).order_by(*key).limit(_LOOKED_AT_ONCE)
            with reading() as connection:
                rows = connection.execute(part).all()
            if not rows:
                break
            last = tuple(rows[-1][:3])
            gone = [{"of": source, "on": day, "id": name, "in": contact} for day, name, contact, kept in rows if not kept]
            if gone:
                with writing() as connection:
                    connection.execute(_DROP, gone)
            yield 0


def _is_kept(source: Any, contact: Any) -> ColumnElement[bool]:
    kept = schema.contact.c
    return exists().where(kept.source == source, kept.contact == contact)


#: Asks once more: a contact may have come back since it was looked at.
_DROP: Final = delete(schema.named_event).where(
    schema.named_event.c.source == bindparam("of"),
    schema.named_event.c.day == bindparam("on"),
    schema.named_event.c.event == bindparam("id"),
    schema.named_event.c.contact == bindparam("in"),
    ~_is_kept(schema.named_event.c.source, schema.named_event.c.contact),
)


def _all(connection: Connection, column: ColumnElement[Any]) -> Iterator[Any]:
    """Every value of a column that leads an index, one look-up each."""
    return connection.execute(_values(column)).scalars()


def _values(column: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    """The same within a statement; the column leads what an index has behind the columns of `conditions`."""
    least = select(func.min(column).label("value")).where(*conditions)
    values = least.cte("found", recursive=True)
    following = select(func.min(column)).where(*conditions, column > values.c.value).scalar_subquery()
    values = values.union_all(select(following).select_from(values).where(values.c.value.is_not(None)))
    return select(values.c.value).where(values.c.value.is_not(None))
