"""The contacts of one customer around a moment, in SQL: found by what they told of him, nearest first."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select, union_all

from monitor.store import schema
from monitor.store.base import LOOKED_AT, ContactRow, FoundContact
from monitor.store.unit import CONTACT_COLUMNS

#: Names that are asked for in one statement: two questions each, of which SQLite takes 500.
_NAMES_AT_ONCE: Final = 64


def around(
    connection: Connection, customers: Collection[str], moment: int, since: int, until: int, most: int
) -> Sequence[FoundContact]:
    """As `Store.around`. One statement, unless the customer has very many names."""
    found: dict[tuple[str, str, str], tuple[int, FoundContact]] = {}
    names = iter(sorted(set(customers)))
    while some := tuple(islice(names, _NAMES_AT_ONCE)):
        for away, source, *row in connection.execute(_nearest(some, moment, since, until, most)):
            if source is None:  # it has gone, and what it told not yet
                continue
            contact = FoundContact(source, ContactRow(*row))
            key = (source, contact.row.contact, contact.row.contact_point)
            if key not in found or away < found[key][0]:
                found[key] = (away, contact)
    nearest = sorted(found.values(), key=lambda each: (each[0], each[1].source, each[1].row[:2]))
    return [contact for _, contact in nearest[:most]]


def _nearest(customers: Sequence[str], moment: int, since: int, until: int, most: int) -> Select[Any]:
    """Both sides of the moment are read from the index on, so that it costs the same however often he came."""
    contact = schema.contact.c
    told = union_all(*(side for name in customers for side in _sides(name, moment, since, until))).subquery()
    named = (told.c.source, told.c.contact, told.c.id)
    away = func.min(func.abs(told.c.at - moment)).label("away")
    near = select(*named, away).group_by(*named).order_by(away, *named).limit(most).subquery("near")
    same = (near.c.source == contact.source) & (near.c.contact == contact.contact) & (near.c.id == contact.id)
    # An outer join, so that no planner reads all contacts and looks each one up in the few.
    return select(near.c.away, contact.source, *CONTACT_COLUMNS).select_from(near.outerjoin(schema.contact, same))


def _sides(name: str, moment: int, since: int, until: int) -> Iterator[Select[Any]]:
    news = schema.news.c
    of_name = select(news.source, news.contact, news.id, news.at).where(news.customer == name)
    before = of_name.where(news.at >= since, news.at <= moment).order_by(news.at.desc(), news.source.desc(), news.contact.desc())
    after = of_name.where(news.at > moment, news.at <= until).order_by(news.at, news.source, news.contact)
    for side in (before, after):
        yield select(side.limit(LOOKED_AT).subquery())
