"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def only(condition: sa.ColumnElement[bool]) -> dict[str, Any]:
    """The options of a partial index."""
    return {"sqlite_where": condition, "postgresql_where": condition}


def upgrade() -> None:
    """Create everything."""
    text, moment = sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), sa.BigInteger()
    op.create_table(
        "source",
        sa.Column("source", text, primary_key=True),
        sa.Column("version", moment, nullable=False),
        sa.Column("position", text),
        sa.Column("complete_until", moment),
        sa.Column("last_outbound", moment),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact",
        sa.Column("source", text, primary_key=True),
        sa.Column("contact", text, primary_key=True),
        sa.Column("contact_point", text, primary_key=True),
        sa.Column("id", text, nullable=False),
        sa.Column("channel", text, nullable=False),
        sa.Column("begun", moment, nullable=False),
        sa.Column("last", moment, nullable=False),
        sa.Column("record", text, nullable=False),
        sa.Column("deadline", moment),
        sa.Column("running", text),
        sa.Column("customer", text),
        sa.Column("missed_at", moment),
        sa.Column("reached_at", moment),
    )
    deadline: sa.ColumnClause[int] = sa.column("deadline")
    running: sa.ColumnClause[str] = sa.column("running")
    missed_at: sa.ColumnClause[int] = sa.column("missed_at")
    reached_at: sa.ColumnClause[int] = sa.column("reached_at")
    op.create_index("contact_begun", "contact", ["begun", "id"])
    op.create_index(
        "contact_deadline",
        "contact",
        ["source", "deadline", "contact", "contact_point"],
        **only(deadline.is_not(None)),
    )
    op.create_index("contact_running", "contact", ["source"], **only(running.is_not(None)))
    op.create_index("contact_missed", "contact", ["source", "customer"], **only(missed_at.is_not(None)))
    op.create_index("contact_reached", "contact", ["source", "customer", "reached_at"], **only(reached_at.is_not(None)))
    op.create_index("contact_over", "contact", ["last"], **only(deadline.is_(None) & running.is_(None)))
    op.create_table(
        "signal",
        sa.Column("source", text, primary_key=True),
        sa.Column("contact", text, primary_key=True),
        sa.Column("contact_point", text, primary_key=True),
        sa.Column("signal", text, primary_key=True),
        sa.Column("occurrence", text, primary_key=True),
        sa.Column("channel", text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("waited_seconds", sa.Float()),
        sa.Column("limit_seconds", sa.Float()),
        sqlite_with_rowid=False,
    )
    op.create_index("signal_at", "signal", ["at"])
    op.create_table(
        "total",
        sa.Column("source", text, primary_key=True),
        sa.Column("metric", text, primary_key=True),
        sa.Column("labels", text, primary_key=True),
        sa.Column("value", sa.Float(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "week",
        sa.Column("source", text, primary_key=True),
        sa.Column("contact_point", text, primary_key=True),
        sa.Column("signal", text, primary_key=True),
        sa.Column("week_start", text, primary_key=True),
        sa.Column("assessed", sa.Integer(), nullable=False),
        sa.Column("signals", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "place",
        sa.Column("source", text, primary_key=True),
        sa.Column("place", text, primary_key=True),
        sa.Column("contact_point", text, nullable=False),
        sa.Column("channel", text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gap",
        sa.Column("source", text, primary_key=True),
        sa.Column("since", moment, primary_key=True),
        sa.Column("until", moment, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "note",
        sa.Column("source", text, primary_key=True),
        sa.Column("key", text, primary_key=True),
        sa.Column("value", text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sqlite_with_rowid=False,
    )
