"""What all helpdesks have in common: a ticket's history -> events, and reading what changed. See docs/new-connector.md."""
