"""The words of the second edition: a source has a cursor and a watermark, a connector has state."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Rename; no row is touched."""
    op.execute("ALTER TABLE source RENAME COLUMN position TO cursor")
    op.execute("ALTER TABLE source RENAME COLUMN complete_until TO watermark")
    op.execute("ALTER TABLE note RENAME TO state")
