"""Signals of one contact point, and of one kind, are found without reading all others."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("signal_point", "signal", ["contact_point", "at"])
    op.create_index("signal_kind", "signal", ["signal", "at"])
