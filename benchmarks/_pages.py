"""What the pages and a scrape ask of whoever serves them, in benchmarks that serve them without a daemon."""

from collections.abc import Mapping

from monitor.publish.web.hosts import Hosts


class OpenToAll:
    """Nobody logs in; loopback asks."""

    def users(self) -> Mapping[str, str] | None:
        return None

    def hosts(self) -> Hosts:
        return Hosts(frozenset(), without_dot=False)
