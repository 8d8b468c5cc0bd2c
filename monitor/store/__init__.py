"""Where contacts, totals and cursors live: one protocol, an in-memory reference and SQL."""
