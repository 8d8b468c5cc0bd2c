"""Which privacy key the customers are hashed with: a store from before takes the one that is in use when it is opened next."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table, empty."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table("key_check", sa.Column("value", text, primary_key=True), sqlite_with_rowid=False)
