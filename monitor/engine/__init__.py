"""What runs: one runner a source, ingest in one transaction, the sweep over deadlines, the live state."""
