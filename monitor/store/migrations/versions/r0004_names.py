"""Contacts by our id and by the Message-ID of a mail: found day by day instead of by reading everything."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from monitor import log
from monitor.store import migrations

revision = "0004"
down_revision = "0003"

_DAY: Final = 86_400_000_000
_READ_AT_ONCE: Final = 500
#: What a mail's event is called: 16 hex digits.
_ID_LENGTH: Final = 16


def upgrade() -> None:
    """Two indexes are made, and e-mail conversations looked through once; no row of them is touched."""
    connection = op.get_bind()
    some = sa.select(sa.literal(1)).select_from(sa.table("contact")).limit(1)
    if connection.execute(some.offset(migrations.SHOWN_EVERY - 1)).first() is not None:
        log.get("store").info("contacts are indexed by their names, once; that takes a while", revision=revision)
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.drop_index("contact_begun", "contact")
    op.create_index("contact_begun", "contact", ["begun"])
    day = sa.column("begun").op("/")(sa.literal_column(str(_DAY)))
    op.create_index("contact_id", "contact", [day, "id"])
    op.create_table(
        "named_event",
        sa.Column("source", text, primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True),
        sa.Column("event", text, primary_key=True),
        sa.Column("contact", text, primary_key=True),
        sqlite_with_rowid=False,
    )
    named = _named(connection)
    put = sa.text("INSERT INTO named_event VALUES (:source, :day, :event, :contact) ON CONFLICT DO NOTHING")
    while rows := list(islice(named, _READ_AT_ONCE)):
        connection.execute(put, rows)


def _named(connection: sa.Connection) -> Iterator[Mapping[str, Any]]:
    """The mails of all conversations, in the order in which these began: that is nearly the order of the days."""
    wanted = sa.text("SELECT source, contact, record FROM contact WHERE channel = 'email' ORDER BY begun")
    with connection.execute(wanted, execution_options={"yield_per": _READ_AT_ONCE}) as found:
        for number, (source, contact, record) in enumerate(found, 1):
            for event_id, _, at, *_ in json.loads(record)["e"]:
                if len(event_id) == _ID_LENGTH:
                    yield {"source": source, "day": at // _DAY, "event": event_id, "contact": contact}
            if number % migrations.SHOWN_EVERY == 0:
                log.get("store").info("looked through conversations", revision=revision, conversations=number)
