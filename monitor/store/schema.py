"""The tables. Every key begins with the source and nothing refers across sources, so that they can be spread later; but for
`key_check`, one row for all.

Changing this file needs a new revision in `migrations/versions` and `REVISION`; a test compares the two.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, ColumnElement, Float, Index, Integer, MetaData, Table, literal_column
from sqlalchemy import Text as AnyText

#: The revision of `migrations` that makes exactly these tables.
REVISION: Final = "0008"

metadata: Final = MetaData()

#: What names are filed by: microseconds.
DAY: Final = 86_400_000_000

#: Text in the order of its characters' numbers, as SQLite and Python have it: prefixes and listings rest on that.
Text: Final = AnyText().with_variant(AnyText(collation="C"), "postgresql")


def only(condition: ColumnElement[bool]) -> dict[str, Any]:
    """The options of an index that holds the rows which fulfil `condition` alone."""
    return {"sqlite_where": condition, "postgresql_where": condition}


source: Final = Table(
    "source",
    metadata,
    Column("source", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("cursor", Text),  # JSON
    Column("watermark", BigInteger),
    Column("last_outbound", BigInteger),
    sqlite_with_rowid=False,
)

# With its row id: a row is far larger than the twentieth of a page up to which SQLite advises against one.
contact: Final = Table(
    "contact",
    metadata,
    Column("source", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    Column("contact_point", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
    Column("deadline", BigInteger),
    Column("running", Text),
    Column("customer", Text),
    Column("owed_since", BigInteger),
    Column("owed_until", BigInteger),
)

_c: Final = contact.c
Index("contact_begun", _c.begun)
#: The day on which a contact began, since 1970. A figure in the text of the statement: an index serves no parameter.
begun_day: Final = _c.begun.op("/")(literal_column(str(DAY)))
# An index on the id alone, a hash, would touch a page for every contact written: half of the speed of an import. Within a day
# the pages are few; looking one up goes from day to day (docs/decisions/names.md).
Index("contact_id", begun_day, _c.id)
Index("contact_deadline", _c.source, _c.deadline, _c.contact, _c.contact_point, **only(_c.deadline.is_not(None)))
Index("contact_running", _c.source, **only(_c.running.is_not(None)))
Index("contact_owed", _c.customer, _c.owed_until, _c.source, **only(_c.owed_since.is_not(None)))
Index("contact_over", _c.last, **only(_c.deadline.is_(None) & _c.running.is_(None)))

# Events that people call by a name, as a mail by its Message-ID. Filed by the day of the event, for the same reason as
# `contact_id`.
named_event: Final = Table(
    "named_event",
    metadata,
    Column("source", Text, primary_key=True),
    Column("day", Integer, primary_key=True),  # since 1970
    Column("event", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    sqlite_with_rowid=False,
)

# What contacts of one customer learn of each other. A source's rows are written by its own transactions, and read by all.
news: Final = Table(
    "news",
    metadata,
    Column("source", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("customer", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("until", BigInteger),
    Column("remarks", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("news_customer", news.c.customer, news.c.at, news.c.source, news.c.contact)

# That something was told, by number, for sources that another process reads, and for after a restart.
told: Final = Table(
    "told",
    metadata,
    Column("source", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("since", Text, nullable=False),  # JSON: {customer: moment}
    sqlite_with_rowid=False,
)
Index("told_number", told.c.number)

heard: Final = Table(
    "heard",
    metadata,
    Column("source", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

signal: Final = Table(
    "signal",
    metadata,
    Column("source", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    Column("contact_point", Text, primary_key=True),
    Column("signal", Text, primary_key=True),
    Column("occurrence", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("waited_seconds", Float),
    Column("limit_seconds", Float),
    Column("related", Text),
    sqlite_with_rowid=False,
)
Index("signal_at", signal.c.at)
Index("signal_point", signal.c.contact_point, signal.c.at)
Index("signal_kind", signal.c.signal, signal.c.at)

total: Final = Table(
    "total",
    metadata,
    Column("source", Text, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("labels", Text, primary_key=True),  # JSON array of label values
    Column("value", Float, nullable=False),
    sqlite_with_rowid=False,
)

week: Final = Table(
    "week",
    metadata,
    Column("source", Text, primary_key=True),
    Column("contact_point", Text, primary_key=True),
    Column("signal", Text, primary_key=True),
    Column("week_start", Text, primary_key=True),  # ISO date
    Column("assessed", Integer, nullable=False),
    Column("signals", Integer, nullable=False),
    sqlite_with_rowid=False,
)

place: Final = Table(
    "place",
    metadata,
    Column("source", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("contact_point", Text, nullable=False),
    Column("channel", Text, nullable=False),
    sqlite_with_rowid=False,
)

gap: Final = Table(
    "gap",
    metadata,
    Column("source", Text, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("until", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

state: Final = Table(
    "state",
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What tells the key that customers are hashed with from another one; one row, or none before the key is first used.
key_check: Final = Table("key_check", metadata, Column("value", Text, primary_key=True), sqlite_with_rowid=False)
