"""What contacts of one customer learn of each other, besides our words: when he came and waited. Signals name a related contact.

What is stored already says nothing of that: returns are known from now on.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

#: `owed_until` of what is not settled.
_OPEN = 2**62


def upgrade() -> None:
    """News get another key; call backs and promises that are owed count as not settled, until they are judged again."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.drop_index("news_customer", "news")
    op.execute("CREATE TABLE old_news AS SELECT * FROM news")
    op.drop_table("news")
    _make(
        "news",
        sa.Column("source", text, primary_key=True),
        sa.Column("contact", text, primary_key=True),
        sa.Column("id", text, primary_key=True),
        sa.Column("kind", text, primary_key=True),
        sa.Column("at", sa.BigInteger(), primary_key=True),
        sa.Column("customer", text, nullable=False),
        sa.Column("channel", text, nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("remarks", text, nullable=False),
    )
    op.execute(
        "INSERT INTO news (source, contact, id, kind, at, customer, channel, remarks) "
        "SELECT source, contact, id, 'words', at, min(customer), channel, '' FROM old_news "
        "GROUP BY source, contact, id, at, channel"
    )
    op.drop_table("old_news")
    op.create_index("news_customer", "news", ["customer", "at", "source", "contact"])
    _make(
        "told",
        sa.Column("source", text, primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True),
        sa.Column("since", text, nullable=False),
    )
    op.create_index("told_number", "told", ["number"])
    _make("heard", sa.Column("source", text, primary_key=True), sa.Column("number", sa.BigInteger(), nullable=False))
    op.add_column("signal", sa.Column("related", text))
    op.drop_index("contact_owed", "contact")
    op.add_column("contact", sa.Column("owed_until", sa.BigInteger()))
    op.execute(sa.text("UPDATE contact SET owed_until = :open WHERE owed_since IS NOT NULL").bindparams(open=_OPEN))
    owed = sa.column("owed_since").is_not(None)
    op.create_index("contact_owed", "contact", ["customer", "owed_until", "source"], sqlite_where=owed, postgresql_where=owed)


def _make(name: str, *columns: Any) -> None:
    op.create_table(name, *columns, sqlite_with_rowid=False)
