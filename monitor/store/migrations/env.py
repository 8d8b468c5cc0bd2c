"""What Alembic runs: the revisions, on the connection it was given, inside that connection's open transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
