"""docs/operations.md followed beside a running daemon: looked up, copied, restored, moved to a real PostgreSQL, upgraded."""

import json
from pathlib import Path

import pytest

from tests.docs.walk.checkout import ENVIRONMENT, Repository, with_own_python
from tests.docs.walk.markdown import Block
from tests.docs.walk.walker import PAGE_SECONDS, Walk
from tests.docs.walk.ways import after, lines_with
from tests.servers.postgresql import REAL_SERVER, Postgresql
from tests.servers.requirement import require

pytestmark = [*REAL_SERVER, pytest.mark.waits(9), pytest.mark.timeout(PAGE_SECONDS)]
PAGE = "docs/operations.md"
#: What is running when the page is opened: the queue and the calendar of its examples, fed by a program.
CONFIG = """
timezone: Europe/London
calendars: {office: {hours: {mon-fri: "09:00-17:30"}}}
sources: {pbx: {type: events, token: a-token-of-the-test}}
contact_points: {support-line: {source: pbx, channel: phone}}
"""
CALL = "1793610000.1"
#: Where the page has an id of ours.
ID = "0123456789abcdef"
#: Longer than the limit of 20 s, after the moment since which the page lists.
EVENTS = [
    {"contact": CALL, "contact_point": "support-line", "channel": "phone", "kind": kind, "at": f"2026-11-02T09:{at}Z"}
    for kind, at in (("queued", "30:00"), ("answered", "30:45"), ("ended", "31:00"))
]


class Installation:
    """The daemon, and the checkout that it was installed from."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def began(self, walk: Walk) -> None:
        """It has counted one call."""
        walk.save("contact-monitor.yaml", CONFIG)
        (walk.directory() / "calls.jsonl").write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
        walk.type("contact-monitor import calls.jsonl --config contact-monitor.yaml")
        explained = walk.type(f"contact-monitor explain {CALL} --json --config contact-monitor.yaml")
        walk.replaced[ID] = json.loads(explained)["contact"]
        walk.type("contact-monitor run --config contact-monitor.yaml")

    def is_lost(self, walk: Walk) -> None:
        """The store is damaged while the daemon is down."""
        walk.stop()
        (walk.directory() / "contacts.db").write_bytes(b"no store any more")
        (walk.directory() / "contacts.db-wal").write_bytes(b"of another one")

    def is_back(self, walk: Walk, block: Block) -> None:
        walk.type(block.text)
        walk.type("contact-monitor run --config contact-monitor.yaml")
        assert_the_call_is_known(walk)

    def has_a_newer_version(self, walk: Walk) -> None:
        """Since the clone was made the repository has gone on."""
        self._repository.cloned(walk)
        walk.type("python3 -m venv .venv")
        (self._repository.path / "monitor" / "newer.py").write_text("")
        self._repository.commit("Newer")

    def is_newer(self, walk: Walk, block: Block) -> None:
        walk.type(block.text)
        walk.type("cd /\n~/contact-monitor/.venv/bin/python -c 'import monitor.newer'\ncd")


def assert_the_call_is_known(walk: Walk, variables: str = "", config: str = "contact-monitor.yaml") -> None:
    said = walk.type(f"{variables}contact-monitor signals --since 2026-11-02T09:00:00Z --config {config}")
    assert len(lines_with(said, "support-line", "long_wait")) == 1


def is_copied(walk: Walk, block: Block) -> None:
    """The copy is a store of its own, for its owner alone."""
    walk.type(block.text)
    for name in ("copy.db", "copy.db.key"):
        assert (walk.directory() / name).stat().st_mode & 0o077 == 0
    assert_the_call_is_known(walk, "CONTACT_MONITOR__STORE=sqlite:copy.db ")


def is_in_the_database(walk: Walk, block: Block) -> None:
    """The page's configuration, with a source that tells nothing new, reads what was copied there."""
    walk.type(block.text)
    assert_the_call_is_known(walk, config="database.yaml")


def database_configured(walk: Walk, block: Block) -> None:
    walk.type("openssl rand -hex 16 > ami")
    walk.save("database.yaml", block.text)


def is_refused(walk: Walk, block: Block) -> None:
    """A second daemon on the store of the first."""
    said = walk.type("true; contact-monitor run --config contact-monitor.yaml || test $? = 4")
    before, _, after_it = block.text.partition("(process 4711")
    assert before.rpartition(": ")[2] in said, said
    assert after_it.rpartition(": ")[2].strip() in said, said


def with_an_old_hotline(walk: Walk) -> None:
    """Discovered by one call, and configured nowhere."""
    events = [event | {"contact": "old", "contact_point": "old-hotline"} for event in EVENTS]
    walk.save("old.jsonl", "".join(json.dumps(event) + "\n" for event in events))
    walk.type("contact-monitor import old.jsonl --config contact-monitor.yaml")


def forgotten(walk: Walk, block: Block) -> None:
    """Without a terminal nobody can be asked: `--yes`, as the page says."""
    walk.type(block.text.replace(" --config", " --yes --config"))
    said = walk.type("contact-monitor signals --since 2026-11-02T09:00:00Z --config contact-monitor.yaml")
    assert lines_with(said, "long_wait") == []


def looked_up(walk: Walk, block: Block) -> None:
    said = walk.type(block.text)
    assert "2026-11-03 12:30:00" in said, said  # half an hour on Monday evening, three and a half from nine on Tuesday
    assert said.count(walk.replaced[ID]) >= 2


def asked(walk: Walk, block: Block) -> None:
    said = walk.type(block.text)
    assert f'"contact": "{walk.replaced[ID]}"' in said, said
    assert "long_wait" in said


def test_the_page_s_commands_do_what_it_says(tmp_path: Path, postgresql: Postgresql):
    for program in ("curl", "openssl", "createuser", "createdb"):
        require(program)
    installation = Installation(Repository(tmp_path))
    server = f"postgresql://walker@127.0.0.1:{postgresql.port}/contacts"
    own = {
        "postgresql://monitor@db.example.org/contacts?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem": server,
        "postgresql://monitor@db.example.org/contacts": server,
        "createuser monitor": "createuser walker",
        "--owner monitor": "--owner walker",
        "/run/secrets/privacy-key": "privacy-key",
        "/run/secrets/ami": "ami",
    }
    environment = {"PGHOST": "127.0.0.1", "PGPORT": str(postgresql.port), "PGUSER": "monitor"}
    ways = {
        "another daemon": is_refused,
        ".backup(": is_copied,
        "contact-monitor forget": after(with_an_old_hotline, forgotten),
        "cp copy.db contacts.db": after(installation.is_lost, installation.is_back),
        "store: postgresql": database_configured,
        "store copy": after(Walk.stop, is_in_the_database),
        "git pull": after(installation.has_a_newer_version, installation.is_newer),
        "contact-monitor hours": looked_up,
        "curl -s": after(lambda walk: walk.type("contact-monitor run --config contact-monitor.yaml"), asked),
    }
    with with_own_python(Walk(tmp_path, replaced=own, environment=ENVIRONMENT | environment)) as walk:
        installation.began(walk)
        try:
            walk.follow(PAGE, ways)
        finally:
            postgresql.drop(postgresql.url("contacts"))
            postgresql.execute("DROP ROLE IF EXISTS walker")
