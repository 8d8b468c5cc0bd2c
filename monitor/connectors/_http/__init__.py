"""One client for all sources that are read over HTTP: bounded, read-only, and with one meaning for each kind of answer."""
