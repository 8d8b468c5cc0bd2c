"""What contacts of one customer learn of each other, whichever source reads them: when we spoke with him or wrote to him.

Before, a phone contact said of itself when its customer was reached, and only contacts of its own source learned of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table, filled with what phone contacts have said; replies of before are not in it."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "news",
        sa.Column("source", text, primary_key=True),
        sa.Column("customer", text, primary_key=True),
        sa.Column("at", sa.BigInteger(), primary_key=True),
        sa.Column("contact", text, primary_key=True),
        sa.Column("channel", text, nullable=False),
        sa.Column("id", text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO news SELECT source, customer, reached_at, contact, channel, min(id) FROM contact "
        "WHERE customer IS NOT NULL AND reached_at IS NOT NULL GROUP BY source, customer, reached_at, contact, channel"
    )
    op.create_index("news_customer", "news", ["customer", "at", "source", "contact"])
    op.drop_index("contact_reached", "contact")
    op.drop_index("contact_missed", "contact")
    op.execute("ALTER TABLE contact DROP COLUMN reached_at")
    op.execute("ALTER TABLE contact RENAME COLUMN missed_at TO owed_since")
    owed = sa.column("owed_since").is_not(None)
    op.create_index("contact_owed", "contact", ["customer", "source"], sqlite_where=owed, postgresql_where=owed)
