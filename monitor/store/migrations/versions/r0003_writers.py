"""PostgreSQL: who has written how often. SQLite counts that by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table of `engines.postgresql`; the key of `state` still bears the name it had before 0002."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX note_pkey RENAME TO state_pkey")
        op.create_table(
            "writer",
            sa.Column("writer", sa.Text(), primary_key=True),
            sa.Column("writes", sa.BigInteger(), nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        )
