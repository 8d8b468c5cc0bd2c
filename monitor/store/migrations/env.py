"""What Alembic runs: the revisions, on the connection it was given, inside that connection's open transaction."""

from alembic import context

from monitor.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
